import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { deleteConfigMaps } from '../../../src/kube/configmaps.js';
import { connect } from '../../../src/kube/connect.js';
import { type ControlPlane, startControlPlane } from '../../integration/kube/site/control-plane.js';
import { type Bench, type Figure, figure, median, promised } from '../figure.js';
import { measureReady } from './transport-ready.js';
import {
  chunkNames,
  kubectlLoop,
  leaseIn,
  NAMESPACE,
  ours,
  raw,
  rawBodies,
  type Site,
  serialApply,
} from './transport-ways.js';

/** What one way did with its chunks on a control plane of its own. */
interface Measured {
  /** 10^6 bytes a second. */
  readonly speed: number;
  /** Bytes of memory by which etcd, API server and controllers grew, for each byte sent. */
  readonly memory: number;
  /** Bytes by which etcd's file grew, for each byte sent. */
  readonly disk: number;
  /** Seconds to delete all of it, for each 100 MB. */
  readonly deletion: number;
}

/** Rounds; in each, every quick way has its turn, so that other load hits all alike. */
const ROUNDS = 5;
const CHUNK = 768 * 1024;
/** 102 MB, and a quarter for the ways that take a third of a second for each. */
const QUICK_CHUNKS = 130;
const SLOW_CHUNKS = 32;
const CONCURRENCIES = [1, 2, 4, 8, 16];
/** The least share of the raw upper bound, and the least advantage over the state of the art. */
const PROMISED_SHARE = 0.9;
const PROMISED_ADVANTAGE = 10;

const OURS = 'jackal-inject';
const KUBECTL = 'kubectl create in a loop';
const APPLY = 'server-side apply, 250 ms pause';

/** Sends the chunks and returns how many seconds that took. */
type Way = (site: Site) => Promise<number>;

/** How fast chunks reach etcd, what they cost the control plane, and when the registry is ready. */
export const transport: Bench = {
  name: 'transport',
  about: 'chunks into ConfigMaps, against the raw upper bound, kubectl and server-side apply',
  async *run(log) {
    const measured = await measureWays(log);
    yield* waysFigures(measured);
    const { quick, slow, bytes } = await measureReady(log);
    const what = `upload to registry ready, ${Math.round(bytes / 1e6)} MB`;
    const peer = (name: string, value: number) => ({ name, value });
    yield figure('transport', what, 's', 'less', median(quick), peer(APPLY, median(slow)));
    const limit = promised(median(slow) / PROMISED_ADVANTAGE, `${PROMISED_ADVANTAGE} times`);
    yield figure('transport', what, 's', 'less', median(quick), limit);
  },
};

async function measureWays(log: (line: string) => void): Promise<Map<string, Measured>> {
  const quick = new Map<string, Way>([[OURS, (site) => timed(() => ours(site))]]);
  for (const count of CONCURRENCIES) {
    quick.set(rawName(count), async (site) => {
      const bodies = rawBodies(site);
      return timed(() => raw(site, bodies, count));
    });
  }
  const turns = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const ways = [...quick];
    for (let place = 0; place < ways.length; place++) {
      const [name, way] = ways[(place + round) % ways.length] as [string, Way];
      const turn = await measure(QUICK_CHUNKS, way);
      log(`round ${round + 1}, ${name}: ${turn.speed.toFixed(1)} MB/s`);
      turns.set(name, [...(turns.get(name) ?? []), turn]);
    }
  }
  turns.set(KUBECTL, [await measure(SLOW_CHUNKS, (site) => timed(() => kubectlLoop(site)))]);
  turns.set(APPLY, [await measure(SLOW_CHUNKS, (site) => timed(() => serialApply(site)))]);
  return new Map([...turns].map(([name, all]) => [name, medians(all)]));
}

function rawName(concurrency: number): string {
  return `raw upper bound, ${concurrency} at once`;
}

function medians(turns: readonly Measured[]): Measured {
  const of = (key: keyof Measured) => median(turns.map((turn) => turn[key]));
  return { speed: of('speed'), memory: of('memory'), disk: of('disk'), deletion: of('deletion') };
}

function* waysFigures(measured: ReadonlyMap<string, Measured>): Iterable<Figure> {
  const mine = measured.get(OURS) as Measured;
  const others = [...measured].filter(([name]) => name !== OURS);
  const raws = others.filter(([name]) => name.startsWith('raw'));
  const [bestName, best] = raws.toSorted((a, b) => b[1].speed - a[1].speed)[0] as [
    string,
    Measured,
  ];
  const share = `${100 * PROMISED_SHARE} % of the ${bestName}`;
  const least = promised(PROMISED_SHARE * best.speed, share);
  yield figure('transport', 'upload', 'MB/s', 'more', mine.speed, least);
  for (const [name, { speed, memory, disk, deletion }] of others) {
    const peer = (value: number) => ({ name, value });
    yield figure('transport', 'upload', 'MB/s', 'more', mine.speed, peer(speed));
    yield figure('transport', 'control plane memory', 'B/B', 'less', mine.memory, peer(memory));
    yield figure('transport', "growth of etcd's file", 'B/B', 'less', mine.disk, peer(disk));
    yield figure('transport', 'delete 100 MB', 's', 'less', mine.deletion, peer(deletion));
  }
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
}

/** Each way has a fresh control plane with a durable etcd, and ends with the deletion. */
async function measure(count: number, way: Way): Promise<Measured> {
  const plane = await startControlPlane({ controllers: true, durable: true });
  const { client } = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  try {
    const chunks = Array.from({ length: count }, () => randomBytes(CHUNK));
    const bytes = count * CHUNK;
    // Before the clock starts, as in a run, so that the control plane has its first create behind it for all.
    const owner = await leaseIn(client, NAMESPACE);
    const [memory, disk] = [await memoryOf(plane), await diskOf(plane)];
    const seconds = await way({ plane, client, owner, chunks });
    const grown = { memory: (await memoryOf(plane)) - memory, disk: (await diskOf(plane)) - disk };
    const names = await chunkNames(client);
    const deletion = await timed(() => deleteConfigMaps(client, NAMESPACE, names));
    return {
      speed: bytes / 1e6 / seconds,
      memory: grown.memory / bytes,
      disk: grown.disk / bytes,
      deletion: deletion * (100e6 / bytes),
    };
  } finally {
    client.close();
    await plane.stop();
  }
}

/** Resident bytes of all processes of the control plane. */
async function memoryOf({ pids }: ControlPlane): Promise<number> {
  const sizes = await Promise.all(
    Object.values(pids).map(async (pid) => {
      const text = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of etcd's file. */
async function diskOf({ directory }: ControlPlane): Promise<number> {
  return (await stat(path.join(directory, 'etcd/member/snap/db'))).size;
}
