import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pace } from '../../src/carriers/configmaps/pace.js';
import type { ApiClient, Attempt } from '../../src/kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../../src/kube/configmaps.js';
import { connect } from '../../src/kube/connect.js';
import { type Cluster, down, limitControlPlane, up } from '../cluster/cluster.js';
import { type Bench, type Figure, figure, promised } from './figure.js';
import { chunkNames, leaseIn, NAMESPACE, upload } from './transport/transport-ways.js';

const CLUSTER = 'bench-weak';
/** Share of one CPU that the whole control plane gets. */
const SHARE = 0.2;
const PIECE = 1024 * 1024;
const PIECES = 60;
/** A second client asks so often, in milliseconds, and so often before the upload begins. */
const PERIOD = 100;
const ASKED_BEFORE = 200;
/** The longest that one of our requests, and the most that a second client's may take: promised. */
const PROMISED_REQUEST_SECONDS = 10;
const PROMISED_FACTOR = 2;

/** What an upload does to a control plane that has hardly any CPU, and to who else needs it. */
export const weak: Bench = {
  name: 'weak',
  about:
    "an upload and its deletion while the control plane is held to 20 % of one CPU, and a second client's GETs",
  async *run(log) {
    const cluster = await up({ name: CLUSTER, log });
    try {
      yield* measured(cluster);
    } finally {
      await down(CLUSTER);
    }
  },
};

async function* measured(cluster: Cluster): AsyncGenerator<Figure> {
  const client = async () => (await connect({ kubeconfig: cluster.kubeconfig, env: {} })).client;
  const [ours, other] = [await client(), await client()];
  try {
    if (!(await limitControlPlane(cluster, SHARE))) {
      throw new Error('The control groups of this machine cannot limit CPU.');
    }
    const alone: number[] = [];
    while (alone.length < ASKED_BEFORE) await ask(other, alone);
    const pace = new WatchedPace();
    const bytes = Array.from({ length: PIECES }, () => randomBytes(PIECE));
    const owner = await leaseIn(ours, NAMESPACE);
    const started = performance.now();
    const uploading = await askDuring(other, upload(ours, owner, bytes, pace));
    const seconds = (performance.now() - started) / 1000;
    const deleting = await askDuring(other, giveBack(ours, pace));
    const limit = promised(PROMISED_REQUEST_SECONDS);
    yield figure('weak', 'upload', 'MB/s', 'more', (PIECES * PIECE) / 1e6 / seconds);
    yield figure('weak', 'longest create', 's', 'less', pace.longest / 1000, limit);
    const most = promised(PROMISED_FACTOR * p95(alone), `${PROMISED_FACTOR} × without an upload`);
    const get = "second client's GET";
    yield figure('weak', `${get}, p95`, 'ms', 'less', p95(uploading), most);
    yield figure('weak', `${get} during deletion, p95`, 'ms', 'less', p95(deleting), most);
  } finally {
    ours.close();
    other.close();
  }
}

/** The real pace, which also remembers the longest attempt. */
class WatchedPace extends Pace {
  longest = 0;

  override saw(attempt: Attempt, bytes: number): void {
    this.longest = Math.max(this.longest, attempt.milliseconds);
    super.saw(attempt, bytes);
  }
}

/** Deletes the chunks as a run does once the registry has verified them. */
async function giveBack(client: ApiClient, pace: Pace): Promise<void> {
  await deleteConfigMaps(client, NAMESPACE, await chunkNames(client), { pace });
}

/** Lets the second client ask for as long as something is going on; how long each GET took. */
async function askDuring(client: ApiClient, work: Promise<void>): Promise<number[]> {
  const times: number[] = [];
  let pending = true;
  const asking = async () => {
    while (pending) await ask(client, times);
  };
  const done = work.finally(() => {
    pending = false;
  });
  await Promise.all([done, asking()]);
  return times;
}

/** One GET of the second client; how long it took is added, and the rest of the period is waited. */
async function ask(client: ApiClient, times: number[]): Promise<void> {
  const started = performance.now();
  await client.get(`${configMapsPath('kube-system')}/kube-root-ca.crt`);
  const took = performance.now() - started;
  times.push(took);
  await pause(Math.max(0, PERIOD - took));
}

function p95(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] as number;
}
