import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject, RequestOptions } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import {
  admitRegistry,
  networkPolicyWords,
  type Reach,
} from '../../../src/preflight/network-policies.js';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { checkSlots, freeSlots, withRoom } from '../../../src/preflight/slots.js';
import { Bases, type BaseWish } from '../../../src/registry/base.js';
import { removeRun } from '../../../src/run/remove.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun } from '../run/run-objects.js';

let plane: ControlPlane;
let admin: Connection;
let nobody: Connection;
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  nobody = await connect({
    kubeconfig: plane.kubeconfig({ user: { token: NOBODY_TOKEN } }),
    env: {},
  });
});

afterAll(async () => {
  admin?.client.close();
  nobody?.client.close();
  await plane?.stop();
});

async function makeNamespace(name: string): Promise<void> {
  await admin.client.create('/api/v1/namespaces', { metadata: { name } });
}

/** Binds a Pod to a node and gives it a phase, as a kubelet would; the API server remembers it when this returns. */
async function podOn(node: string, name: string, phase: string): Promise<void> {
  const pod: V1Pod = {
    metadata: { name },
    spec: { nodeName: node, containers: [{ name: 'a', image: `${name}.test/image:1` }] },
  };
  await createPod(admin.client, 'default', pod);
  const path = `${collection.pods('default')}/${name}`;
  await admin.client.patch(`${path}/status`, { status: { phase } });
  await until(`the phase of ${name}`, async () => {
    const remembered = await admin.client.find<V1Pod>(path, { query: { resourceVersion: '0' } });
    return remembered?.status?.phase === phase;
  });
}

const node = (name: string, podsMax?: number): LinuxNode => ({
  uid: name,
  name,
  architecture: 'amd64',
  images: [],
  addresses: [],
  podRanges: [],
  ...(podsMax !== undefined && { podsMax }),
});

/** The client, and what it was asked for. */
function recorded(client: ApiClient): { client: ApiClient; asked: RequestOptions[] } {
  const asked: RequestOptions[] = [];
  const value =
    (method: 'list' | 'get') =>
    (path: string, options: RequestOptions = {}) => {
      asked.push({ ...options, query: { ...options.query, path } });
      return client[method](path, options);
    };
  const methods = { list: { value: value('list') }, get: { value: value('get') } };
  return { client: Object.create(client, methods), asked };
}

test('a node without a free place for a Pod is named, and Pods that have ended take none', async () => {
  await podOn('full', 'runs', 'Running');
  await podOn('full', 'comes', 'Pending');
  await podOn('full', 'went', 'Succeeded');
  await podOn('roomy', 'failed', 'Failed');
  const nodes = [node('full', 2), node('roomy', 1), node('silent')];
  const { client, asked } = recorded(admin.client);
  const slots = await freeSlots(client, nodes, signal);
  expect(Object.fromEntries(slots)).toEqual({ full: 0, roomy: 1 });
  expect(asked.map(({ query }) => query?.resourceVersion)).toEqual(['0', '0']);
  expect(() => checkSlots(nodes, slots)).toThrow(
    /^No more Pod fits on the node full \(2\), because .*`maxPods`\.$/,
  );
  checkSlots([node('roomy', 1), node('silent')], slots);
  // The registry wants a place beside its node's proof.
  expect(withRoom(nodes, slots).map(({ name }) => name)).toEqual(['silent']);
  expect(() => withRoom(nodes.slice(0, 2), slots)).toThrow(/^No node takes two more Pods, /);
  expect(withRoom([], slots)).toEqual([]);
  // Who may not look does without.
  expect(await freeSlots(nobody.client, nodes, signal)).toEqual(new Map());
});

/** What the Pods of a run may start from on these nodes, and what was asked for it. */
async function basesAmong(nodes: readonly LinuxNode[], by: Connection, wish: BaseWish = {}) {
  const { client, asked } = recorded(by.client);
  const bases = await new Bases(client, wish, signal).among(nodes);
  const found = bases.map(({ node, image }) => `${node} ${image}`);
  return {
    found,
    asked: asked.map(({ query }) => [query?.path, query?.fieldSelector, query?.resourceVersion]),
  };
}

/** How the Pods of one node are asked for: as the API server remembers them, for it has an index of those. */
const asks = (path: string, name: string) => [
  path,
  `spec.nodeName=${name},status.phase=Running`,
  '0',
];

test('where nodes list no sandbox image, the Pods of a few are asked for, never those of all', async () => {
  await podOn('node-1', 'lender', 'Running');
  await podOn('node-1', 'ended', 'Succeeded');
  await podOn('node-9', 'far', 'Running');
  const nodes = Array.from({ length: 10 }, (_, index) => node(`node-${index}`));
  const { found, asked } = await basesAmong(nodes, admin);
  expect(found).toEqual(['node-1 lender.test/image:1']);
  expect(asked).toEqual(nodes.slice(0, 6).map(({ name }) => asks('/api/v1/pods', name)));
});

test('a node that lists one comes first, and its Pods are not asked for', async () => {
  const images = [{ names: ['r.test/pause:3'], bytes: 1 }];
  const nodes = [node('node-1'), { ...node('node-0'), images }];
  const { found, asked } = await basesAmong(nodes, admin);
  expect(found).toEqual(['node-0 r.test/pause:3', 'node-1 lender.test/image:1']);
  expect(asked).toEqual([asks('/api/v1/pods', 'node-1')]);
});

test('who may read the Pods of the given namespace alone has those, and who may read none does without', async () => {
  const wish = { namespace: 'default' };
  const refused = await basesAmong([node('node-1')], nobody, wish);
  expect(refused).toEqual({
    found: [],
    asked: ['/api/v1/pods', collection.pods('default')].map((path) => asks(path, 'node-1')),
  });
  const role = { name: 'reads-pods', namespace: 'default' };
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  await admin.client.create(`${rbac}/roles`, {
    metadata: role,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
  } as ApiObject);
  await admin.client.create(`${rbac}/rolebindings`, {
    metadata: role,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
  } as ApiObject);
  const mayRead = async () => (await basesAmong([node('node-1')], nobody, wish)).found;
  const found = await until('the role to count', async () => {
    const now = await mayRead();
    return now.length > 0 && now;
  });
  expect(found).toEqual(['node-1 lender.test/image:1']);
  // Without a namespace of its own a run has no other Pods to read.
  expect((await basesAmong([node('node-1')], nobody)).found).toEqual([]);
});

test('with an image that the user gave no node is looked at', async () => {
  const wish = { image: 'r.test/own:1' };
  const { found, asked } = await basesAmong([node('node-1'), node('node-2')], admin, wish);
  expect(found).toEqual([1, 2, 1, 2].map((number) => `node-${number} r.test/own:1`));
  expect(asked).toEqual([]);
});

const policies = (namespace: string) =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;

async function denyAll(namespace: string): Promise<void> {
  await admin.client.create(policies(namespace), {
    metadata: { name: 'default-deny' },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  } as ApiObject);
}

test('where network policies are in force one admits the registry, and goes with the run', async () => {
  const namespace = 'denied';
  await makeNamespace(namespace);
  const run = await leasedRun(admin.client, { namespace, labels: { team: 'web' } });
  // Nothing to open where nothing is closed.
  expect(await admitRegistry(admin.client, run, signal)).toBe(false);
  await denyAll(namespace);
  expect(await admitRegistry(admin.client, run, signal)).toBe(true);
  expect(await admitRegistry(admin.client, run, signal)).toBe(true);
  const name = `jackal-${run.id}`;
  type Policy = ApiObject & { metadata: { ownerReferences: object[] }; spec: object };
  const made = await admin.client.get<Policy>(`${policies(namespace)}/${name}`);
  expect(made.metadata.labels?.team).toBe('web');
  expect(made.metadata.ownerReferences).toEqual([run.owner]);
  const ofRun = {
    'app.kubernetes.io/managed-by': 'jackal-inject',
    'jackal-inject.dev/run': run.id,
  };
  const role = 'jackal-inject.dev/role';
  const ports = [5000, 5001].map((port) => ({ protocol: 'TCP', port }));
  const registry = { podSelector: { matchLabels: { ...ofRun, [role]: 'registry' } } };
  expect(made.spec).toEqual({
    podSelector: {
      matchLabels: ofRun,
      matchExpressions: [{ key: role, operator: 'In', values: ['registry', 'courier', 'relay'] }],
    },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports }],
    egress: [{ to: [registry], ports }],
  });
  await removeRun(admin.client, run, signal);
  const { items } = await admin.client.list<ApiObject>(policies(namespace));
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(['default-deny']);
});

test('who may not open the way gets words that name the policies and what they look like', async () => {
  const namespace = 'explained';
  await makeNamespace(namespace);
  const run = await leasedRun(admin.client, { namespace });
  const reach = { registryNode: 'one', reached: ['one'], unreached: ['two', 'three'] };
  const words = (client: ApiClient, change: Partial<Reach> = {}) =>
    networkPolicyWords(client, run, { ...reach, ...change }, signal);
  // No policy there: it is one of the network plugin's, or a firewall.
  const elsewhere =
    "Only its own node one reaches the registry, and no NetworkPolicy of the namespace \"explained\" keeps others from it; let ports 5000 and 5001 of that namespace's Pods in wherever else nodes are kept from Pods: in the network plugin's own policies, such as Cilium's, Calico's or an AdminNetworkPolicy, and in firewalls between nodes.";
  expect(await words(admin.client)).toBe(elsewhere);
  expect(await words(admin.client, { isRefused: true })).toBeUndefined();
  await denyAll(namespace);
  expect(await admitRegistry(nobody.client, run, signal)).toBe(false);
  expect(await words(admin.client)).toBe(
    `The NetworkPolicies default-deny of the namespace "explained" keep nodes from the registry, for only its own node one reaches it; let port 5000 of Pods with the label jackal-inject.dev/run in, or grant the kubeconfig's user to create NetworkPolicies there.`,
  );
  expect(await words(nobody.client)).toMatch(
    /^A NetworkPolicy of the namespace "explained" seems to keep nodes from the registry, for only its own node one reaches it; /,
  );
  // What no network policy does: its own node kept out, another one let in.
  expect(await words(admin.client, { unreached: ['one', 'two'], reached: [] })).toBeUndefined();
  expect(
    await words(admin.client, { reached: ['one', 'two'], unreached: ['three'] }),
  ).toBeUndefined();
  // Ours is there, so they are not to blame.
  expect(await admitRegistry(admin.client, run, signal)).toBe(true);
  expect(await words(admin.client)).toBe(elsewhere);
});
