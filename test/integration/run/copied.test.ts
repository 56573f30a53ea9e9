import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { RegistryLost } from '../../../src/registry/fault.js';
import { Stages } from '../../../src/report/stages.js';
import { type Delivery, labelsOf, nameOf } from '../../../src/run/run.js';
import { untilCopied } from '../../../src/stages/prove/copied.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, RUNNING, sayStatus } from './played-nodes.js';
import { leasedRun } from './run-objects.js';

/* A release's registry that copies from the one it replaces, which is not to go before that, by what a kubelet would say. */

const namespace = 'default';
const { signal } = new AbortController();
const proven = Promise.resolve();
let plane: ControlPlane;
let admin: Connection;
let delivery: Delivery;
let registry: V1Pod;

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  const run = await leasedRun(admin.client, { namespace });
  delivery = { ...run, kept: { since: 0, delivery: 3, address: '10.0.0.7:5000' } };
  registry = await admin.client.create<V1Pod>(collection.pods(namespace), {
    metadata: {
      ...{ name: nameOf.registry(delivery, 0), namespace },
      labels: labelsOf(delivery.id, 'registry'),
    },
    spec: {
      nodeName: 'n1',
      containers: [
        { name: 'registry', image: 'pause:3', startupProbe: { exec: { command: ['x'] } } },
      ],
    },
  });
  await sayStatus(admin.client, registry, allIn(registry, RUNNING, { ready: false }));
});

/** Waits for the copies of a delivery, and says what is under way meanwhile. */
function waiting(of: Delivery = delivery) {
  const log = new Stages();
  const standing = { registry: { name: nameOf.registry(of, 0) }, proven };
  const copied = untilCopied({ client: admin.client, log }, of, standing, signal);
  copied.catch(() => undefined);
  const isTold = () => log.underWay().includes('(the registry: it copies from the one that it');
  return { copied, isTold, begun: () => until('the wait to begin', async () => isTold()) };
}

test('it is waited for, and whoever asks is told so', async () => {
  const { copied, isTold, begun } = waiting();
  await begun();
  await sayStatus(
    admin.client,
    registry,
    allIn(registry, RUNNING, { ready: false, started: true }),
  );
  await copied;
  expect(isTold()).toBe(false);
});

test('one that is lost meanwhile has what it had copied lost', async () => {
  const { copied, begun } = waiting();
  await begun();
  const path = `${collection.pods(namespace)}/${registry.metadata?.name}`;
  await admin.client.delete(path, { query: { gracePeriodSeconds: 0 } });
  await expect(copied).rejects.toThrow(RegistryLost);
});

test('where nothing is copied, nothing is waited for', async () => {
  const { copied } = waiting({ ...delivery, kept: { since: 0, delivery: 3 } });
  await copied;
});
