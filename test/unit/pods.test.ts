import { describe, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { courierPod } from '../../src/carriers/couriers/pod.js';
import type { Carrier } from '../../src/payload/payload.js';
import { proofDaemonSet, sampleOf } from '../../src/proof/daemonset.js';
import { type ProofImage, proofPod } from '../../src/proof/pod.js';
import { registryPod } from '../../src/registry/pod.js';
import { registryService } from '../../src/registry/service.js';
import { nodeOf } from '../../src/run/daemonset.js';
import type { Base } from '../../src/run/pod.js';
import { chunkPath } from '../../src/run/pod.js';
import type { Delivery } from '../../src/run/run.js';
import { USUAL_SHAPE } from '../../src/run/shape.js';

const OWNER = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'jackal-ab', uid: '1' };
const DELIVERY: Delivery = {
  id: 'abcd1234',
  secret: 'f'.repeat(32),
  token: 'e'.repeat(64),
  namespace: 'team',
  owner: OWNER,
  registry: `127.0.0.1:30000/${'f'.repeat(32)}`,
  delivery: 1,
  labels: { team: 'web', 'jackal-inject.dev/role': 'thief' },
};
const IMAGES: ProofImage[] = ['one', 'two'].map((given) => ({
  given,
  pullable: `127.0.0.1:30000/${given}@sha256:1`,
  platforms: ['linux/amd64'],
}));
const BASE: Base = { node: 'a', architecture: 'amd64', image: 'pause:3' };
const NODE = { index: 0, name: 'a', architecture: 'amd64' };

const registry = (delivery: Partial<Delivery> = {}, base: Partial<Base> = {}) =>
  registryPod({ ...DELIVERY, ...delivery }, { ...BASE, ...base }, 0, [chunkPath(0)], 1024);
const proof = (delivery: Partial<Delivery> = {}, node: Partial<typeof NODE> & object = {}) =>
  proofPod({ ...DELIVERY, ...delivery }, { ...NODE, ...node }, IMAGES, 0);

const TASK = { batch: 2, attempt: 1, chunks: ['piece-0', 'piece-1'], to: '10.0.0.1:5001' };
const courier = (delivery: Partial<Delivery> = {}, base: Partial<Base> = {}) =>
  courierPod({ ...DELIVERY, ...delivery }, { ...BASE, ...base }, TASK);

const ALL: [string, (delivery?: Partial<Delivery>) => V1Pod][] = [
  ['registry', registry],
  ['proof', proof],
  ['courier', courier],
];

test('keeps a node from the cluster autoscaler for a registry alone, whose bytes would be lost with its Pod', () => {
  const mayGo = (pod: V1Pod) =>
    pod.metadata?.annotations?.['cluster-autoscaler.kubernetes.io/safe-to-evict'] === 'true';
  expect([proof(), courier()].map(mayGo)).toEqual([true, true]);
  const release = 'web';
  const registries: [boolean, Partial<Delivery>][] = [
    [false, {}],
    [false, { carrier: 'stream' }],
    [false, { release, carrier: 'stream' }],
    [true, { release, carrier: 'stream', hasClaim: true }],
    [true, { release, carrier: 'configmap' }],
  ];
  for (const [may, delivery] of registries) {
    expect([delivery, mayGo(registry(delivery))]).toEqual([delivery, may]);
  }
});

describe.each(ALL)("the %s's Pod", (role, pod) => {
  test("has the run's labels, those asked for, and tells sidecars to stay away", () => {
    const { labels, annotations } = pod().metadata ?? {};
    expect(labels).toMatchObject({
      team: 'web',
      'app.kubernetes.io/name': 'jackal-inject',
      'app.kubernetes.io/managed-by': 'jackal-inject',
      'jackal-inject.dev/run': 'abcd1234',
      'jackal-inject.dev/role': role,
      'sidecar.istio.io/inject': 'false',
      'istio.io/dataplane-mode': 'none',
      'zarf.dev/agent': 'ignore',
      'kuma.io/sidecar-injection': 'disabled',
    });
    expect(annotations).toMatchObject({
      'sidecar.istio.io/inject': 'false',
      'linkerd.io/inject': 'disabled',
      'consul.hashicorp.com/connect-inject': 'false',
      'vault.hashicorp.com/agent-inject': 'false',
    });
  });

  test('states requests and limits of its containers as the shape says', () => {
    const shape = {
      ...USUAL_SHAPE,
      registry: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '2m', memory: '2Mi' } },
      proof: { requests: { cpu: '3m', memory: '3Mi' }, limits: { cpu: '4m', memory: '4Mi' } },
    };
    for (const { resources } of pod({ shape }).spec?.containers ?? []) {
      expect(resources).toEqual(role === 'registry' ? shape.registry : shape.proof);
    }
  });

  test('names its user, or leaves that to the cluster', () => {
    expect(pod().spec?.securityContext).toMatchObject({ runAsUser: 65532, runAsGroup: 65532 });
    const { securityContext } = pod({ shape: { ...USUAL_SHAPE, user: false } }).spec ?? {};
    expect(securityContext).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test('has probes by the injector on every container, which end none', () => {
    const containers = pod().spec?.containers ?? [];
    for (const { readinessProbe, livenessProbe } of containers) {
      for (const probe of [readinessProbe, livenessProbe]) {
        expect(probe?.exec?.command).toEqual(['/jackal/injector', 'probe']);
      }
      const { failureThreshold = 3, periodSeconds = 10 } = livenessProbe ?? {};
      expect(failureThreshold * periodSeconds).toBeGreaterThan(6 * 3600);
    }
    expect(containers.length).toBe(role === 'proof' ? 2 : 1);
  });
});

test('the taints of the node that end Pods are tolerated, and nothing else', () => {
  const taints = [
    { key: 'dedicated', value: 'gpu', effect: 'NoExecute' },
    { key: 'drained', effect: 'NoExecute' },
    { key: 'reserved', value: 'x', effect: 'NoSchedule' },
    // As it is for a moment after a node has come back.
    { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
  ];
  const expected = [
    { key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoExecute' },
    { key: 'drained', operator: 'Exists', effect: 'NoExecute' },
    ...['not-ready', 'unreachable'].map((name) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  ];
  expect(registry({}, { taints }).spec?.tolerations).toEqual(expected);
  expect(proof({}, { taints } as object).spec?.tolerations).toEqual(expected);
  expect(courier({}, { taints }).spec?.tolerations).toEqual(expected);
  expect(proof().spec?.tolerations).toEqual(expected.slice(2));
});

test("the registry asks itself whether all is verified, over its Pod's own loopback", () => {
  const probe = registry().spec?.containers[0]?.startupProbe;
  const path = `/${DELIVERY.secret}/readyz`;
  expect(probe?.exec?.command).toEqual([
    '/jackal/injector',
    'probe',
    '--connect',
    '127.0.0.1:5000',
    '--path',
    path,
  ]);
  // A registry that takes long is not ended for it.
  expect((probe?.failureThreshold ?? 0) * (probe?.periodSeconds ?? 0)).toBeGreaterThanOrEqual(
    6 * 3600,
  );
});

test('the registry listens on both address families, and reads its catalog from all its parts', () => {
  const { containers, volumes } = registry({ catalogParts: 3 }).spec ?? {};
  expect(containers?.[0]?.command?.slice(4)).toEqual([
    ...['--listen', '5000', '--catalog', '/jackal-catalog', '--chunks', '/jackal-chunks'],
  ]);
  const sources = volumes?.find(({ name }) => name === 'catalog')?.projected?.sources;
  expect(sources?.map(({ configMap }) => [configMap?.name, configMap?.items?.[0]?.path])).toEqual([
    ['jackal-abcd1234-1-catalog-0', '0000'],
    ['jackal-abcd1234-1-catalog-1', '0001'],
    ['jackal-abcd1234-1-catalog-2', '0002'],
  ]);
});

test.each(['stream', 'courier'] as const)(
  'for a %s the registry has a port of its own, and proves the token',
  (carrier) => {
    const streaming = registry({ carrier }).spec;
    const [container] = streaming?.containers ?? [];
    expect(container?.command?.slice(-4)).toEqual([
      ...['--deliver', '5001'],
      ...['--token', '/jackal-token/token'],
    ]);
    expect(container?.ports?.map(({ containerPort }) => containerPort)).toEqual([5000, 5001]);
    expect(streaming?.volumes?.find(({ name }) => name === 'token')?.secret?.secretName).toBe(
      'jackal-abcd1234',
    );
    expect(JSON.stringify(registry())).not.toMatch(/token|deliver/);
    expect(JSON.stringify([streaming, proof({ carrier })])).not.toContain(DELIVERY.token);
  },
);

test('only a stream has a port of its own at the nodes', () => {
  const portsOf = (carrier: Carrier) =>
    registryService(DELIVERY, { carrier }, OWNER).spec?.ports?.map(({ port }) => port);
  expect(portsOf('stream')).toEqual([5000, 5001]);
  expect(portsOf('configmap')).toEqual([5000]);
  expect(portsOf('courier')).toEqual([5000]);
});

test('a courier has its plan, its chunks and the token, and never pulls', () => {
  const { metadata, spec } = courier();
  const [container] = spec?.containers ?? [];
  expect(metadata?.name).toBe('jackal-abcd1234-1-courier-2-1');
  expect([spec?.restartPolicy, container?.imagePullPolicy]).toEqual(['OnFailure', 'Never']);
  expect(container?.command).toEqual([
    ...['/jackal/injector', 'deliver', '--plan', '/jackal-plan/plan'],
    ...['--chunks', '/jackal-chunks', '--to', '10.0.0.1:5001', '--token', '/jackal-token/token'],
  ]);
  const mounted = new Map(container?.volumeMounts?.map(({ name, mountPath }) => [name, mountPath]));
  const volumes = spec?.volumes?.map(({ name, configMap, secret }) => [
    mounted.get(name),
    configMap?.name ?? secret?.secretName,
  ]);
  expect(volumes).toEqual([
    ['/jackal', 'jackal-abcd1234-1-injector-amd64'],
    ['/jackal-plan', 'jackal-abcd1234-1-plan-2'],
    ['/jackal-token', 'jackal-abcd1234'],
    ['/jackal-chunks', undefined],
  ]);
  const sources = spec?.volumes?.at(-1)?.projected?.sources;
  expect(sources?.map(({ configMap }) => [configMap?.name, configMap?.items])).toEqual([
    ['piece-0', [{ key: 'chunk', path: '0000/chunk' }]],
    ['piece-1', [{ key: 'chunk', path: '0001/chunk' }]],
  ]);
  expect(JSON.stringify(courier())).not.toContain(DELIVERY.token);
});

test('labels that were asked for choose no Pod for the Service', () => {
  const { metadata, spec } = registryService(DELIVERY, { carrier: 'configmap' }, OWNER);
  expect(metadata?.labels?.team).toBe('web');
  expect(spec?.selector).toEqual({
    'app.kubernetes.io/managed-by': 'jackal-inject',
    'jackal-inject.dev/run': 'abcd1234',
    'jackal-inject.dev/role': 'registry',
  });
});

test('a Service that leads later has no selector, by which it would be given a list of no endpoints', () => {
  const plan = { carrier: 'configmap', type: 'NodePort' } as const;
  const { spec } = registryService(DELIVERY, { ...plan, leadsLater: true });
  const { selector, ...rest } = registryService(DELIVERY, plan).spec ?? {};
  expect(selector).toBeDefined();
  expect(spec).toEqual(rest);
});

describe('where nobody may list nodes', () => {
  const unlisted = { ...DELIVERY, nodesUnlisted: true, nodeSelector: 'pool=a' };
  const pool = { key: 'pool', operator: 'In', values: ['a'] };
  const termsOf = ({ spec }: V1Pod) =>
    spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

  test("a DaemonSet's Pods are what proofs are, on all nodes that are chosen", () => {
    const { spec, metadata } = proofDaemonSet(unlisted, 'arm64', IMAGES);
    const { activeDeadlineSeconds, nodeName, ...usual } = proof().spec as object & {
      activeDeadlineSeconds?: number;
      nodeName?: string;
    };
    expect(spec?.template.spec).toMatchObject({
      ...usual,
      restartPolicy: 'Always',
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      volumes: [{ configMap: { name: 'jackal-abcd1234-1-injector-arm64' } }],
    });
    // DaemonSets take neither.
    expect(spec?.template.spec).not.toHaveProperty('activeDeadlineSeconds');
    expect(spec?.template.spec).not.toHaveProperty('nodeName');
    expect(metadata?.ownerReferences).toEqual([OWNER]);
    const selected = spec?.selector.matchLabels ?? {};
    expect(spec?.template.metadata?.labels).toMatchObject({ ...selected, team: 'web' });
    expect(proofDaemonSet(unlisted, 'amd64', IMAGES).spec?.selector.matchLabels).not.toEqual(
      selected,
    );
    const sample = sampleOf(unlisted, 'arm64', IMAGES);
    expect(sample.spec).toEqual(spec?.template.spec);
    expect(termsOf(sample)?.[0]?.matchExpressions).toContainEqual(pool);
  });

  test('its Pods name their node before a scheduler does', () => {
    const field = { key: 'metadata.name', operator: 'In', values: ['n7'] };
    const nodeSelectorTerms = [{ matchFields: [field] }];
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
    const made: V1Pod = { spec: { containers: [], affinity: { nodeAffinity: required } } };
    expect(nodeOf(made)).toBe('n7');
    expect(nodeOf({ spec: { containers: [], nodeName: 'n8' } })).toBe('n8');
    expect(nodeOf(sampleOf(unlisted, 'amd64', IMAGES))).toBeUndefined();
  });

  test('the registry goes where a scheduler finds a node of its architecture, or to the one that is known', () => {
    const base = { architecture: 'arm64', image: 'pause:3' };
    const anywhere = registryPod(unlisted, base, 0, [], 1);
    expect(anywhere.spec).not.toHaveProperty('nodeName');
    expect(anywhere.spec?.nodeSelector).toMatchObject({ 'kubernetes.io/arch': 'arm64' });
    expect(termsOf(anywhere)?.[0]?.matchExpressions).toContainEqual(pool);
    const there = registryPod(unlisted, { ...base, node: 'n1' }, 0, [], 1);
    expect(there.spec).toMatchObject({ nodeName: 'n1', nodeSelector: anywhere.spec?.nodeSelector });
    expect(registry().spec).not.toHaveProperty('affinity');
  });
});
