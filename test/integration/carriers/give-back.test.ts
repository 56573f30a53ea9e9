import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { type GiveBackPlan, giveBack } from '../../../src/carriers/configmaps/give-back.js';
import { createConfigMap } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { hasVerifiedAll } from '../../../src/registry/status.js';
import { type Delivery, labelsOf, nameOf, selectorOf } from '../../../src/run/run.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, RUNNING, sayStatus } from '../run/played-nodes.js';
import { configMapsIn, grantNobody, leasedRun } from '../run/run-objects.js';

const NEVER = 100_000;
const namespace = 'default';
const { signal } = new AbortController();
const PACE = { concurrency: 2, restMilliseconds: 0 };
let plane: ControlPlane;
let admin: Connection;
let delivery: Delivery;
let registry: V1Pod;
let warnings: string[];

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  delivery = await leasedRun(admin.client, { namespace });
  warnings = [];
  const name = nameOf.registry(delivery, 0);
  registry = await admin.client.create<V1Pod>(collection.pods(namespace), {
    metadata: { name, namespace, labels: labelsOf(delivery.id, 'registry') },
    spec: {
      nodeName: 'n1',
      readinessGates: [{ conditionType: 'example.test/never' }],
      containers: [
        { name: 'a-proxy', image: 'proxy:1' },
        { name: 'registry', image: 'pause:3' },
      ],
    },
  });
  for (let index = 0; index < 3; index++) {
    const spec = {
      name: nameOf.chunk(delivery, index),
      namespace,
      labels: labelsOf(delivery.id, 'chunk'),
      owner: delivery.owner,
      binaryData: { chunk: [Buffer.alloc(100)] },
      immutable: true,
    };
    await createConfigMap(admin.client, spec, { signal });
  }
});

/** Says that the registry's container is ready or not, in a Pod that never is. */
async function sayReady(ready: boolean): Promise<void> {
  const { containerStatuses } = allIn(registry, RUNNING) as {
    containerStatuses: { name: string; ready: boolean }[];
  };
  for (const status of containerStatuses) status.ready = ready && status.name === 'registry';
  const conditions = [{ type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' }];
  await sayStatus(admin.client, registry, { phase: 'Running', conditions, containerStatuses });
}

const chunksLeft = () => configMapsIn(admin.client, namespace, selectorOf(delivery.id, 'chunk'));

function planOf(more: Partial<GiveBackPlan>): GiveBackPlan {
  return {
    ...delivery,
    registryPod: nameOf.registry(delivery, 0),
    hasVerifiedAll,
    chunks: [0, 1, 2].map((index) => ({ name: nameOf.chunk(delivery, index), bytes: 100 + index })),
    pace: PACE,
    proven: new Promise(() => undefined),
    warn: (sentence) => warnings.push(sentence),
    patienceSeconds: NEVER,
    ...more,
  };
}

test('chunks go when the registry has them, though its Pod never is Ready', async () => {
  await sayReady(true);
  expect(await giveBack(admin.client, planOf({}), signal)).toBe(0);
  expect([await chunksLeft(), warnings]).toEqual([[], []]);
});

test('a registry that becomes ready after the proof, within the patience, is waited for', async () => {
  await sayReady(false);
  const proven = Promise.resolve();
  const given = giveBack(admin.client, planOf({ proven }), signal);
  await sayReady(true);
  expect(await given).toBe(0);
  expect([await chunksLeft(), warnings]).toEqual([[], []]);
});

test('a registry that never says so keeps nobody, but not before all is proven', async () => {
  await sayReady(false);
  const proof = Promise.withResolvers<void>();
  let ended = false;
  const plan = planOf({ proven: proof.promise, patienceSeconds: 0 });
  const given = giveBack(admin.client, plan, signal).finally(() => {
    ended = true;
  });
  // Its own look at the Pod is behind it by now, and nothing is proven.
  for (let asked = 0; asked < 5; asked++) await chunksLeft();
  expect(ended).toBe(false);
  proof.resolve();
  expect(await given).toBe(303);
  expect(await chunksLeft()).toHaveLength(3);
  expect(warnings).toEqual([expect.stringMatching(/^The registry Pod .* has not become ready/)]);
});

test('a delete that fails is a warning, and what is left is counted', async () => {
  await sayReady(true);
  await grantNobody(admin.client, 'pods', ['list', 'watch']);
  const user = { token: NOBODY_TOKEN };
  const nobody = await connect({ kubeconfig: plane.kubeconfig({ user }), env: {} });
  try {
    expect(await giveBack(nobody.client, planOf({}), signal)).toBe(303);
  } finally {
    nobody.client.close();
  }
  expect(await chunksLeft()).toHaveLength(3);
  expect(warnings).toEqual([expect.stringMatching(/may not delete configmaps.*post step\.$/)]);
});

test('the signal ends the wait, and that is no warning', async () => {
  await sayReady(false);
  const stop = new AbortController();
  const given = giveBack(admin.client, planOf({}), stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(given).rejects.toThrow('cancelled');
  expect(warnings).toEqual([]);
});
