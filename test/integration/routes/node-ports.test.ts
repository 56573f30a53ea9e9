import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Service } from '@kubernetes/client-node';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { RELAY_PORT_FIRST } from '../../../src/lib/limits/routes.js';
import { findService } from '../../../src/registry/service.js';
import { leaveRelease, putInUse } from '../../../src/run/release/lease.js';
import { nameOf, type OpenRun } from '../../../src/run/run.js';
import type { PreparedJob } from '../../../src/stages/job.js';
import { open } from '../../../src/stages/open.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun } from '../run/run-objects.js';
import { USUAL_INPUTS } from '../usual-inputs.js';

/* What becomes of a run where others have all node ports, which a dry run does not tell. */

let plane: ControlPlane;
let admin: Connection;
const namespace = 'default';
const { signal } = new AbortController();
const services = collection.services(namespace);

beforeAll(async () => {
  const flags = async () => ['--service-node-port-range=30000-30000'];
  plane = await startControlPlane({ flags });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  const ports = [{ port: 80 }];
  await admin.client.create<V1Service>(services, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'somebody-elses' } },
    spec: { type: 'NodePort', ports },
  });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** The run of a step with this route, as it is when the stage is over. */
function opened(route: PreparedJob['inputs']['route'], release?: string): Promise<OpenRun> {
  return open({
    ...{ client: admin.client, signal, context: 'plane', configMapBytes: 0, leadsLater: true },
    inputs: { ...USUAL_INPUTS, namespace, route, release },
    plan: { carrier: 'stream' },
    log: { group: (_: string, work: (notes: object) => Promise<OpenRun>) => work({}) },
  } as unknown as PreparedJob);
}

const typeOf = async ({ id }: { readonly id: string }) =>
  (await admin.client.get<V1Service>(`${services}/${nameOf.service(id)}`)).spec?.type;

test('a run that may have relays is opened without a node port', async () => {
  const run = await opened('auto');
  expect(run.relaysOnly).toBe(true);
  expect(Number(/^127\.0\.0\.1:(\d+)\//.exec(run.registry)?.[1])).toBeGreaterThanOrEqual(
    RELAY_PORT_FIRST,
  );
  expect(await typeOf(run)).toBe('ClusterIP');
});

test('a Service of a release that is made anew does without, too', async () => {
  const release = await leasedRun(admin.client, { namespace, release: 'web' });
  const offer = {
    carrier: 'stream',
    shapes: [{ type: 'NodePort' }, { type: 'ClusterIP' }],
  } as const;
  const { shape, ports } = await findService(admin.client, release, offer, signal);
  expect({ shape, ports }).toEqual({ shape: { type: 'ClusterIP' }, ports: {} });
  expect(await typeOf(release)).toBe('ClusterIP');
});

test('a release whose nodes have come by a node port so far is given nothing else', async () => {
  const release = await leasedRun(admin.client, { namespace, release: 'by-node-port' });
  await putInUse(admin.client, release, { delivery: 0, route: 'nodeport' }, signal);
  await leaveRelease(admin.client, release, signal);
  await expect(opened('auto', 'by-node-port')).rejects.toThrow(
    /^The cluster has no node port left/,
  );
});

test('where a node port is asked for, one sentence says that none is left', async () => {
  await expect(opened('nodeport')).rejects.toThrow(
    /^The cluster has no node port left \(Internal error occurred: failed to allocate a nodePort: range is full\), so there can be no Service of type NodePort; set the input `route` to auto, delete Services of type NodePort or LoadBalancer that nobody needs, or have the API server's --service-node-port-range widened\.$/,
  );
});
