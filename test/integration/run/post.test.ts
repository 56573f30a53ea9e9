import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { CleanupFacts } from '../../../src/host/state.js';
import { ApiClient, type ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { post } from '../../../src/post.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { leasesPath } from '../../../src/run/lease.js';
import { findPlace } from '../../../src/run/namespace.js';
import { removeDeadRuns } from '../../../src/run/other-runs.js';
import { putInUse, takeRelease } from '../../../src/run/release/lease.js';
import {
  type Delivery,
  labelsFor,
  labelsOf,
  nameOf,
  newRun,
  type Run,
} from '../../../src/run/run.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { startSilent } from '../kube/site/fake-server.js';
import { leasedRun } from './run-objects.js';

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();
const attempt = (number: number) =>
  `https://github.com/acme/web/actions/runs/12/attempts/${number}`;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** Runs the post step of a run and returns what it said. */
async function postStep(
  { id, namespace, workflow, release, holder }: Run,
  where: Partial<CleanupFacts> = {},
  kubeconfig = plane.kubeconfig(),
): Promise<string> {
  const step = { id, namespace, workflow, ...(release && { release, holder }) };
  const facts: CleanupFacts = { ...step, ...where };
  const said: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  process.env.STATE_cleanup = JSON.stringify(facts);
  process.env.INPUT_KUBECONFIG = kubeconfig;
  try {
    await post();
  } finally {
    write.mockRestore();
    delete process.env.STATE_cleanup;
    delete process.env.INPUT_KUBECONFIG;
  }
  return said.join('');
}

const run = (namespace: string, number: number) =>
  leasedRun(admin.client, { namespace, workflow: attempt(number) });

const leasesIn = async (namespace?: string) =>
  (await admin.client.list<ApiObject>(leasesPath(namespace))).items.map(
    ({ metadata }) => metadata?.name,
  );

/** Puts the run's catalog into the cluster, which somebody's finalizer holds when it is to go. */
async function held(delivery: Delivery): Promise<() => Promise<unknown>> {
  const { id, namespace, owner } = delivery;
  const name = nameOf.catalog(delivery);
  await putConfigMap(admin.client, { name, namespace, owner, labels: labelsOf(id, 'catalog') });
  const path = `${configMapsPath(namespace)}/${name}`;
  const hold = (finalizers: string[]) => admin.client.patch(path, { metadata: { finalizers } });
  await hold(['example.test/hold']);
  return () => hold([]);
}

test('the post step takes the run with its own namespace, and what an earlier attempt left', async () => {
  const [dead, own] = [newRun({ workflow: attempt(1) }), newRun({ workflow: attempt(2) })];
  for (const one of [dead, own]) await findPlace(admin.client, one, signal);
  const said = await postStep(own);
  expect(said).toContain('Nothing of run');
  expect(said).not.toContain('::warning');
  for (const { namespace } of [dead, own]) {
    const found = await admin.client
      .get<ApiObject>(`/api/v1/namespaces/${namespace}`)
      .catch(() => undefined);
    expect(found?.metadata?.deletionTimestamp ?? 'gone').toEqual(expect.any(String));
  }
});

test('the post step waits for an API server that has answered the step, and is away', async () => {
  const own = await run('default', 5);
  const { port } = new URL(plane.server);
  let came = 0;
  const line = await startSilent((socket) => {
    // What is no TLS speaks of a wrong address, but not where the right one is known.
    if (came++ === 0) return void socket.end('HTTP/1.0 502 Bad Gateway\r\n\r\n');
    const further = createConnection(Number(port), '127.0.0.1', () => {
      socket.pipe(further).pipe(socket);
    });
    further.on('error', () => socket.destroy());
  });
  const server = `https://127.0.0.1:${line.port}`;
  const said = await postStep(own, { server }, plane.kubeconfig({ server }));
  await line.close();
  expect(said).toContain(`Nothing of run ${own.id} is left on ${server}`);
  expect(said).not.toContain('::warning');
  expect(await leasesIn('default')).not.toContain(nameOf.lease(own.id));
});

test('the post step leaves a run of the same attempt', async () => {
  const namespace = 'default';
  const [other, own] = [await run(namespace, 1), await run(namespace, 1)];
  expect(await postStep(own)).not.toContain('::warning');
  const left = await leasesIn(namespace);
  expect(left).toContain(nameOf.lease(other.id));
  expect(left).not.toContain(nameOf.lease(own.id));
});

test('the post step reaches the Lease although the first delete of its run fails', async () => {
  const own = await run('default', 3);
  const remove = jest.spyOn(ApiClient.prototype, 'delete');
  remove.mockRejectedValueOnce(new Error('The first delete fails.'));
  const said = await postStep(own);
  remove.mockRestore();
  expect(said).toContain(
    '::warning title=Jackal Inject%3A Something is left in the cluster::Not everything of this run could be removed: The first delete fails. This command removes the rest: kubectl delete daemonsets,pods,services,configmaps,leases --namespace default --selector jackal-inject.dev/run=',
  );
  expect(await leasesIn('default')).not.toContain(nameOf.lease(own.id));
});

test('a dead run that does not go is left to the next run after a while, and its Lease is gone', async () => {
  const dead = await run('default', 4);
  const release = await held(dead);
  const warnings: string[] = [];
  const warn = (sentence: string) => warnings.push(sentence);
  await removeDeadRuns(admin.client, [dead], warn, signal, 15);
  expect(warnings).toEqual([
    `What the dead run ${dead.id} left in the namespace "default" could not be removed: Its ConfigMaps are still there after 15 s. The next run tries again.`,
  ]);
  await release();
  await removeDeadRuns(admin.client, [dead], warn, signal, 20);
  expect(warnings).toHaveLength(1);
  expect(await leasesIn()).not.toContain(nameOf.lease(dead.id));
});

test('the post step of a release that fails tells of no command that would take all of it', async () => {
  const release = await leasedRun(admin.client, { namespace: 'default', release: 'web' });
  await putInUse(admin.client, release, { delivery: 0, route: 'nodeport' }, signal);
  const patch = jest.spyOn(ApiClient.prototype, 'patch');
  patch.mockRejectedValueOnce(new Error('The first patch fails.'));
  const said = await postStep(release);
  patch.mockRestore();
  expect(said).toContain(
    '::warning title=Jackal Inject%3A Something is left in the cluster::Not everything of this run could be removed: The first patch fails. The next step with the release "web" takes the rest away.',
  );
  expect(said).not.toContain('kubectl');
  expect(await leasesIn('default')).toContain(nameOf.lease(release.id));
});

test('the post step of a release takes nothing back that another step takes over meanwhile', async () => {
  const { client } = admin;
  const given = { namespace: 'default', release: 'late', workflow: attempt(1) };
  const release = await leasedRun(client, given);
  await putInUse(client, release, { delivery: 0, route: 'nodeport' }, signal);
  const real = ApiClient.prototype.patch;
  const other = newRun({ ...given, workflow: attempt(2) });
  const labels = labelsFor({ ...other, delivery: 8 }, 'chunk');
  const name = nameOf.chunk({ id: other.id, delivery: 8 }, 0);
  const patch = jest.spyOn(ApiClient.prototype, 'patch');
  patch.mockImplementationOnce(async function (this: ApiClient, ...request) {
    await takeRelease(client, other, 0, signal);
    await putConfigMap(client, { name, namespace: 'default', owner: release.owner, labels });
    return (await real.apply(this, request)) as never;
  });
  const said = await postStep(release).finally(() => patch.mockRestore());
  expect(said).toContain('Another step has taken over the release "late"');
  expect(await client.find(`${configMapsPath('default')}/${name}`)).toBeDefined();
});

const namespaceNamed = (name: string) =>
  admin.client.find<ApiObject>(`/api/v1/namespaces/${name}`, { signal });

test('a namespace that somebody has made under the name of a release stays, though the step finds it', async () => {
  const step = newRun({ release: 'theirs' });
  const metadata = { name: step.namespace };
  await admin.client.create('/api/v1/namespaces', { metadata } as ApiObject);
  await expect(findPlace(admin.client, step, signal)).rejects.toThrow('is not of the release');
  expect(await postStep(step)).not.toContain('::warning');
  const left = await namespaceNamed(step.namespace);
  expect(left?.metadata).toMatchObject({ name: step.namespace });
  expect(left?.metadata?.deletionTimestamp).toBeUndefined();
});

test('where the kubeconfig leads to another cluster by now nothing is touched there', async () => {
  const elsewhere = { server: 'https://192.0.2.1:6443' };
  const [own, other] = [await run('default', 5), newRun({ workflow: attempt(5) })];
  await findPlace(admin.client, other, signal);
  expect(await postStep(other, elsewhere)).toContain(
    `Not everything of this run could be removed: It is on https://192.0.2.1:6443, and the kubeconfig leads to ${admin.server} by now; have later steps write theirs to a file of their own. This command removes`,
  );
  expect((await namespaceNamed(other.namespace))?.metadata?.deletionTimestamp).toBeUndefined();
  // By another address it is the same cluster, since the run is known there.
  expect(await postStep(own, elsewhere)).toContain(`Nothing of run ${own.id} is left`);
  expect(await leasesIn('default')).not.toContain(nameOf.lease(own.id));
  await postStep(other);
});

test.each([
  ['no context of that name', 'gone'],
  ['a context of that name', undefined],
])(
  'a kubeconfig that KUBECONFIG held is asked for where a file with %s has come there',
  async (_, context) => {
    const other = newRun({ workflow: attempt(7) });
    const directory = mkdtempSync(join(tmpdir(), 'jackal-post-'));
    const file = join(directory, 'config');
    writeFileSync(file, plane.kubeconfig());
    const { KUBECONFIG } = process.env;
    process.env.KUBECONFIG = file;
    try {
      const server = 'https://192.0.2.1:6443';
      expect(await postStep(other, { server, context: context ?? admin.context }, '')).toContain(
        `It is on ${server}, and the kubeconfig leads to ${admin.server} by now; give this step its own by the input \`kubeconfig\`, for the content of KUBECONFIG is not kept. This command`,
      );
    } finally {
      if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = KUBECONFIG;
      rmSync(directory, { recursive: true });
    }
  },
);

test('the post step goes by the files and the context that the main step had', async () => {
  const own = await run('default', 6);
  const directory = mkdtempSync(join(tmpdir(), 'jackal-post-'));
  const file = join(directory, 'config');
  // A later step has made another cluster the current one, in the same file and by its environment.
  const first = JSON.parse(plane.kubeconfig());
  const other = { name: 'other', cluster: { server: 'https://192.0.2.1:6443' } };
  const later = { name: 'other', context: { cluster: 'other', user: '' } };
  const both = {
    ...first,
    'current-context': 'other',
    clusters: [...first.clusters, other],
    contexts: [...first.contexts, later],
  };
  writeFileSync(file, JSON.stringify(both));
  const { KUBECONFIG } = process.env;
  process.env.KUBECONFIG = join(directory, 'missing');
  try {
    const { server, context } = admin;
    const said = await postStep(own, { server, context, kubeconfig: file }, '');
    expect(said).toContain(`Nothing of run ${own.id} is left on ${server}`);
  } finally {
    if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = KUBECONFIG;
    rmSync(directory, { recursive: true });
  }
  expect(await leasesIn('default')).not.toContain(nameOf.lease(own.id));
});

test('a run that is gone is not said to be left when dead ones cannot be looked for', async () => {
  const own = await run('default', 7);
  const find = jest.spyOn(ApiClient.prototype, 'list');
  const list = find.getMockImplementation() ?? ApiClient.prototype.list;
  const real = list;
  find.mockImplementation(function (this: ApiClient, path, options) {
    if (path === leasesPath('default')) throw new Error('Leases are not told.');
    return real.call(this, path, options) as never;
  });
  const said = await postStep(own).finally(() => find.mockRestore());
  expect(said).toContain(`Nothing of run ${own.id} is left`);
  expect(said).not.toContain('Not everything of this run');
  expect(said).toContain(
    'What dead runs have left could not be looked for or removed: Leases are not told. The next run tries again.',
  );
});

test('of a namespace that holds what is not the run’s no command is told that would take it', async () => {
  const own = newRun({ workflow: attempt(8) });
  await findPlace(admin.client, own, signal);
  const guest = await leasedRun(admin.client, { namespace: own.namespace });
  const remove = jest.spyOn(ApiClient.prototype, 'delete');
  remove.mockRejectedValueOnce(new Error('The first delete fails.'));
  const said = await postStep(own).finally(() => remove.mockRestore());
  expect(said).toContain('The first delete fails. This command removes the rest: kubectl delete ');
  expect(said).not.toContain('kubectl delete namespace');
  await removeDeadRuns(admin.client, [guest], () => undefined, signal);
  await postStep(own);
});
