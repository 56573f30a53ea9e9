import { describe, expect, test } from '@jest/globals';
import type { V1LabelSelector, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { courierPod } from '../../../src/carriers/couriers/pod.js';
import { RUN_LIFETIME_SECONDS } from '../../../src/lib/limits/run.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { proofDaemonSet } from '../../../src/proof/daemonset.js';
import { type ProofImage, proofPod } from '../../../src/proof/pod.js';
import { registryPod, storeClaim } from '../../../src/registry/pod.js';
import {
  copiedBy,
  type KnownPlaces,
  placesToComeAgain,
  registryReplicaSet,
  tolerationsFor,
} from '../../../src/registry/release.js';
import { registryService } from '../../../src/registry/service.js';
import { type RelayPlan, relayDaemonSet, relayPod } from '../../../src/routes/relay-pod.js';
import type { Base } from '../../../src/run/pod.js';
import type { Delivery } from '../../../src/run/run.js';

/** Where the registry that is replaced answers. */
const REPLACED = '10.0.0.7:5000';
const DELIVERY: Delivery = {
  id: 'abcd1234',
  secret: 'f'.repeat(32),
  token: 'e'.repeat(64),
  namespace: 'team',
  owner: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'jackal-ab', uid: '1' },
  registry: `127.0.0.1:30000/${'f'.repeat(32)}`,
  release: 'web',
  delivery: 9,
  firstDelivery: 8,
  carrier: 'stream',
  kept: { since: 0, delivery: 3, address: REPLACED },
};
const BASE: Base = { node: 'a', architecture: 'amd64', image: 'pause:3' };
const IMAGES: ProofImage[] = [
  { given: 'one', pullable: '127.0.0.1:30000/one@sha256:1', platforms: ['linux/amd64'] },
];
const RELAY: RelayPlan = { route: 'hostport', port: 30000, to: '10.96.0.7:5000' };
const LASTING = { base: BASE, nodes: ['a', 'b'], chunks: [], storeBytes: 1 };

const registry = registryPod(DELIVERY, BASE, 0, [], 1);
const proof = proofPod(DELIVERY, { index: 0, name: 'a', architecture: 'amd64' }, IMAGES, 0);
const relay = relayPod(DELIVERY, BASE, RELAY, 0, 0);

interface Controller {
  readonly spec?:
    | { readonly selector: V1LabelSelector; readonly template: { spec?: V1PodSpec } }
    | undefined;
}

/** Each Pod of a release, and what is to put another one in its place. */
const CONTROLLED: [string, V1Pod, Controller][] = [
  ['registry', registry, registryReplicaSet(DELIVERY, LASTING) as Controller],
  ['proof', proof, proofDaemonSet(DELIVERY, 'amd64', IMAGES)],
  ['relay', relay, relayDaemonSet(DELIVERY, BASE, RELAY)],
];

describe.each(CONTROLLED)("a release's %s", (_, pod, { spec }) => {
  test('is adopted by its controller', () => {
    const wanted = Object.entries(spec?.selector.matchLabels ?? {});
    expect(wanted.length).toBeGreaterThan(0);
    expect(Object.entries(pod.metadata?.labels ?? {})).toEqual(expect.arrayContaining(wanted));
  });

  test('has no deadline, nor has what comes in its place', () => {
    expect(pod.spec?.activeDeadlineSeconds).toBeUndefined();
    expect(spec?.template.spec?.activeDeadlineSeconds).toBeUndefined();
    expect(spec?.template.spec?.restartPolicy).toBe('Always');
    expect(spec?.template.spec?.nodeName).toBeUndefined();
  });

  test('runs the same as what comes in its place', () => {
    const [was] = pod.spec?.containers ?? [];
    const [comes] = spec?.template.spec?.containers ?? [];
    // But for the registry that is replaced, which is gone by then.
    const command = was?.command?.map((one) => (one === REPLACED ? '127.0.0.1:1' : one));
    expect(comes).toEqual({ ...was, command });
    expect(spec?.template.spec?.volumes).toEqual(pod.spec?.volumes);
  });

  test('is found by the name of the release', () => {
    expect(pod.metadata?.labels).toMatchObject({ 'jackal-inject.dev/release': 'web' });
  });
});

test('a courier of a release does not stay, and so has its deadline', () => {
  const task = { batch: 0, attempt: 0, chunks: ['piece'], to: '10.0.0.1:5001' };
  const { spec } = courierPod(DELIVERY, BASE, task);
  expect(spec?.activeDeadlineSeconds).toBe(RUN_LIFETIME_SECONDS);
});

test('registry and proofs are of one delivery, and relays of none', () => {
  const of = ({ metadata }: V1Pod) => metadata?.labels?.['jackal-inject.dev/delivery'];
  expect([registry, proof, relay].map(of)).toEqual(['9', '9', undefined]);
});

test('a registry comes again only where its image is', () => {
  const { nodeAffinity } =
    registryReplicaSet(DELIVERY, LASTING).spec?.template?.spec?.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  expect(terms?.map(({ matchFields }) => matchFields)).toEqual(
    ['a', 'b'].map((node) => [{ key: 'metadata.name', operator: 'In', values: [node] }]),
  );
});

describe('a registry comes again', () => {
  const node = (name: string, image = 'other:1', architecture = 'amd64') => ({
    ...{ name, architecture },
    images: [{ names: [image], bytes: 1 }],
  });
  const listed: KnownPlaces = { nodes: [], nodesUnlisted: false, bases: [], version: 'v1.37.2' };
  const unlisted = { ...listed, nodesUnlisted: true };
  const places = (known: Partial<KnownPlaces>, base: Partial<Base>) =>
    placesToComeAgain({ ...listed, ...known }, { ...BASE, ...base }, false).nodes;

  test('on its own node and on those that tell of its image', () => {
    const nodes = [node('c', 'pause:3', 'arm64'), node('b', 'pause:3'), node('a'), node('d')];
    expect(places({ nodes }, {})).toEqual(['a', 'b']);
  });

  test('where nobody lists nodes, on those where Pods run its image, and on no other', () => {
    expect(places(unlisted, { image: 'shop:1' })).toEqual(['a']);
    const base = { ...BASE, image: 'shop:1' };
    const bases = [base, { ...base, node: 'b' }, { ...base, node: 'c', image: 'web:1' }];
    expect(places({ ...unlisted, bases }, base)).toEqual(['a', 'b']);
  });

  test('anywhere with an image that all nodes have, sooner on those that are known, for nodes are replaced', () => {
    const image = 'registry.k8s.io/pause:3.10';
    const nodes = [node('c', image, 'arm64'), node('b', image), node('a'), node('d')];
    expect(places({ nodes }, { image })).toBeUndefined();
    const lasting = placesToComeAgain({ ...listed, nodes }, { ...BASE, image }, false);
    const { spec } = registryReplicaSet(DELIVERY, { ...LASTING, ...lasting });
    const { nodeAffinity } = spec?.template?.spec?.affinity ?? {};
    expect(
      JSON.stringify(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    ).not.toMatch('metadata.name');
    const sooner = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    expect(sooner?.map(({ preference }) => preference.matchFields)).toEqual(
      ['a', 'b'].map((name) => [{ key: 'metadata.name', operator: 'In', values: [name] }]),
    );
  });

  test('anywhere with such an image where nobody lists nodes, or with one that may be pulled', () => {
    expect(places(unlisted, { image: 'registry.k8s.io/pause:3.10.2' })).toBeUndefined();
    expect(places(unlisted, { image: 'shop:1', pulled: true })).toBeUndefined();
  });
});

describe('a registry that comes again', () => {
  const dedicated = { key: 'dedicated', value: 'shop', effect: 'NoSchedule' };
  const leaving = { key: 'leaving', effect: 'NoExecute' };

  test('tolerates nothing more where some node takes every Pod', () => {
    expect(tolerationsFor([{ keptBy: [dedicated] }, {}], false)).toEqual([]);
  });

  test('tolerates all taints where its volume may be on a node that has some', () => {
    const tolerated = tolerationsFor([{ keptBy: [dedicated] }, {}], true);
    expect(tolerated).toEqual([{ ...dedicated, operator: 'Equal' }]);
  });

  test('tolerates the taints of all its nodes, each once, where every node has some', () => {
    const tolerated = tolerationsFor(
      [{ keptBy: [dedicated] }, { keptBy: [dedicated, leaving] }],
      false,
    );
    expect(tolerated).toEqual([
      { ...dedicated, operator: 'Equal' },
      { ...leaving, operator: 'Exists' },
    ]);
    const { spec } = registryReplicaSet(DELIVERY, { ...LASTING, tolerations: tolerated });
    expect(spec?.template?.spec?.tolerations).toEqual(expect.arrayContaining(tolerated));
  });
});

test('a registry copies from the one that it replaces, while that is there', () => {
  const command = ({ spec }: V1Pod) => spec?.containers[0]?.command?.join(' ');
  expect(command(registry)).toContain(`--from ${REPLACED}`);
  const { address: _, ...kept } = DELIVERY.kept ?? { since: 0 };
  expect(command(registryPod({ ...DELIVERY, kept }, BASE, 0, [], 1))).not.toContain('--from');
});

test('a registry that comes later asks nobody at the address of one that is long gone', () => {
  const later = registryReplicaSet(DELIVERY, LASTING);
  expect(JSON.stringify(later)).not.toContain(REPLACED);
  expect(later.spec?.template?.spec?.containers[0]?.command?.join(' ')).toContain(
    '--from 127.0.0.1:1',
  );
  expect(JSON.stringify(later.spec?.template?.metadata?.labels)).toBe(
    JSON.stringify(registry.metadata?.labels),
  );
});

test('each step of a release has a token of its own', () => {
  const secret = ({ spec }: V1Pod) =>
    spec?.volumes?.find(({ name }) => name === 'token')?.secret?.secretName;
  expect(secret(registry)).toBe('jackal-abcd1234-8-token');
  expect(secret(registryPod({ ...DELIVERY, firstDelivery: 0 }, BASE, 0, [], 1))).toBe(
    'jackal-abcd1234',
  );
});

describe('a store on a volume', () => {
  const delivery = { ...DELIVERY, hasClaim: true };
  const { spec } = registryPod(delivery, BASE, 0, [], 5_000_000);

  test('is on the disk before anything is said to be there, unlike one that goes with its Pod', () => {
    expect(spec?.containers[0]?.command).toContain('--durable');
    expect(registry.spec?.containers[0]?.command).not.toContain('--durable');
  });

  test('is of the claim that the release makes', () => {
    const claim = storeClaim(delivery, 5_000_000);
    const volume = spec?.volumes?.find(({ name }) => name === 'store');
    expect(volume?.persistentVolumeClaim?.claimName).toBe(claim.metadata?.name);
    expect(claim.spec?.resources?.requests).toEqual({ storage: '1024Mi' });
    expect(claim.metadata?.labels).toMatchObject({ 'jackal-inject.dev/delivery': '9' });
  });

  // MiB that a file system has for files, of a device of as many: `mke2fs -t ext4 -m0` of e2fsprogs 1.47.
  test.each([
    [1024, 973],
    [2048, 1946],
    [5136, 4971],
  ])('of %i MiB has room for what it was asked for', (device, room) => {
    const { storage } = storeClaim(delivery, room * 0.9 * MIB).spec?.resources?.requests ?? {};
    const asked = Number(/^(\d+)Mi$/.exec(`${storage}`)?.[1]);
    expect(asked).toBeGreaterThan(room * 0.9 + (device - room));
    expect(asked).toBeLessThan(1.2 * device);
  });

  test('leaves the node to a scheduler, which binds the volume, and may be written', () => {
    expect(spec?.nodeName).toBeUndefined();
    expect(spec?.securityContext?.fsGroup).toBe(65532);
    const terms =
      spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
        ?.nodeSelectorTerms;
    expect(terms?.map(({ matchFields }) => matchFields?.[0]?.values)).toEqual([['a']]);
    expect(spec?.tolerations).toContainEqual({ operator: 'Exists', effect: 'NoSchedule' });
  });
});

test("a release's Service takes deliveries whatever the first images travelled by", () => {
  const ports = (run: Delivery) =>
    registryService(run, { carrier: 'configmap' }).spec?.ports?.map(({ name }) => name);
  expect(ports(DELIVERY)).toEqual(['registry', 'delivery']);
  expect(ports({ ...DELIVERY, release: undefined })).toEqual(['registry']);
});

test('nothing is copied from a registry that is away', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const record = `jackal-catalog 1\nprefix ${'f'.repeat(32)}\nblob ${digest} 3\nend\n`;
  const kept = { since: 0, delivery: 3, record };
  expect([...copiedBy({ ...kept, address: '10.0.0.7:5000' })]).toEqual([digest]);
  expect([...copiedBy(kept)]).toEqual([]);
  expect([...copiedBy(undefined)]).toEqual([]);
});
