import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { createLease } from '../../../src/run/lease.js';
import { findPlace } from '../../../src/run/namespace.js';
import { findOtherRuns, removeDeadRuns } from '../../../src/run/other-runs.js';
import { removeRun } from '../../../src/run/remove.js';
import { MANAGED_BY, MANAGED_BY_LABEL, newRun } from '../../../src/run/run.js';
import { ADMIN_TOKEN, type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { seeded, startFaultProxy } from '../kube/site/fault-proxy.js';
import { chunksOf, uploadOptions } from './run-objects.js';

let plane: ControlPlane;
let connection: Connection;
const signal = new AbortController().signal;
const fail = (sentence: string) => {
  throw new Error(sentence);
};
/** A person's own, by its labels as like ours as what no run has made can be. */
const THEIRS = 'theirs';
const WORKFLOW_RUN = 'https://github.com/acme/web/actions/runs/12';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  connection = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  const metadata = { name: THEIRS, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } };
  await connection.client.create('/api/v1/namespaces/default/configmaps', { metadata });
});

afterAll(async () => {
  connection?.client.close();
  await plane?.stop();
});

/**
 * Starts a run of the first attempt in another process and kills it once it has said so many lines. Returns when all that it
 * has asked for is done: what the API server did later would come behind the next attempt.
 */
async function killedAfter(lines: number, namespace: string | undefined): Promise<void> {
  const proxy = await startFaultProxy(plane, {});
  const kubeconfig = path.join(plane.directory, 'doomed.kubeconfig');
  const user = { token: ADMIN_TOKEN };
  await writeFile(kubeconfig, plane.kubeconfig({ server: proxy.server, user }));
  const program = path.join(import.meta.dirname, 'doomed-run.js');
  const args = [program, kubeconfig, `${WORKFLOW_RUN}/attempts/1`];
  const doomed = spawn(process.execPath, [...args, ...(namespace ? [namespace] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(doomed, 'close');
  let said = 0;
  for await (const _line of createInterface({ input: doomed.stdout })) {
    if (++said === lines) {
      doomed.kill('SIGKILL');
    }
  }
  const [, by] = await closed;
  expect(by).toBe('SIGKILL');
  await proxy.quiet();
  await proxy.close();
}

/** Everything that the API server knows and that looks like ours, but for what goes with a namespace that is going. */
async function leftovers(): Promise<string[]> {
  const query = { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` };
  const paths = ['configmaps', 'pods', 'services', 'namespaces'].map((name) => `/api/v1/${name}`);
  paths.push('/apis/coordination.k8s.io/v1/leases');
  const lists = await Promise.all(
    paths.map((name) => connection.client.list<ApiObject>(name, { query })),
  );
  return lists
    .flatMap(({ items }) => items)
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata?.name ?? '');
}

test.each([
  ['a namespace of its own', undefined],
  ['a namespace that is given', 'default'],
])(
  'after a kill at any of 10 moments in %s the next attempt succeeds at once and leaves nothing of either',
  async (_, namespace) => {
    const { client } = connection;
    const random = seeded(20);
    for (let round = 0; round < 10; round++) {
      // The first kills are before the namespace, before the Lease and before the first chunk.
      await killedAfter(round < 3 ? round + 1 : 1 + Math.floor(random() * 40), namespace);
      const run = newRun({ namespace, workflow: `${WORKFLOW_RUN}/attempts/2` });
      await findPlace(client, run, signal);
      const owner = await createLease(client, run, 1, signal);
      const { dead } = await findOtherRuns(client, run, signal);
      await removeDeadRuns(client, dead, fail, signal);
      const delivery = { ...run, owner, registry: '', delivery: 0 };
      const sent = await uploadChunks(client, chunksOf(delivery, 3, 1024), uploadOptions(delivery));
      expect(sent.chunks).toBe(3);
      await removeRun(client, run, signal);
      expect(await leftovers()).toEqual([THEIRS]);
    }
  },
);
