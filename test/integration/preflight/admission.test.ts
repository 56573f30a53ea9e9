import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod, V1Service, V1ValidatingAdmissionPolicySpec } from '@kubernetes/client-node';
import type { ApiObject } from '../../../src/kube/client.js';
import { configMapsPath, createConfigMap } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import { type Admitted, findAdmitted, type Room } from '../../../src/preflight/admission.js';
import { type Refusal, refusedError, tried } from '../../../src/preflight/dry-run.js';
import { limitsLeft } from '../../../src/preflight/resources/quotas.js';
import { readRules } from '../../../src/preflight/resources/rules.js';
import { proofPod } from '../../../src/proof/pod.js';
import { registryPod } from '../../../src/registry/pod.js';
import { leadService, openService, rehearseService } from '../../../src/registry/service.js';
import { findPlace } from '../../../src/run/namespace.js';
import type { Base, BaseCandidate } from '../../../src/run/pod.js';
import { chunkPath } from '../../../src/run/pod.js';
import { type Delivery, labelsOf, newRun } from '../../../src/run/run.js';
import { type PodShape, USUAL_SHAPE } from '../../../src/run/shape.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { grantNobody, leasedRun, makeQuota } from '../run/run-objects.js';

let plane: ControlPlane;
let admin: Connection;
let nobody: Connection;
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nobody = await connect({
    kubeconfig: plane.kubeconfig({ user: { token: NOBODY_TOKEN } }),
    env: {},
  });
  await grantNobody(admin.client, 'pods', ['create']);
});

afterAll(async () => {
  admin?.client.close();
  nobody?.client.close();
  await plane?.stop();
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
const PAUSE: Base = {
  node: 'one',
  architecture: 'amd64',
  image: 'registry.test/pause:3',
  aliases: [`registry.test/pause@${DIGEST}`],
};
const OTHER: Base = { node: 'two', architecture: 'amd64', image: 'elsewhere.test/web:1' };
const IMAGES = ['one', 'two'].map((given) => ({
  given,
  pullable: `127.0.0.1:30000/${'f'.repeat(32)}/${given}@${DIGEST}`,
  platforms: ['linux/amd64'],
}));

/** Labels of the Pod Security level that a run's own namespace has. */
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** A run in a new namespace of this name. */
async function runIn(namespace: string, labels?: Record<string, string>): Promise<Delivery> {
  const metadata = { name: namespace, labels: RESTRICTED };
  await admin.client.create('/api/v1/namespaces', { metadata });
  return leasedRun(admin.client, { namespace, labels });
}

const registry = (run: Delivery, shape: PodShape, base: BaseCandidate) =>
  registryPod({ ...run, shape }, base, 0, [chunkPath(0)], 1024);
const proof = (run: Delivery, shape: PodShape, taints: object[] = []) => {
  const node = { index: 0, name: 'one', architecture: 'amd64', taints } as const;
  return proofPod({ ...run, shape }, node as never, IMAGES, 0);
};

/** Asks as the rehearsal does, with what the user may read. */
async function ask(run: Delivery, { client } = admin, bases: readonly Base[] = [PAUSE, OTHER]) {
  const rules = await readRules(client, run.namespace, signal);
  const room: Room = {
    proofs: [IMAGES.length, IMAGES.length],
    diskBytes: 1024,
    ranges: rules.ranges,
    limitsLeft: limitsLeft(rules.quotas),
  };
  const samples = {
    bases,
    registry: (shape: PodShape, base: BaseCandidate) => registry(run, shape, base),
    proofs: (shape: PodShape) => [proof(run, shape)],
  };
  return findAdmitted(client, run.namespace, samples, room, { signal });
}

async function admitted(...args: Parameters<typeof ask>): Promise<Admitted> {
  const outcome = await ask(...args);
  if (!('shape' in outcome)) throw refusedError('the namespace', outcome);
  return outcome;
}

/** What was admitted is stored as it is: the registry and a proof on each of two nodes. */
async function store(run: Delivery, { shape, bases }: Admitted): Promise<V1Pod[]> {
  const pods = [registry(run, shape, bases[0] as BaseCandidate), proof(run, shape)];
  return Promise.all(pods.map((pod) => createPod(admin.client, run.namespace, pod)));
}

/** A Pod that Pod Security admits, by whose name or resources rules show that they are in force. */
function canaryPod(resources: object = {}): ApiObject & V1Pod {
  const run = { ...newRun({ namespace: 'any' }), registry: '', delivery: 0 };
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'none' };
  const pod = proof({ ...run, owner }, USUAL_SHAPE);
  for (const container of pod.spec?.containers ?? []) container.resources = resources;
  return { ...pod, metadata: { name: 'canary' } };
}

const POLICIES = '/apis/admissionregistration.k8s.io/v1';

/** Refuses objects of a namespace for which a CEL expression is false; returns when the API server acts by it. */
async function policy(
  namespace: string,
  expression: string,
  { resource = 'pods', message = `${namespace} says no` } = {},
): Promise<void> {
  const spec: V1ValidatingAdmissionPolicySpec = {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], resources: [resource], operations: ['CREATE'] },
      ],
    },
    // The object that shows when the policy is in force, besides what is tried.
    validations: [
      { expression: "!object.metadata.name.startsWith('canary')", message },
      { expression, message },
    ],
  };
  const name = `${namespace}-${resource}`;
  await admin.client.create(`${POLICIES}/validatingadmissionpolicies`, {
    metadata: { name },
    spec,
  } as ApiObject);
  const matchResources = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  };
  await admin.client.create(`${POLICIES}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], matchResources },
  } as ApiObject);
  const canary =
    resource === 'pods'
      ? canaryPod()
      : ({ metadata: { name: 'canary' }, spec: { ports: [{ port: 1 }] } } as ApiObject);
  const path = `/api/v1/namespaces/${namespace}/${resource}`;
  const acts = async () => {
    const query = { dryRun: 'All' };
    const dryRun = admin.client.create(path, canary, { query });
    const { refusal } = await tried('the canary', dryRun);
    return refusal?.words.includes(message) === true;
  };
  await until('the policy to act', acts);
}

async function limitRange(namespace: string, ...limits: object[]): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/limitranges`;
  await admin.client.create(path, { metadata: { name: 'range' }, spec: { limits } } as ApiObject);
  // The admission plugin learns of it by a watch: a Pod that states nothing is given its defaults or refused.
  const acts = async () => {
    const pod = canaryPod({ requests: { cpu: '100' }, limits: { cpu: '100' } });
    const { refusal } = await tried(
      'the canary',
      createPod(admin.client, namespace, pod, { dryRun: true }),
    );
    return refusal?.words.includes('Container is') === true;
  };
  await until('the limit range to act', acts);
}

const SERVICE = { carrier: 'configmap', shapes: [{ type: 'NodePort' }] } as const;

test('where nobody asks for anything, the usual shape is admitted, and nothing is stored', async () => {
  const run = await runIn('plain');
  const { shape, bases, pullsAnew } = await admitted(run);
  expect(pullsAnew).toBe(false);
  expect(shape.user).toBe(true);
  expect(shape.proof.requests).toEqual({ cpu: '0', memory: '0' });
  expect(bases).toEqual([PAUSE, OTHER]);
  const { items } = await admin.client.list(collection.pods(run.namespace));
  expect(items).toEqual([]);
});

test.each<[string, string]>([
  [
    'probes on every container',
    'object.spec.containers.all(c, has(c.readinessProbe) && has(c.livenessProbe))',
  ],
  [
    'a name label',
    "has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels",
  ],
  [
    'no toleration of everything',
    '!has(object.spec.tolerations) || object.spec.tolerations.all(t, has(t.key) && t.key != "")',
  ],
  [
    'all of requests and limits',
    "object.spec.containers.all(c, ['cpu', 'memory'].all(r, r in c.resources.requests && r in c.resources.limits))",
  ],
  ["an organisation's label", "object.metadata.labels['team'] == 'web'"],
])('a policy that asks for %s has what it asks for', async (what, expression) => {
  const namespace = what.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  const run = await runIn(namespace, { team: 'web' });
  await policy(namespace, expression);
  const outcome = await admitted(run);
  expect(outcome.shape.user).toBe(true);
  await store(run, outcome);
});

test("the organisation's labels are on everything that is made", async () => {
  const run = newRun({ labels: { team: 'web', 'example.test/cost': '7' } });
  await findPlace(admin.client, run, signal);
  type Labelled = ApiObject & { metadata: { labels: object; annotations: object } };
  const { metadata } = await admin.client.get<Labelled>(`/api/v1/namespaces/${run.namespace}`);
  expect(metadata.labels).toMatchObject({
    team: 'web',
    'example.test/cost': '7',
    'app.kubernetes.io/name': 'jackal-inject',
    'app.kubernetes.io/managed-by': 'jackal-inject',
    'istio-injection': 'disabled',
    'zarf.dev/agent': 'ignore',
  });
  expect(metadata.annotations).toMatchObject({ 'linkerd.io/inject': 'disabled' });
});

test('where requests have to be something, they are small', async () => {
  const run = await runIn('requests-something');
  await policy(
    run.namespace,
    "object.spec.containers.all(c, quantity(c.resources.requests['cpu']).isGreaterThan(quantity('0')))",
  );
  const outcome = await admitted(run);
  expect(outcome.shape.user).toBe(true);
  expect(outcome.shape.proof.requests).toEqual({ cpu: '10m', memory: '16Mi' });
  await store(run, outcome);
});

test('a registry by tag that a policy refuses is named by its digest', async () => {
  const run = await runIn('by-digest');
  await policy(run.namespace, "object.spec.containers.all(c, c.image.contains('@sha256:'))");
  const outcome = await admitted(run);
  expect(outcome.bases.map(({ image }) => image)).toEqual([`registry.test/pause@${DIGEST}`]);
  await store(run, outcome);
});

test('a base that a policy refuses is left out for the next', async () => {
  const run = await runIn('no-pause');
  await policy(run.namespace, "object.spec.containers.all(c, !c.image.contains('pause'))");
  const outcome = await admitted(run);
  expect(outcome.bases).toEqual([OTHER]);
  await store(run, outcome);
});

test('where admission gives each namespace its users, ours is not named', async () => {
  const run = await runIn('own-users');
  // As OpenShift's restricted-v2 does with users outside of the namespace's range.
  await policy(
    run.namespace,
    '!has(object.spec.securityContext.runAsUser) && !has(object.spec.securityContext.runAsGroup)',
    { message: 'spec.securityContext.runAsUser: Invalid value: 65532: must be in the ranges' },
  );
  const outcome = await admitted(run);
  expect(outcome.shape.user).toBe(false);
  expect(outcome.shape.proof.requests).toEqual({ cpu: '0', memory: '0' });
  const [stored] = await store(run, outcome);
  expect(stored?.spec?.securityContext?.runAsUser).toBeUndefined();
});

test('two policies that ask for different things are both obeyed', async () => {
  const run = await runIn('two-wishes');
  await policy(
    run.namespace,
    "!has(object.spec.securityContext.runAsUser) && object.spec.containers.all(c, c.resources.requests['cpu'] != '0' && c.image.contains('@'))",
  );
  const outcome = await admitted(run);
  expect(outcome.shape).toMatchObject({ user: false, proof: { requests: { cpu: '10m' } } });
  await store(run, outcome);
});

test('what no shape mends is told once, with the words of who refused first', async () => {
  const run = await runIn('never');
  await policy(run.namespace, 'false', { message: 'no Pods on Sundays' });
  const outcome = (await ask(run)) as readonly Refusal[];
  const { message } = refusedError(run.namespace, outcome);
  expect(message).toMatch(
    /^ValidatingAdmissionPolicy 'never-pods' with binding 'never-pods' denied request: no Pods on Sundays \(the proofs' Pods, the registry's Pod\): so the cluster refuses what this run would create in the namespace "never"; change the policy or use another namespace\.$/,
  );
});

test.each([
  [
    'proofs',
    "object.spec.containers.all(c, c.image.startsWith('registry.test/'))",
    /images from registry\.test alone \(the proofs' Pods\): .*; let the policy allow images whose names begin with 127\.0\.0\.1:, or use another namespace\.$/,
  ],
  [
    'registry',
    "object.spec.containers.all(c, c.image.startsWith('127.0.0.1:'))",
    /images from registry\.test alone \(the registry's Pod\): .*; let the policy allow the image registry\.test\/pause:3, or use another namespace\.$/,
  ],
])(
  'where just the image of the %s is refused, it is said what to allow',
  async (name, rule, words) => {
    const run = await runIn(`names-of-${name}`);
    await policy(run.namespace, rule, { message: 'images from registry.test alone' });
    const outcome = (await ask(run)) as readonly Refusal[];
    expect(refusedError(run.namespace, outcome).message).toMatch(words);
  },
);

test('of several refusals the one that nothing mends is told', async () => {
  const run = await runIn('range-and-never');
  await limitRange(run.namespace, { type: 'Container', min: { cpu: '30m' }, max: { cpu: '2' } });
  await policy(run.namespace, 'false', { message: 'no Pods on Sundays' });
  const outcome = (await ask(run, nobody)) as readonly Refusal[];
  const { message } = refusedError(run.namespace, outcome);
  expect(message).toMatch(/denied request: no Pods on Sundays /);
  expect(message).not.toContain('usage per Container');
});

test('Pod Security and a full chunk speak, and nothing is stored', async () => {
  const run = await runIn('policed');
  const { refusal } = await tried(
    'the Pod',
    createPod(
      admin.client,
      run.namespace,
      { metadata: { name: 'loose' }, spec: { containers: [{ name: 'a', image: 'b' }] } },
      { dryRun: true },
    ),
  );
  expect(refusal?.words).toMatch(/^violates PodSecurity "restricted:latest": /);
  const { namespace } = run;
  const configMap = {
    name: 'sample',
    namespace,
    labels: {},
    binaryData: { chunk: [Buffer.alloc(768 * 1024)] },
  };
  const trial = await tried('chunks', createConfigMap(admin.client, configMap, { dryRun: true }));
  expect(trial.refusal).toBeUndefined();
  const { items } = await admin.client.list<ApiObject>(configMapsPath(namespace));
  expect(items.map(({ metadata }) => metadata?.name)).not.toContain('sample');
});

test("the NodePort Service is refused before it is there, with the policy's words first", async () => {
  const run = await runIn('no-node-ports');
  await rehearseService(admin.client, run, SERVICE, signal);
  await policy(run.namespace, "object.spec.type != 'NodePort'", {
    resource: 'services',
    message: 'NodePorts are for the platform team',
  });
  await expect(rehearseService(admin.client, run, SERVICE, signal)).rejects.toThrow(
    /^ValidatingAdmissionPolicy .* denied request: NodePorts are for the platform team \(the Service of type NodePort\): so the cluster refuses /,
  );
  const { items } = await admin.client.list(collection.services(run.namespace));
  expect(items).toEqual([]);
});

test('a Service without a selector is given one where the cluster asks for it, and led by that of the run', async () => {
  const run = await runIn('selectors');
  const later = { type: 'NodePort', leadsLater: true } as const;
  const offer = { carrier: 'configmap', shapes: [later, { type: 'NodePort' }] } as const;
  expect(await rehearseService(admin.client, run, offer, signal)).toEqual(later);
  await policy(run.namespace, 'has(object.spec.selector)', {
    resource: 'services',
    message: 'Services have selectors here',
  });
  expect(await rehearseService(admin.client, run, offer, signal)).toEqual({ type: 'NodePort' });
  const nowhere = { ...offer, shapes: [later] };
  await expect(rehearseService(admin.client, run, nowhere, signal)).rejects.toThrow(
    /denied request: Services have selectors here \(the Service of type NodePort\)/,
  );
});

test('a Service that leads nowhere is led to the registry', async () => {
  const run = await runIn('leads-later');
  const selector = async () => {
    const { items } = await admin.client.list<V1Service>(collection.services(run.namespace));
    return items.map(({ spec }) => spec?.selector);
  };
  const plan = { carrier: 'stream', type: 'NodePort', leadsLater: true } as const;
  const ports = await openService(admin.client, run, plan, run.owner, signal);
  expect(ports).toEqual({ registry: expect.any(Number), delivery: expect.any(Number) });
  expect(await selector()).toEqual([undefined]);
  await leadService(admin.client, run, signal);
  expect(await selector()).toEqual([labelsOf(run.id, 'registry')]);
});

const RANGES: readonly [string, object[]][] = [
  ['minimum', [{ type: 'Container', min: { cpu: '30m', memory: '40Mi' }, max: { cpu: '2' } }]],
  [
    'ratio',
    [{ type: 'Container', maxLimitRequestRatio: { cpu: '3', memory: '1' }, max: { cpu: '2' } }],
  ],
  [
    'pod',
    [
      { type: 'Pod', min: { cpu: '100m', memory: '64Mi' }, max: { cpu: '600m', memory: '128Mi' } },
      { type: 'Container', max: { cpu: '2' } },
    ],
  ],
  [
    'defaults',
    [
      {
        type: 'Container',
        default: { cpu: '500m' },
        defaultRequest: { cpu: '400m' },
        max: { cpu: '2' },
      },
    ],
  ],
  [
    'default-disk',
    [{ type: 'Container', default: { 'ephemeral-storage': '1Gi' }, max: { cpu: '2' } }],
  ],
];

test.each(RANGES)('a limit range is kept to, whoever may read it: %s', async (name, limits) => {
  const run = await runIn(`range-${name}`);
  await limitRange(run.namespace, ...limits);
  const read = await admitted(run);
  expect(read.shape.user).toBe(true);
  const unread = await admitted(run, nobody);
  expect(unread.shape).toEqual(read.shape);
  await store(run, read);
});

test.each(['max', 'default'])(
  'disk is stated where a limit range speaks of it by its %s, and no default is put in its place',
  async (kind) => {
    const run = await runIn(`range-disk-${kind}`);
    const cpu = { cpu: '2' };
    const range = { type: 'Container', max: cpu, [kind]: { ...cpu, 'ephemeral-storage': '1Gi' } };
    await limitRange(run.namespace, range);
    const outcome = await admitted(run);
    const [stored] = await store(run, outcome);
    const { requests, limits } = stored?.spec?.containers[0]?.resources ?? {};
    expect([requests?.['ephemeral-storage'], limits?.['ephemeral-storage']]).toEqual([
      '0',
      outcome.shape.registry.limits['ephemeral-storage'],
    ]);
  },
);

test("a policy engine's usual quota and defaults hold two nodes with four images each", async () => {
  const run = await runIn('usual-quota');
  await limitRange(run.namespace, {
    type: 'Container',
    default: { cpu: '500m', memory: '512Mi' },
    defaultRequest: { cpu: '100m', memory: '128Mi' },
    max: { cpu: '4' },
  });
  await makeQuota(admin.client, run.namespace, 'usual', {
    'requests.cpu': '4',
    'limits.cpu': '4',
    'requests.memory': '4Gi',
    'limits.memory': '4Gi',
    pods: '10',
  });
  const { shape } = await admitted(run);
  const four = [...IMAGES, ...IMAGES];
  const pods = [
    registry(run, shape, PAUSE),
    ...[0, 1].map((index) =>
      proofPod({ ...run, shape }, { index, name: `node-${index}`, architecture: 'amd64' }, four, 0),
    ),
  ];
  for (const pod of pods) await createPod(admin.client, run.namespace, pod);
});

test('limits are cut so that all Pods fit into what a quota leaves', async () => {
  const run = await runIn('cut');
  await makeQuota(admin.client, run.namespace, 'small', {
    'limits.cpu': '500m',
    'limits.memory': '256Mi',
  });
  const outcome = await admitted(run);
  expect(outcome.shape.proof.limits).toEqual({ cpu: '100m', memory: '48Mi' });
  const { shape } = outcome;
  await createPod(admin.client, run.namespace, registry(run, shape, PAUSE));
  for (const index of [0, 1]) {
    const node = { index, name: `node-${index}`, architecture: 'amd64' };
    await createPod(admin.client, run.namespace, proofPod({ ...run, shape }, node, IMAGES, 0));
  }
});

/** Has Pods of a namespace changed by the list of JSON patches that a CEL expression gives. */
async function mutation(namespace: string, expression: string): Promise<void> {
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['pods'],
    operations: ['CREATE'],
  };
  await admin.client.create(`${POLICIES}/mutatingadmissionpolicies`, {
    metadata: { name: namespace },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
    },
  } as ApiObject);
  await admin.client.create(`${POLICIES}/mutatingadmissionpolicybindings`, {
    metadata: { name: namespace },
    spec: {
      policyName: namespace,
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    },
  } as ApiObject);
}

/** A policy that gives each container of these limits what an expression says of its requests `r`, and the same requests. */
async function limiting(namespace: string, limits: Readonly<Record<string, string>>) {
  const patches = Object.entries(limits).flatMap(([resource, value]) =>
    ['requests', 'limits'].map(
      (side) =>
        `[0, 1].filter(i, i < size(object.spec.containers)).map(i, JSONPatch{op: "add", path: "/spec/containers/" + string(i) + "/resources/${side}/${resource}", value: ${value.replaceAll('REQUESTS', 'object.spec.containers[i].resources.requests')}})`,
    ),
  );
  await mutation(namespace, patches.join(' + '));
  const acts = async () => {
    const pod = canaryPod({ requests: { cpu: '10m' }, limits: { cpu: '1' } });
    const made = await createPod(admin.client, namespace, pod, { dryRun: true });
    return made.spec?.containers[0]?.resources?.limits?.['ephemeral-storage'] !== undefined;
  };
  await until('the policy to act', acts);
}

/** The limit that goes with a request, at least so much, and another one where nothing is stated: as on GKE Autopilot. */
const following = (resource: string, least: string, otherwise: string) =>
  `'${resource}' in REQUESTS ? (quantity(REQUESTS['${resource}']).isLessThan(quantity('${least}')) ? '${least}' : string(REQUESTS['${resource}'])) : '${otherwise}'`;

test('where limits are made equal to requests, what a registry dies without is requested', async () => {
  const run = await runIn('equal');
  await limiting(run.namespace, {
    memory: following('memory', '52Mi', '2Gi'),
    'ephemeral-storage': following('ephemeral-storage', '10Mi', '1Gi'),
  });
  const outcome = await admitted(run);
  const [stored] = await store(run, outcome);
  const { limits = {} } = stored?.spec?.containers[0]?.resources ?? {};
  const asked = outcome.shape.registry.limits;
  expect(limits).toEqual(asked);
  expect(asked).toMatchObject({ memory: '64Mi', 'ephemeral-storage': '17Mi' });
});

test('a policy that limits the disk of the registry, whatever it asks for, is named', async () => {
  const run = await runIn('fixed-disk');
  await limiting(run.namespace, { 'ephemeral-storage': "'10Mi'" });
  await expect(ask(run)).rejects.toThrow(
    /^A policy of the cluster limits the disk of the registry's Pod in the namespace "fixed-disk" to 10Mi of ephemeral-storage, and it takes 17Mi, /,
  );
});

test('a policy that puts another image in place is named before anything travels', async () => {
  const run = await runIn('mirrored');
  const replaced = 'op: "replace", path: "/spec/containers/0/image", value: "mirror.test/other:1"';
  await mutation(run.namespace, `[JSONPatch{${replaced}}]`);
  // The API server takes a moment to act by a new policy.
  const refused = async () =>
    ask(run).then(
      () => false,
      () => true,
    );
  await until('the policy to act', refused);
  await expect(ask(run)).rejects.toThrow(
    /^A policy of the cluster replaces the image .* by mirror.test\/other:1/,
  );
});
