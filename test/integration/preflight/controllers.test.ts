import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { collection } from '../../../src/kube/pods.js';
import { unlessAborted } from '../../../src/lib/waiting.js';
import { tried } from '../../../src/preflight/dry-run.js';
import type { Delivery } from '../../../src/run/run.js';
import { rehearseControllers } from '../../../src/stages/rehearse/controllers.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun, makeQuota } from '../run/run-objects.js';

/* What the controllers of a real control plane may make of a release; they are another user than the one who asks. */

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();
const POLICIES = '/apis/admissionregistration.k8s.io/v1';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const SAMPLES = {
  base: { architecture: 'amd64', image: 'registry.test/pause:3' },
  architectures: ['amd64'],
  images: [
    {
      given: 'acme/web:1',
      pullable: `127.0.0.1:30000/${'f'.repeat(32)}/acme/web@sha256:${'a'.repeat(64)}`,
      platforms: ['linux/amd64'],
    },
  ],
  storeBytes: 1024,
};

/** A delivery of a release in a new namespace of this name. */
async function releaseIn(namespace: string): Promise<Delivery> {
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  return await leasedRun(admin.client, { namespace, release: 'web' });
}

const rehearsed = (release: Delivery, seconds?: number) =>
  rehearseControllers(admin.client, release, SAMPLES, signal, seconds);

/**
 * Waits until a namespace has nothing more of a rehearsal: a controller that still had a set in its cache may make its Pod
 * behind the removal, which goes with that set.
 */
const untilGone = (namespace: string) =>
  until('nothing is left', async () => (await leftIn(namespace)).length === 0);

/** The names of what a namespace has of a rehearsal. */
async function leftIn(namespace: string): Promise<string[]> {
  const lists = [collection.pods, collection.replicaSets].map((of) =>
    admin.client.list<ApiObject>(of(namespace), {}),
  );
  return (await Promise.all(lists)).flatMap(({ items }) =>
    items.flatMap(({ metadata }) => metadata?.name ?? []),
  );
}

/** Has Pods of a namespace refused to all but this user; returns when the API server acts by it. */
async function onlyFor(username: string, namespace: string): Promise<void> {
  const metadata = { name: namespace };
  const kinds = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  const spec = {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ ...kinds, operations: ['CREATE'] }] },
    validations: [
      {
        expression: `request.userInfo.username == '${username}' && !object.spec.containers.exists(c, c.name == 'canary')`,
        message: 'not yours',
      },
    ],
  };
  await admin.client.create(`${POLICIES}/validatingadmissionpolicies`, {
    metadata,
    spec,
  } as ApiObject);
  const matchLabels = { 'kubernetes.io/metadata.name': namespace };
  const matchResources = { namespaceSelector: { matchLabels } };
  await admin.client.create(`${POLICIES}/validatingadmissionpolicybindings`, {
    metadata,
    spec: { policyName: namespace, validationActions: ['Deny'], matchResources },
  } as ApiObject);
  const canary = { metadata, spec: { containers: [{ name: 'canary', image: 'x' }] } } as ApiObject;
  await until('the policy', async () => {
    const query = { dryRun: 'All' };
    const dryRun = admin.client.create(collection.pods(namespace), canary, { query });
    return (await tried('the canary', dryRun)).refusal?.words.includes('not yours') === true;
  });
}

test('what the user may and controllers may not is refused in their words, and nothing is left', async () => {
  const release = await releaseIn('refusing');
  await onlyFor('admin', 'refusing');
  await expect(rehearsed(release)).rejects.toThrow(
    /^The cluster admits the release's Pods from the kubeconfig's user, but not from the controllers that are to make more of them in the namespace "refusing" \(ValidatingAdmissionPolicy 'refusing' .*: not yours\), so nodes that join would get nothing/,
  );
  await untilGone('refusing');
});

test('what controllers may is made, for no node, and taken away again', async () => {
  const release = await releaseIn('taking');
  await onlyFor('controllers', 'taking');
  const removed = jest.spyOn(admin.client, 'delete');
  await rehearsed(release);
  const pods = removed.mock.calls.map(([path]) => path).filter((path) => path.includes('/pods/'));
  // A controller may make another one in the place of one that is removed.
  const sets = pods.map((path) => path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('-')));
  const prefix = `jackal-${release.id}-0-rehearsed`;
  expect([...new Set(sets)].sort()).toEqual([`${prefix}-proofs-amd64`, `${prefix}-registry`]);
  await untilGone('taking');
});

test('a quota that still counts what has gone is no refusal as long as that may pass', async () => {
  const release = await releaseIn('counting');
  await makeQuota(admin.client, 'counting', 'pods', { pods: '0' });
  const path = collection.replicaSets('counting');
  const rehearsing = rehearsed(release, 3600);
  type Set = ApiObject & { status?: { conditions?: readonly { message?: string }[] } };
  await until('the quota refuses', async () => {
    const { items } = await admin.client.list<Set>(path, {});
    const said = items.flatMap(({ status }) => status?.conditions ?? []);
    return said.some(({ message }) => message?.includes('exceeded quota'));
  });
  const quota = '/api/v1/namespaces/counting/resourcequotas/pods';
  await admin.client.patch(quota, { spec: { hard: { pods: '2' } } });
  await rehearsing;
  await untilGone('counting');
});

test('a release of one architecture fits into a quota of one ReplicaSet', async () => {
  const release = await releaseIn('single');
  await makeQuota(admin.client, 'single', 'sets', { 'count/replicasets.apps': '1' });
  await rehearsed(release);
  await untilGone('single');
});

test('what waits for the room of another rehearsal has as long as that one had', async () => {
  const release = await releaseIn('serial');
  await makeQuota(admin.client, 'serial', 'sets', { 'count/replicasets.apps': '1' });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { client } = admin;
  const list = client.list.bind(client) as ApiClient['list'];
  const overAtFirst: (boolean | undefined)[] = [];
  jest.spyOn(client, 'list').mockImplementation(async (path, options = {}) => {
    if (path === collection.replicaSets('serial') && options.query?.fieldSelector !== undefined) {
      overAtFirst.push(options.signal?.aborted);
      // The first one hears nothing until its time is over.
      if (overAtFirst.length === 1)
        await unlessAborted(new Promise(() => undefined), options.signal as AbortSignal);
    }
    return await list(path, options);
  });
  await rehearsed(release, 0.1);
  expect(overAtFirst.slice(0, 2)).toEqual([false, false]);
  await untilGone('serial');
});

/** Has this done while the controllers stand still from `stop` on. */
async function whileStopped(work: (stop: () => void) => Promise<void>): Promise<void> {
  const controllers = plane.pids['controller-manager'] as number;
  try {
    await work(() => process.kill(controllers, 'SIGSTOP'));
  } finally {
    process.kill(controllers, 'SIGCONT');
  }
}

test('where no controller is at work a warning says that nobody knows, and nothing is left', async () => {
  const release = await releaseIn('silent');
  const said = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await whileStopped(async (stop) => {
    stop();
    await rehearsed(release, 0.1);
    expect(String(said.mock.calls)).toContain('is not known, for they have not begun');
    expect(await leftIn('silent')).toEqual([]);
  });
});

test('what controllers have made goes also where nothing collects it any more', async () => {
  const release = await releaseIn('uncollected');
  const remove = admin.client.delete.bind(admin.client);
  await whileStopped(async (stop) => {
    const removed = jest.spyOn(admin.client, 'delete').mockImplementation((...asked) => {
      stop();
      return remove(...asked);
    });
    await rehearsed(release);
    expect(removed.mock.calls.some(([path]) => path.includes('/pods/'))).toBe(true);
    expect(await leftIn('uncollected')).toEqual([]);
  });
});
