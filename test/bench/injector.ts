import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Image } from '../../src/images/image.js';
import { run } from '../cluster/command.js';
import { ARCHITECTURE, injectorBinary } from '../helpers/injector-binary.js';
import { REPOSITORY } from '../helpers/runner.js';
import { builtByGo, tool } from '../helpers/tools.js';
import {
  type Contender,
  peakMebibytes,
  processorSeconds,
  startDockerRegistry,
  startInjector,
  startNginx,
} from './contenders.js';
import { type Bench, type Better, type Figure, figure, median, promised } from './figure.js';

/** Rounds; in each, every server has its turn at every task, so that other load hits all alike. */
const ROUNDS = 7;
/** Milliseconds of a turn. */
const TURN_MS = 600;
/** Bytes of the one layer. */
const LAYER_BYTES = 32 * 1024 * 1024;
const MB = 1e6;
const GB = 1e9;

/** Promised: times docker-registry's MB/s; peak memory for 64 connections, MiB, and beside its own. */
const PROMISED_SPEED = 2;
const PROMISED_MEBIBYTES = 8;
const PROMISED_MEMORY_SHARE = 0.1;

interface Task {
  readonly what: string;
  readonly kind: 'manifests' | 'blobs';
  readonly connections: number;
}

const TASKS: readonly Task[] = [
  { what: 'manifests, 8 connections', kind: 'manifests', connections: 8 },
  ...[1, 8, 64].map(
    (connections) =>
      ({ what: `blobs, ${connections} connections`, kind: 'blobs', connections }) as const,
  ),
];

/** What one server did in one turn. */
interface Turn {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Seconds of processor time of the server and of the client. */
  readonly served: number;
  readonly cpu: number;
}

/** How fast and how cheap the injector serves, beside the registry and the web server that all know. */
export const injector: Bench = {
  name: 'injector',
  about: 'serving manifests and blobs, against docker-registry and nginx',
  async *run(log) {
    const { image, digests } = imageOf(randomBytes(LAYER_BYTES));
    const load = await loadProgram();
    const contenders: Contender[] = [];
    try {
      const ours = await startInjector(image);
      contenders.push(ours);
      contenders.push(await startDockerRegistry(image));
      contenders.push(await startNginx(image, ours.registry.store));
      const turns = new Map<Contender, Map<Task, Turn[]>>(
        contenders.map((one) => [one, new Map(TASKS.map((task) => [task, []]))]),
      );
      for (let round = 0; round < ROUNDS; round++) {
        log(`round ${round + 1} of ${ROUNDS}`);
        for (const task of TASKS) {
          for (let place = 0; place < contenders.length; place++) {
            const contender = contenders[(place + round) % contenders.length] as Contender;
            const turn = await takeTurn(load, contender, task, digests[task.kind]);
            turns.get(contender)?.get(task)?.push(turn);
          }
        }
      }
      yield* figuresOf(contenders, turns);
    } finally {
      await Promise.all(contenders.map((one) => one.close()));
    }
  },
};

/** An image of one layer. */
function imageOf(layer: Buffer) {
  const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const type = 'application/vnd.oci.image';
  const diff_ids = [digestOf(layer)];
  const rootfs = { type: 'layers', diff_ids };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: ARCHITECTURE, rootfs }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${type}.manifest.v1+json`,
      config: describe(`${type}.config.v1+json`, config),
      layers: [describe(`${type}.layer.v1.tar`, layer)],
    }),
  );
  const target = describe(`${type}.manifest.v1+json`, manifest);
  const image: Image = {
    given: 'bench',
    name: 'docker.io/library/bench',
    tag: '1',
    target,
    digestKept: true,
    platforms: [`linux/${ARCHITECTURE}`],
    manifests: [{ ...target, bytes: manifest }],
    blobs: [config, layer].map((bytes) => ({
      digest: digestOf(bytes),
      size: bytes.length,
      open: () => Readable.from([bytes]),
    })),
    referrers: [],
  };
  return { image, digests: { manifests: target.digest, blobs: digestOf(layer) } };
}

/** The client, built from http-load/main.go; once, as long as that does not change. */
async function loadProgram(): Promise<string> {
  const source = join(REPOSITORY, 'test/bench/http-load/main.go');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 8);
  return await builtByGo(`load-${key}-${process.arch}`, 'load', (go, directory) =>
    go(['build', '-trimpath', '-o', join(directory, 'load'), source]),
  );
}

async function takeTurn(
  load: string,
  { address, repository, pids }: Contender,
  { kind, connections }: Task,
  digest: string,
): Promise<Turn> {
  const before = processorSeconds(pids());
  const path = `/v2/${repository}/${kind}/${digest}`;
  const { stdout } = await run(load, [address, path, `${connections}`, `${TURN_MS}`]);
  return { ...JSON.parse(stdout), served: processorSeconds(pids()) - before };
}

async function* figuresOf(
  contenders: readonly Contender[],
  turns: ReadonlyMap<Contender, ReadonlyMap<Task, readonly Turn[]>>,
): AsyncGenerator<Figure> {
  const [ours, docker, ...rest] = contenders as [Contender, Contender, ...Contender[]];
  const peers = [docker, ...rest];
  const compare = (what: string, unit: string, better: Better, of: (one: Contender) => number) =>
    peers.map((peer) =>
      figure('injector', what, unit, better, of(ours), {
        name: peer.name,
        value: of(peer),
      }),
    );
  const middle = (task: Task, of: (turn: Turn) => number) => (one: Contender) =>
    median(turns.get(one)?.get(task)?.map(of) ?? []);
  for (const task of TASKS) {
    const rate = ({ requests, bytes, seconds }: Turn) =>
      (task.kind === 'manifests' ? requests : bytes / MB) / seconds;
    yield* compare(
      task.what,
      task.kind === 'manifests' ? '1/s' : 'MB/s',
      'more',
      middle(task, rate),
    );
    if (task.kind === 'blobs' && task.connections > 1) {
      const speed = middle(task, rate);
      const least = promised(PROMISED_SPEED * speed(docker), `${PROMISED_SPEED} × ${docker.name}`);
      yield figure('injector', task.what, 'MB/s', 'more', speed(ours), least);
    }
  }
  for (const task of TASKS) {
    if (task.kind === 'manifests') {
      const cost = ({ served, requests }: Turn) => (served / requests) * 1e6;
      yield* compare(`processor, ${task.what}`, 'µs', 'less', middle(task, cost));
    } else {
      const cost = ({ served, bytes }: Turn) => served / (bytes / GB);
      yield* compare(`processor, ${task.what}`, 's/GB', 'less', middle(task, cost));
    }
  }
  const memory = (one: Contender) => peakMebibytes(one.pids());
  yield* compare('peak memory, 64 connections', 'MiB', 'less', memory);
  const share = `${PROMISED_MEMORY_SHARE} × ${docker.name}`;
  for (const limit of [
    promised(PROMISED_MEBIBYTES),
    promised(PROMISED_MEMORY_SHARE * memory(docker), share),
  ]) {
    yield figure('injector', 'peak memory, 64 connections', 'MiB', 'less', memory(ours), limit);
  }
  const binaries: Record<string, string> = {
    injector: await injectorBinary(),
    'docker-registry': await tool('docker-registry'),
    nginx: await tool('nginx'),
  };
  const size = ({ name }: Contender) => statSync(binaries[name] as string).size / 1024;
  yield* compare('binary', 'KiB', 'less', size);
}
