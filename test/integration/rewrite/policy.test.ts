import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { policyObstacle } from '../../../src/preflight/rewriting.js';
import { type PolicyPlan, policyFor } from '../../../src/rewrite/admission/policy.js';
import type { Scope } from '../../../src/rewrite/admission/scope.js';
import { newTrial, untilActs } from '../../../src/rewrite/admission/trial.js';
import { writePolicy } from '../../../src/rewrite/admission/write.js';
import { injectedNames } from '../../../src/rewrite/names.js';
import { deleteLease } from '../../../src/run/lease.js';
import { findPlace, namespaceAsOwner, tellProven } from '../../../src/run/namespace.js';
import { findOtherRuns, removeDeadRuns } from '../../../src/run/other-runs.js';
import { bindingsPath, policiesPath } from '../../../src/run/removal/policy.js';
import { removeRun } from '../../../src/run/remove.js';
import { type Delivery, nameOf, newRun, type OpenRun } from '../../../src/run/run.js';
import { USUAL_SHAPE } from '../../../src/run/shape.js';
import { DEFAULT_KUBERNETES, kubeBinaries } from '../../cluster/build/build.js';
import { until } from '../../cluster/until.js';
import { image } from '../../unit/rewrite/images.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun } from '../run/run-objects.js';

/* The policy as a real API server takes it, replaces it, and loses it. */

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();
const ALL: Scope = { kind: 'all' };
const REGISTRY = image('x').pullable.replace(/\/library.*/, '');

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** Writes the policy of a run for these images; returns by what it is tried. */
async function put(
  run: OpenRun,
  names: readonly string[],
  digit = 'a',
  about: Pick<PolicyPlan, 'awaitsProof' | 'end'> = {},
) {
  const trial = newTrial(REGISTRY);
  const images = names.map((name) => image(name, digit));
  const all = new Map([...injectedNames(images), [trial.name, trial.pullable]]);
  const owner = await namespaceAsOwner(admin.client, run, signal);
  const plan = { run: { ...run, registry: REGISTRY }, names: all, scope: ALL, owner, ...about };
  await writePolicy(admin.client, policyFor(plan), signal);
  return { trial, run, shape: USUAL_SHAPE };
}

/** Writes the policy of a run for these images and waits until it acts in the namespace. */
async function written(run: OpenRun, names: readonly string[], digit?: string) {
  const of = await put(run, names, digit);
  expect(await untilActs(admin.client, of, ['default'], signal)).toBeUndefined();
}

/** What the API server makes of the images of a Pod's containers. */
async function tried(images: readonly string[], labels = {}): Promise<(string | undefined)[]> {
  const containers = images.map((one, at) => ({ name: `c${at}`, image: one }));
  const pod: V1Pod = { metadata: { name: 'tried', labels }, spec: { containers } };
  const path = '/api/v1/namespaces/default/pods';
  const { spec } = await admin.client.create<V1Pod>(path, pod, { query: { dryRun: 'All' } });
  return spec?.containers.map((one) => one.image) ?? [];
}

const uidOf = async (path: string, { id }: Pick<OpenRun, 'id'>) =>
  (await admin.client.get<ApiObject>(`${path}/${nameOf.policy(id)}`).catch(() => undefined))
    ?.metadata?.uid;

const isThere = async (run: Pick<OpenRun, 'id'>) =>
  (await Promise.all([policiesPath, bindingsPath].map((path) => uidOf(path, run)))).map(
    (uid) => uid !== undefined,
  );

const leased = (namespace = 'default'): Promise<Delivery> => leasedRun(admin.client, { namespace });

test('500 images are taken in one policy, and each is found', async () => {
  const run = await leased();
  const names = Array.from({ length: 500 }, (_, at) => `ghcr.io/acme/platform/service-${at}:v1.2`);
  await written(run, names);
  const pullables = names.map((name) => image(name, 'a').pullable);
  expect(await tried([names[0] as string, 'busybox', names[499] as string])).toEqual([
    ...[pullables[0], 'busybox', pullables[499]],
  ]);
  expect(await tried([names[7] as string, 'ghcr.io/acme/platform/service-7:v1.3'])).toEqual([
    ...[pullables[7], 'ghcr.io/acme/platform/service-7:v1.3'],
  ]);
  await removeRun(admin.client, run, signal);
  expect(await isThere(run)).toEqual([false, false]);
});

test('a policy that is there is replaced and never missing', async () => {
  const run = await leased();
  await written(run, ['web:1', 'old:1']);
  const before = await uidOf(policiesPath, run);
  await written(run, ['web:1'], 'b');
  expect(await uidOf(policiesPath, run)).toBe(before);
  expect(await tried(['web:1', 'old:1'])).toEqual([image('web:1', 'b').pullable, 'old:1']);
  await removeRun(admin.client, run, signal);
});

test('what comes into a Pod behind the policy is rewritten, too, beside an injected image', async () => {
  const run = await leased();
  await written(run, ['side:1', 'web:1']);
  const name = 'zz-adds-a-container';
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['pods'],
    operations: ['CREATE'],
  };
  const side = 'Object.spec.containers{name: "side", image: "side:1"}';
  const jsonPatch = {
    expression: `[JSONPatch{op: "add", path: "/spec/containers/-", value: ${side}}]`,
  };
  const spec = {
    reinvocationPolicy: 'Never',
    matchConstraints: {
      resourceRules: [rule],
      objectSelector: { matchLabels: { side: 'yes' } },
    },
    mutations: [{ patchType: 'JSONPatch', jsonPatch }],
  };
  const metadata = { name };
  await admin.client.create(policiesPath, { metadata, spec } as ApiObject);
  await admin.client.create(bindingsPath, { metadata, spec: { policyName: name } } as ApiObject);
  try {
    // Once the other policy acts.
    let images = await tried(['web:1'], { side: 'yes' });
    while (images.length === 1) images = await tried(['web:1'], { side: 'yes' });
    expect(images).toEqual(['web:1', 'side:1'].map((one) => image(one).pullable));
  } finally {
    for (const path of [bindingsPath, policiesPath]) await admin.client.delete(`${path}/${name}`);
    await removeRun(admin.client, run, signal);
  }
});

test("the run's own namespace takes the policy along", async () => {
  const run = newRun();
  await findPlace(admin.client, run, signal);
  await written({ ...run, registry: REGISTRY, owner: (await leased()).owner }, ['web:1']);
  expect(await isThere(run)).toEqual([true, true]);
  await admin.client.delete(`/api/v1/namespaces/${run.namespace}`);
  let left = await isThere(run);
  while (left.includes(true)) left = await isThere(run);
});

test('a policy without the Lease of its run goes with the next run that can judge it', async () => {
  const place = { metadata: { name: 'elsewhere' } };
  await admin.client.create('/api/v1/namespaces', place);
  const [dead, alive, other] = [await leased(), await leased(), await leased('elsewhere')];
  for (const run of [dead, alive, other]) await written(run, ['web:1']);
  for (const run of [dead, other]) await deleteLease(admin.client, run, signal);
  const fail = (sentence: string) => {
    throw new Error(sentence);
  };
  const visit = async (namespace: string | undefined) => {
    const found = await findOtherRuns(admin.client, newRun({ namespace }), signal);
    await removeDeadRuns(admin.client, found.dead, fail, signal);
    return await Promise.all([dead, alive, other].map(isThere));
  };
  const [yes, no] = [
    [true, true],
    [false, false],
  ];
  expect(await visit('default')).toEqual([no, yes, yes]);
  expect(await visit(undefined)).toEqual([no, yes, no]);
  await removeRun(admin.client, alive, signal);
  expect(await isThere(alive)).toEqual(no);
});

test('where Pods cannot be tried it is told why, and a policy that does nothing is an error', async () => {
  const of = { trial: newTrial(REGISTRY), run: await leased(), shape: USUAL_SHAPE };
  expect(await untilActs(admin.client, of, [], signal)).toBe(
    'there is no namespace to try a Pod in',
  );
  expect(await untilActs(admin.client, of, ['absent'], signal)).toMatch(
    /^no Pod can be tried in the namespace absent: .*namespaces "absent" not found$/,
  );
  await expect(untilActs(admin.client, of, ['absent', 'default'], signal, 1)).rejects.toThrow(
    'The API server does not rewrite names 1 s after it was given the policy; see that its admission plugin MutatingAdmissionPolicy is on, or set the input `rewrite` to none.',
  );
  await removeRun(admin.client, of.run as Delivery, signal);
});

test('the obstacle to a policy is named: none, a missing right, or a server without it', async () => {
  expect(await policyObstacle(admin.client, 'v1.37.2', signal)).toBeUndefined();
  const kubeconfig = plane.kubeconfig({ user: { token: NOBODY_TOKEN } });
  const nobody = await connect({ kubeconfig, env: {} });
  expect(await policyObstacle(nobody.client, 'v1.37.2', signal)).toBe(
    "the kubeconfig's user may not create mutatingadmissionpolicies in the cluster, which the README's ClusterRole grants",
  );
  nobody.client.close();
  const resources = { resources: [{ name: 'validatingadmissionpolicies' }] };
  const get = async () => resources;
  const older = Object.assign(Object.create(admin.client) as typeof admin.client, { get });
  expect(await policyObstacle(older, 'v1.35.1', signal)).toMatch(
    /^Kubernetes v1\.35\.1 serves no MutatingAdmissionPolicy \(/,
  );
});

test('a policy that waits for the proof rewrites nothing until its namespace says so, and then at once', async () => {
  const made = newRun();
  await findPlace(admin.client, made, signal);
  const run = { ...made, registry: REGISTRY, owner: (await leased()).owner };
  await written(run, ['other:1']);
  const of = await put(run, ['web:1'], 'a', { awaitsProof: true });
  // It is known when the one before it is not any more.
  while ((await tried(['other:1']))[0] !== 'other:1');
  expect(await tried(['web:1', of.trial.name])).toEqual(['web:1', of.trial.name]);
  await tellProven(admin.client, run, signal);
  expect(await untilActs(admin.client, of, ['default'], signal)).toBeUndefined();
  expect(await tried(['web:1'])).toEqual([image('web:1', 'a').pullable]);
  await removeRun(admin.client, run, signal);
  expect(await isThere(run)).toEqual([false, false]);
});

/** Runs kubectl on an object, and returns what it says of it. */
async function kubectl(object: object, ...args: string[]): Promise<ApiObject> {
  const [config, file] = ['kubectl.config', 'object.json'].map((name) =>
    path.join(plane.directory, name),
  ) as [string, string];
  await writeFile(config, plane.kubeconfig());
  await writeFile(file, JSON.stringify(object));
  const program = path.join(await kubeBinaries(DEFAULT_KUBERNETES), 'kubectl');
  const command = ['--kubeconfig', config, ...args, '--filename', file, '--output=json'];
  return JSON.parse((await promisify(execFile)(program, command)).stdout);
}

const imageOf = (pod: ApiObject | undefined) =>
  (pod as V1Pod | undefined)?.spec?.containers[0]?.image;

/** What Pods of `web:1` have that kubectl makes, in each way, and a controller. */
async function made(name: string): Promise<(string | undefined)[]> {
  const labels = { app: name };
  const spec = { containers: [{ name: 'c', image: 'web:1' }] };
  const pod = (way: string) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `${name}-${way}` }, spec },
  });
  await kubectl(
    {
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    'create',
  );
  const ofController = async () =>
    (
      await admin.client.list<ApiObject>('/api/v1/namespaces/default/pods', {
        query: { labelSelector: `app=${name}` },
      })
    ).items[0];
  return [
    await kubectl(pod('created'), 'create'),
    await kubectl(pod('applied'), 'apply'),
    await kubectl(pod('server-side'), 'apply', '--server-side'),
    await until('the Pod of the ReplicaSet', ofController),
  ].map(imageOf);
}

test("names are rewritten until the policy's end, whoever makes Pods, and not later", async () => {
  const run = await leased();
  const hour = 3_600_000;
  const of = await put(run, ['web:1', 'other:1'], 'a', { end: admin.client.now() + hour });
  expect(await untilActs(admin.client, of, ['default'], signal)).toBeUndefined();
  const { pullable } = image('web:1', 'a');
  expect(await made('early')).toEqual(Array(4).fill(pullable));
  await put(run, ['web:1'], 'a', { end: admin.client.now() - hour });
  // It is known when the one before it is not any more.
  while ((await tried(['other:1']))[0] !== 'other:1');
  expect(await made('late')).toEqual(Array(4).fill('web:1'));
  // What was there before and is changed says when.
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'early-applied' } };
  const spec = { containers: [{ name: 'c', image: 'web:1' }] };
  expect(imageOf(await kubectl({ ...pod, spec }, 'apply'))).toBe('web:1');
  await removeRun(admin.client, run, signal);
});
