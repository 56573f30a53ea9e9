import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { ApiObject } from '../../../src/kube/client.js';
import { createConfigMap } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { createAnchor } from '../../../src/run/anchor.js';
import { joinNamespace } from '../../../src/run/namespace.js';
import { removeDeadRuns, removeRun } from '../../../src/run/remove.js';
import { labelsOf, MANAGED_BY, MANAGED_BY_LABEL, nameOf, newRun } from '../../../src/run/run.js';
import { type ControlPlane, startControlPlane } from '../kube/control-plane.js';
import { seeded } from '../kube/fault-proxy.js';
import { chunksOf } from './run-objects.js';

let plane: ControlPlane;
let connection: Connection;
/** One that the runs make and remove, which takes seconds each time, and one that is there. */
const NAMESPACES = ['killed-runs', 'default', 'default', 'default', 'default'];
const signal = new AbortController().signal;
const fail = (sentence: string) => {
  throw new Error(sentence);
};
const WORKFLOW_RUN = 'https://github.com/acme/web/actions/runs/12';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  connection = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  connection?.client.close();
  await plane?.stop();
});

/** Starts a run of the first attempt in another process and kills it once it has said so many lines. */
async function killedAfter(lines: number, namespace: string): Promise<void> {
  const kubeconfig = path.join(plane.directory, 'doomed.kubeconfig');
  await writeFile(kubeconfig, plane.kubeconfig());
  const program = path.join(import.meta.dirname, 'doomed-run.js');
  const doomed = spawn(
    process.execPath,
    [program, kubeconfig, namespace, `${WORKFLOW_RUN}/attempts/1`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(doomed, 'close');
  let said = 0;
  for await (const _line of createInterface({ input: doomed.stdout })) {
    if (++said === lines) {
      doomed.kill('SIGKILL');
    }
  }
  const [, by] = await closed;
  expect(by).toBe('SIGKILL');
}

/** Everything of ours that the API server knows. */
async function leftovers(): Promise<string[]> {
  const query = { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` };
  const lists = await Promise.all(
    ['configmaps', 'pods', 'services', 'namespaces'].map((resource) =>
      connection.client.list<ApiObject>(`/api/v1/${resource}`, { query }),
    ),
  );
  return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata?.name ?? ''));
}

test('after a kill at any of 20 moments the next attempt succeeds at once and leaves nothing of either', async () => {
  const { client } = connection;
  const random = seeded(20);
  for (let round = 0; round < 20; round++) {
    const namespace = NAMESPACES[round % NAMESPACES.length] ?? '';
    await killedAfter(1 + Math.floor(random() * 40), namespace);
    const workflow = `${WORKFLOW_RUN}/attempts/2`;
    const run = newRun(workflow);
    const { id } = run;
    const { anchor: owner } = await joinNamespace(client, { namespace, runId: id }, () =>
      createAnchor(client, namespace, run, signal),
    );
    await removeDeadRuns(client, { namespace, runId: id, workflow }, fail, signal);
    const labels = labelsOf(id, 'chunk');
    const sent = await uploadChunks(client, chunksOf(id, 3, 1024), {
      ...{ namespace, labels, owner, key: 'chunk' },
    });
    expect(sent.chunks).toBe(3);
    await createConfigMap(client, {
      ...{ name: nameOf.catalog(id), namespace, labels: labelsOf(id, 'catalog'), owner },
    });
    await removeRun(client, { runId: id, namespace }, signal);
    expect(await leftovers()).toEqual([]);
  }
}, 300_000);
