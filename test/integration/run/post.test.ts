import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { CleanupFacts } from '../../../src/host/state.js';
import { ApiClient, type ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { post } from '../../../src/post.js';
import { createAnchor } from '../../../src/run/anchor.js';
import { joinNamespace } from '../../../src/run/namespace.js';
import { removeDeadRuns } from '../../../src/run/remove.js';
import { nameOf, newRun, type Run } from '../../../src/run/run.js';
import { type ControlPlane, startControlPlane } from '../kube/control-plane.js';

let plane: ControlPlane;
let admin: Connection;
const WORKFLOW_RUN = 'https://github.com/acme/web/actions/runs/12';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** A run of an attempt of the workflow run, which makes or joins the namespace. */
async function join(namespace: string, attempt: number): Promise<Run> {
  const { client } = admin;
  const run = newRun(`${WORKFLOW_RUN}/attempts/${attempt}`);
  const { signal } = new AbortController();
  const anchor = () => createAnchor(client, namespace, run, signal);
  await joinNamespace(client, { namespace, runId: run.id }, anchor);
  return run;
}

/** Runs the post step of a run and returns what it said. */
async function postStep({ id, workflow }: Run, namespace: string): Promise<string> {
  const facts: CleanupFacts = { runId: id, namespace, workflow };
  const said: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  process.env.STATE_cleanup = JSON.stringify(facts);
  process.env.INPUT_KUBECONFIG = plane.kubeconfig();
  try {
    await post();
  } finally {
    write.mockRestore();
    delete process.env.STATE_cleanup;
    delete process.env.INPUT_KUBECONFIG;
  }
  return said.join('');
}

async function configMapsIn(namespace: string): Promise<(string | undefined)[]> {
  const { items } = await admin.client.list<ApiObject>(configMapsPath(namespace));
  return items.map(({ metadata }) => metadata?.name);
}

test('the post step takes what an earlier attempt left, and the namespace that they made', async () => {
  const namespace = 'made-by-attempts';
  await join(namespace, 1);
  const said = await postStep(await join(namespace, 2), namespace);
  expect(said).toContain('Nothing of run');
  expect(said).not.toContain('::warning');
  const gone = admin.client.get(`/api/v1/namespaces/${namespace}`);
  await expect(gone).rejects.toMatchObject({ fault: 'not-found' });
});

test('the post step leaves a run of the same attempt, and the namespace to it', async () => {
  const namespace = 'made-by-jobs';
  const [other, own] = [await join(namespace, 1), await join(namespace, 1)];
  expect(await postStep(own, namespace)).not.toContain('::warning');
  const left = await configMapsIn(namespace);
  expect(left).toContain(nameOf.anchor(other.id));
  expect(left).not.toContain(nameOf.anchor(own.id));
});

test('the post step removes its own run although dead ones cannot be removed', async () => {
  const namespace = 'default';
  const [dead, own] = [await join(namespace, 1), await join(namespace, 2)];
  const remove = jest.spyOn(ApiClient.prototype, 'delete');
  remove.mockRejectedValueOnce(new Error('The first delete fails.'));
  const said = await postStep(own, namespace);
  remove.mockRestore();
  expect(said).toContain(
    '::warning::What a dead run left in the namespace "default" could not be removed: The first delete fails. The next run in it tries again.',
  );
  expect(said).toContain('Nothing of run');
  const left = await configMapsIn(namespace);
  expect(left).toContain(nameOf.anchor(dead.id));
  expect(left).not.toContain(nameOf.anchor(own.id));
});

test('a dead run that does not go is left to the next run after a while', async () => {
  const namespace = 'default';
  const [dead, own] = [await join(namespace, 1), await join(namespace, 2)];
  const path = `${configMapsPath(namespace)}/${nameOf.anchor(dead.id)}`;
  const hold = (finalizers: string[]) => admin.client.patch(path, { metadata: { finalizers } });
  await hold(['example.test/hold']);
  const warnings: string[] = [];
  const seeker = { namespace, runId: own.id, workflow: own.workflow };
  const warn = (sentence: string) => warnings.push(sentence);
  const { signal } = new AbortController();
  const remove = () => removeDeadRuns(admin.client, seeker, warn, signal, 2);
  await remove();
  expect(warnings).toEqual([
    'What a dead run left in the namespace "default" could not be removed: It is still there after 2 s. The next run in it tries again.',
  ]);
  await hold([]);
  await remove();
  expect(warnings).toHaveLength(1);
  expect(await configMapsIn(namespace)).not.toContain(nameOf.anchor(dead.id));
});
