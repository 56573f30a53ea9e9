import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { configMapsPath, deleteConfigMaps, waitUntilGone } from '../../src/cluster/configmaps.js';
import { connect } from '../../src/cluster/connection.js';
import type { ApiClient, Attempt } from '../../src/cluster/http.js';
import { Pace } from '../../src/cluster/pace.js';
import { nameOf, selectorOf } from '../../src/run.js';
import { down, limitControlPlane, up } from '../cluster/cluster.js';
import { type Bench, figure } from './figure.js';
import { NAMESPACE, RUN, upload } from './transport-ways.js';

const CLUSTER = 'bench-weak';
/** Share of one CPU that the whole control plane gets. */
const SHARE = 0.2;
const CHUNK = 768 * 1024;
const CHUNKS = 80;
/** A second client asks so often, in milliseconds, and so often before the upload begins. */
const PERIOD = 100;
const ASKED_BEFORE = 200;
/** The longest that one of our requests, and the most that a second client's may take: promised. */
const PROMISED_REQUEST_SECONDS = 10;
const PROMISED_FACTOR = 2;

/** What an upload does to a control plane that has hardly any CPU, and to who else needs it. */
export const weak: Bench = {
  name: 'weak',
  about: "an upload while the control plane is held to 20 % of one CPU, and a second client's GETs",
  async *run(log) {
    const cluster = await up({ name: CLUSTER, log });
    const [ours, other] = await Promise.all(
      [1, 2].map(async () => (await connect({ kubeconfig: cluster.kubeconfig, env: {} })).client),
    );
    if (ours === undefined || other === undefined) return;
    try {
      if (!(await limitControlPlane(cluster, SHARE))) {
        throw new Error('The control groups of this machine cannot limit CPU.');
      }
      const alone: number[] = [];
      while (alone.length < ASKED_BEFORE) await ask(other, alone);
      const pace = new WatchedPace();
      const chunks = Array.from({ length: CHUNKS }, () => randomBytes(CHUNK));
      const meanwhile: number[] = [];
      let sending = true;
      const started = performance.now();
      const sent = upload(ours, chunks, pace).finally(() => {
        sending = false;
      });
      while (sending) await ask(other, meanwhile);
      await sent;
      const seconds = (performance.now() - started) / 1000;
      const limit = { name: 'promised limit', value: PROMISED_REQUEST_SECONDS };
      yield figure('weak', 'upload', 'MB/s', 'more', (CHUNKS * CHUNK) / 1e6 / seconds);
      yield figure('weak', 'longest create', 's', 'less', pace.longest / 1000, limit);
      const promised = {
        name: `${PROMISED_FACTOR} × without an upload`,
        value: PROMISED_FACTOR * p95(alone),
      };
      yield figure('weak', "second client's GET, p95", 'ms', 'less', p95(meanwhile), promised);
      await limitControlPlane(cluster, Number.POSITIVE_INFINITY);
      await deleteConfigMaps(ours, NAMESPACE, [nameOf.anchor(RUN)]);
      await waitUntilGone(ours, configMapsPath(NAMESPACE), selectorOf(RUN));
    } finally {
      ours.close();
      other.close();
      await down(CLUSTER);
    }
  },
};

/** The real pace, which also remembers the longest attempt. */
class WatchedPace extends Pace {
  longest = 0;

  override saw(attempt: Attempt): void {
    this.longest = Math.max(this.longest, attempt.milliseconds);
    super.saw(attempt);
  }
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
