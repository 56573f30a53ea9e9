import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Sending, sendOnDemand } from '../../../../src/carriers/stream/send.js';
import type { Sent } from '../../../../src/carriers/stream/totals.js';
import { directWay, type Way } from '../../../../src/carriers/stream/way.js';
import { fileContent } from '../../../../src/images/bytes/content.js';
import type { ParcelEntry } from '../../../../src/payload/parcel.js';
import { until } from '../../../cluster/until.js';
import type { OnDemandRegistry } from '../../../helpers/on-demand.js';

/*
 * What the tests of the stream stand on: blobs in files, so that what is held in memory can be told from them.
 */

/** Blobs in files, and how often each was opened. */
export interface Blobs {
  readonly all: readonly ParcelEntry[];
  readonly find: (digest: string) => ParcelEntry | undefined;
  /** Where each was opened, in order. */
  readonly opened: ReadonlyMap<string, number[]>;
  remove(): Promise<void>;
}

const PIECE = 1024 * 1024;

/** Makes blobs of these sizes in files. */
export async function makeBlobs(...sizes: number[]): Promise<Blobs> {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-blobs-'));
  const opened = new Map<string, number[]>();
  const make = async (size: number, index: number): Promise<ParcelEntry> => {
    const path = join(directory, String(index));
    const digest = await fill(path, size, index);
    const content = fileContent(path, 0, size);
    opened.set(digest, []);
    const open = (start = 0) => {
      opened.get(digest)?.push(start);
      return content.open(start);
    };
    return { digest, size, open };
  };
  const all = await Promise.all(sizes.map(make));
  const byDigest = new Map(all.map((blob) => [blob.digest, blob]));
  const remove = () => rm(directory, { recursive: true });
  return { all, find: (digest) => byDigest.get(digest), opened, remove };
}

/** Writes bytes that are the same for the same seed, and of which no two pieces are alike. */
async function fill(path: string, size: number, seed: number): Promise<string> {
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE, `blob ${seed} `);
  for (let done = 0; done < size; done += PIECE) {
    piece.writeUInt32BE(done / PIECE, 0);
    const bytes = piece.subarray(0, Math.min(PIECE, size - done));
    hash.update(bytes);
    await handle.write(bytes);
  }
  await handle.close();
  return `sha256:${hash.digest('hex')}`;
}

/** The direct way to a port of loopback. */
export async function wayToPort(registry: OnDemandRegistry, port: number): Promise<Way> {
  // The port may be that of a line on which the first attempts fail.
  const { signal } = new AbortController();
  const find = () => directWay([{ host: '127.0.0.1', port }], registry.token, signal);
  return await until(`a way to port ${port}`, find);
}

/** Pulls blobs side by side while they are sent; gives the digests of what came, and the stream's figures. */
export async function pullAll(
  registry: OnDemandRegistry,
  blobs: readonly ParcelEntry[],
  sending: Omit<Sending, 'token' | 'over'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ pulled: string[]; sent: Sent }> {
  const pulling = Promise.all(blobs.map(({ digest }) => registry.pull(digest)));
  const { token } = registry;
  const sent = await sendOnDemand({ ...sending, token, over: pulling }, signal);
  return { pulled: await pulling, sent };
}

/** Has V8 collect all garbage, which it does not offer to every program. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
