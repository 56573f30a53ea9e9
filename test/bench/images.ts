import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseCompression } from '../../src/images/bytes/compression.js';
import { ActionError } from '../../src/lib/errors.js';
import { findProgram, installPackages } from '../cluster/build/packages.js';
import { run } from '../cluster/command.js';
import { tool } from '../helpers/tools.js';
import { type Bench, type Figure, figure, median, promised } from './figure.js';
import { BYTES, LAYERS, makeSources, type Source, type Sources } from './images-sources.js';

/** Rounds; in each, both read every source, and the one that goes first changes. */
const ROUNDS = 3;
const MB = 1e6;
/** Peak memory promised for reading images of any size, MB. */
const PROMISED_MEGABYTES = 300;

/** What it took to bring one source onto the disk in the form in which it is to travel. */
interface Turn {
  readonly seconds: number;
  /** Most memory that the process ever held, MB. */
  readonly megabytes: number;
  /** Processor time of all threads, seconds. */
  readonly processor: number;
  readonly layers: Layers;
  /** Seconds for unpacking and hashing each layer afterwards, where the reader itself does not. */
  readonly checking?: number;
}

/** The layers that came out. */
interface Layers {
  /** Media types, each once. */
  readonly types: readonly string[];
  /** Bytes of all layers. */
  readonly bytes: number;
}

/** One of the two that are compared. */
interface Reader {
  readonly name: string;
  /** Reads a source; `directory` is empty, on the disk of the sources, and removed afterwards. */
  read(source: Source, directory: string): Promise<Turn>;
}

/**
 * How fast images are read, and in how much memory, beside the tool that copies images everywhere.
 * The two compress alike. Of layers that are compressed already skopeo checks the bytes as they are;
 * ours also unpacks each one and checks what comes out, before anything reaches a cluster.
 */
export const images: Bench = {
  name: 'images',
  about: `reading an image of ${LAYERS} layers, ${Math.round(BYTES / MB)} MB, against skopeo copy`,
  async *run(log) {
    if (findProgram('time') === undefined) await installPackages(['time'], log);
    const skopeo = await tool('skopeo');
    const sources = await makeSources(skopeo, log);
    try {
      const readers = [ours(sources), copy(skopeo, sources)] as const;
      const turns = new Map<Source, Map<Reader, Turn[]>>(
        sources.all.map((source) => [source, new Map(readers.map((reader) => [reader, []]))]),
      );
      for (let round = 0; round < ROUNDS; round++) {
        for (const source of sources.all) {
          for (const reader of round % 2 === 0 ? readers : readers.toReversed()) {
            const turn = await takeTurn(reader, source, sources.directory);
            turns.get(source)?.get(reader)?.push(turn);
            const spent = `${turn.seconds.toFixed(1)} s, ${Math.round(turn.megabytes)} MB`;
            log(`round ${round + 1} of ${ROUNDS}, ${source.what}, ${reader.name}: ${spent}`);
          }
        }
      }
      for (const [source, of] of turns) {
        const [mine, peers] = readers.map((reader) => of.get(reader) as Turn[]);
        yield* figuresOf(source, mine as Turn[], peers as Turn[]);
      }
    } finally {
      await sources.close();
    }
  },
};

async function takeTurn(reader: Reader, source: Source, parent: string): Promise<Turn> {
  const directory = join(parent, 'turn');
  await mkdir(directory);
  try {
    return await reader.read(source, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function* figuresOf(
  { what }: Source,
  mine: readonly Turn[],
  peers: readonly Turn[],
): Iterable<Figure> {
  expectSameForm(what, [...mine, ...peers]);
  const compare = (name: string, unit: string, of: (turn: Turn) => number) =>
    figure('images', `${what}, ${name}`, unit, 'less', median(mine.map(of)), {
      name: 'skopeo',
      value: median(peers.map(of)),
    });
  yield compare('time', 's', (turn) => turn.seconds);
  if (peers.some(({ checking }) => checking !== undefined)) {
    yield figure('images', `${what}, time`, 's', 'less', median(mine.map((turn) => turn.seconds)), {
      name: 'skopeo, then gzip and sha256sum for the same checks',
      value: median(peers.map(({ seconds, checking = 0 }) => seconds + checking)),
    });
  }
  yield compare('processor', 's', (turn) => turn.processor);
  yield compare('layers', 'MB', (turn) => turn.layers.bytes / MB);
  yield compare('peak memory', 'MB', (turn) => turn.megabytes);
  const peak = median(mine.map((turn) => turn.megabytes));
  const limit = promised(PROMISED_MEGABYTES);
  yield figure('images', `${what}, peak memory`, 'MB', 'less', peak, limit);
}

/** Only what compressed in the same way, or kept the same bytes, did the same work. */
function expectSameForm(what: string, turns: readonly Turn[]): void {
  const forms = new Set(turns.map(({ layers }) => layers.types.join(', ')));
  if (forms.size === 1) return;
  throw new ActionError(`From ${what} came layers of different types: ${[...forms].join('; ')}.`);
}

/** This action's code in a process of its own, which writes the parcel to a file. */
function ours({ environment }: Sources): Reader {
  const program = join(import.meta.dirname, 'images-ours.js');
  return {
    name: 'jackal-inject',
    async read({ line }, directory) {
      const args = [program, line, directory, join(directory, 'parcel')];
      const { stdout, ...spent } = await gauged(directory, process.execPath, args, environment);
      return { ...spent, layers: JSON.parse(stdout) };
    },
  };
}

/** skopeo, which writes an OCI layout and keeps its own temporary files on the same disk. */
function copy(skopeo: string, { environment }: Sources): Reader {
  const { method, level } = parseCompression('');
  const form = ['--dest-compress-format', method, '--dest-compress-level', `${level}`];
  return {
    name: 'skopeo',
    async read({ line, compressed, daemon }, directory) {
      const layout = join(directory, 'layout');
      const args = ['--insecure-policy', '--tmpdir', directory, 'copy', '--quiet'];
      if (!compressed) args.push(...form);
      if (daemon !== undefined) args.push('--src-daemon-host', daemon);
      args.push(line, `oci:${layout}:1`);
      const spent = await gauged(directory, skopeo, args, environment);
      const layers = await layersOf(layout);
      return { ...spent, layers, ...(compressed && { checking: await check(layout) }) };
    },
  };
}

/** Runs a program under GNU time, which knows the peak of the one process alone. */
async function gauged(
  directory: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Omit<Turn, 'layers'> & { stdout: string }> {
  const file = join(directory, 'spent');
  const time = findProgram('time') as string;
  const gauge = ['--format', '%e %M %U %S', '--output', file, program, ...args];
  const { stdout } = await run(time, gauge, { env });
  const [seconds, kibibytes, user, system] = (await readFile(file, 'utf8'))
    .split(' ')
    .map(Number) as [number, number, number, number];
  return { seconds, megabytes: (kibibytes * 1024) / MB, processor: user + system, stdout };
}

/** Unpacks and hashes the layers of a layout, several at once; returns the seconds that it took. */
async function check(layout: string): Promise<number> {
  const start = performance.now();
  const each = `xargs -n 1 -P ${availableParallelism()} sh -c 'gzip -dc "$0" | sha256sum'`;
  await run('sh', ['-c', `find "$0/blobs" -type f -size +1M | ${each}`, layout]);
  return (performance.now() - start) / 1000;
}

async function layersOf(layout: string): Promise<Layers> {
  const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const manifest = JSON.parse(await readFile(blob(index.manifests[0].digest), 'utf8'));
  const layers = manifest.layers as { mediaType: string; size: number }[];
  return {
    types: [...new Set(layers.map(({ mediaType }) => mediaType))],
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
  };
}
