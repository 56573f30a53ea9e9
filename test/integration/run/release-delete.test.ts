import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { Stages } from '../../../src/report/stages.js';
import { Traffic } from '../../../src/report/traffic.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { leasedRun } from '../../../src/run/lease.js';
import { leaveRelease } from '../../../src/run/release/lease.js';
import { labelsFor, nameOf } from '../../../src/run/run.js';
import { deleteRelease } from '../../../src/stages/delete.js';
import type { Job } from '../../../src/stages/job.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { USUAL_INPUTS } from '../usual-inputs.js';
import { leasedRun as newLeasedRun } from './run-objects.js';

/* The step that takes a release out of the cluster, by what a real API server says. */

let plane: ControlPlane;
let admin: Connection;
const namespace = 'default';
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

afterEach(() => {
  jest.restoreAllMocks();
});

function deleteWith(release: string, until = signal): Promise<void> {
  const kubeconfig = plane.kubeconfig();
  const inputs = { ...USUAL_INPUTS, namespace, kubeconfig, release } as unknown as Job['inputs'];
  return deleteRelease({ inputs, log: new Stages(), traffic: new Traffic(), signal: until });
}

test('a removal that is cancelled half-way may be taken up again at once', async () => {
  const { client } = admin;
  const release = await newLeasedRun(client, { namespace, release: 'web' });
  await leaveRelease(client, release, signal);
  const name = nameOf.chunk(release, 0);
  const path = `${configMapsPath(namespace)}/${name}`;
  const labels = labelsFor(release, 'chunk');
  await putConfigMap(client, { name, namespace, owner: release.owner, labels });
  // It is removed, and stays for as long as the test wants.
  await client.patch(path, { metadata: { finalizers: ['example.test/held'] } });
  try {
    const step = new AbortController();
    const cancelled = deleteWith('web', step.signal);
    cancelled.catch(() => undefined);
    const isGoing = async () =>
      (await client.get<V1ConfigMap>(path)).metadata?.deletionTimestamp !== undefined;
    await until('the removal to be under way', isGoing);
    step.abort(new Error('cancelled'));
    await expect(cancelled).rejects.toThrow();
    expect(await leasedRun(client, release, signal)).toMatchObject({ holder: undefined });
  } finally {
    await client.patch(path, { metadata: { finalizers: null } });
  }
  await deleteWith('web');
  expect(await leasedRun(client, release, signal)).toBeUndefined();
});

test('a release that is not there is told with the namespace in which it was looked for', async () => {
  const release = await newLeasedRun(admin.client, { namespace: 'kube-public', release: 'web' });
  await leaveRelease(admin.client, release, signal);
  const said = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await deleteWith('web');
  const { server } = admin;
  expect(said.mock.calls.join('')).toContain(
    `::There is no release "web" in the namespace "default" on ${server}, so nothing was deleted;`,
  );
  expect(await leasedRun(admin.client, release, signal)).toBeDefined();
});
