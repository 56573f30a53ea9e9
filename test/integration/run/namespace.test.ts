import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { NAMESPACE_FILLED_SECONDS } from '../../../src/lib/limits/run.js';
import { createLease } from '../../../src/run/lease.js';
import { findPlace, otherNamespaces, removeNamespace } from '../../../src/run/namespace.js';
import { findOtherRuns, removeDeadRuns } from '../../../src/run/other-runs.js';
import { removeRun } from '../../../src/run/remove.js';
import { newRun, type Run } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { grantNobody, leasedRun } from './run-objects.js';

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();
type Dated = ApiObject & { metadata: { creationTimestamp: string } };

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

async function placed(given: Parameters<typeof newRun>[0] = {}): Promise<Run> {
  const run = newRun(given);
  await findPlace(admin.client, run, signal);
  return run;
}

const namespaceOf = (name: string) => admin.client.get<Dated>(`/api/v1/namespaces/${name}`);

/** Whether a namespace is going, or has gone already. */
async function isGoing(name: string): Promise<boolean> {
  const namespace = await admin.client.find<Dated>(`/api/v1/namespaces/${name}`, {});
  return namespace === undefined || namespace.metadata.deletionTimestamp !== undefined;
}

/** Puts a Secret into a namespace when that has been there for so long that nobody else would. */
async function putSecret(
  namespace: string,
  name: string,
  data = {},
  annotations = {},
): Promise<void> {
  const born = Date.parse((await namespaceOf(namespace)).metadata.creationTimestamp);
  const isOld = async () => {
    await admin.client.get('/version');
    return admin.client.now() - born > (NAMESPACE_FILLED_SECONDS + 1) * 1000;
  };
  await until('the namespace to have been filled', isOld);
  await admin.client.create(`/api/v1/namespaces/${namespace}/secrets`, {
    metadata: { name, annotations },
    data,
  } as ApiObject);
}

/** Names of the namespaces that a later run takes for those of others. */
async function foundByOthers(): Promise<string[]> {
  return (await otherNamespaces(admin.client, 'any', signal)).map(({ namespace }) => namespace);
}

test('a run makes a namespace of its own, restricted, and begins its removal at the end', async () => {
  const run = await placed();
  const { metadata } = await namespaceOf(run.namespace);
  expect(metadata.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'jackal-inject',
    'jackal-inject.dev/run': run.id,
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  // A cluster's default node selector would keep Pods from the nodes that they name.
  expect(metadata.annotations).toMatchObject({
    'openshift.io/node-selector': '',
    'scheduler.alpha.kubernetes.io/node-selector': '',
  });
  expect(await removeRun(admin.client, run, signal)).toEqual([]);
  expect(await isGoing(run.namespace)).toBe(true);
});

test('a namespace that is given is used and left as it is, whatever its labels say', async () => {
  const namespace = 'jackal-inject';
  const labels = { 'app.kubernetes.io/managed-by': 'jackal-inject' };
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
  const before = await namespaceOf(namespace);
  const run = await placed({ namespace });
  await removeRun(admin.client, run, signal);
  expect(await namespaceOf(namespace)).toEqual(before);
});

test("a run in another run's own namespace leaves it, and its owner leaves it to that run", async () => {
  const owner = await placed();
  const guest = await leasedRun(admin.client, { namespace: owner.namespace });
  expect(await removeRun(admin.client, owner, signal)).toEqual([`lease/jackal-${guest.id}`]);
  await removeRun(admin.client, guest, signal);
  expect(await isGoing(owner.namespace)).toBe(false);
  expect(await foundByOthers()).toContain(owner.namespace);
  expect(await removeRun(admin.client, owner, signal)).toEqual([]);
  expect(await isGoing(owner.namespace)).toBe(true);
});

test("what a person puts into a run's own namespace stays with it, and is named", async () => {
  const run = await placed();
  await putSecret(run.namespace, 'theirs');
  const path = `/api/v1/namespaces/${run.namespace}`;
  // As service meshes and policy engines do at once in every namespace, and Kubernetes itself.
  await admin.client.create(`${path}/configmaps`, { metadata: { name: 'kube-root-ca.crt' } });
  expect(await foundByOthers()).toContain(run.namespace);
  expect(await removeRun(admin.client, run, signal)).toEqual(['secret/theirs']);
  expect(await isGoing(run.namespace)).toBe(false);
  expect(await foundByOthers()).not.toContain(run.namespace);
  await admin.client.delete(`${path}/secrets/theirs`);
  expect(await removeRun(admin.client, run, signal)).toEqual([]);
});

test('what a tool copies into every namespace goes with it, and what differs stays', async () => {
  const run = await placed();
  const [login, other] = ['YQ==', 'Yg=='].map((password) => ({ password }));
  const elsewhere = '/api/v1/namespaces/default/secrets';
  const names = ['login', 'own-login'];
  for (const name of names) {
    await admin.client.create(elsewhere, { metadata: { name }, data: login } as ApiObject);
    await putSecret(run.namespace, name, name === 'login' ? login : other);
  }
  expect(await removeRun(admin.client, run, signal)).toEqual(['secret/own-login']);
  await admin.client.delete(`/api/v1/namespaces/${run.namespace}/secrets/own-login`);
  expect(await removeRun(admin.client, run, signal)).toEqual([]);
  expect(await isGoing(run.namespace)).toBe(true);
  for (const name of names) await admin.client.delete(`${elsewhere}/${name}`);
});

test('the logins of the service accounts that clusters make go with it, however late they come', async () => {
  const run = await placed();
  const put = (name: string, account: string) =>
    putSecret(run.namespace, name, {}, { 'kubernetes.io/service-account.name': account });
  // OpenShift makes these without an owner, the second behind the first (openshift/openshift-controller-manager,
  // create_dockercfg_secrets.go), as Kubernetes up to 1.23 makes the token of `default`.
  await put('default-token-x7k2p', 'default');
  await put('builder-dockercfg-q9w4z', 'builder');
  // These are a person's: the account is, or the name.
  await put('mine-token-x7k2p', 'mine');
  await put('my-login', 'default');
  await putSecret(run.namespace, 'default-token-c4d5f');
  expect([...(await removeRun(admin.client, run, signal))].sort()).toEqual([
    'secret/default-token-c4d5f',
    'secret/mine-token-x7k2p',
    'secret/my-login',
  ]);
  expect(await isGoing(run.namespace)).toBe(false);
});

test("what only another kind of object owns is a person's, and a service account, too", async () => {
  const run = await placed();
  await putSecret(run.namespace, 'certificate');
  const path = `/api/v1/namespaces/${run.namespace}`;
  const owner = (kind: string) => ({ apiVersion: 'acme.test/v1', kind, name: 'a', uid: 'a' });
  const owned = (kind: string) => ({ metadata: { ownerReferences: [owner(kind)] } });
  await admin.client.patch(`${path}/secrets/certificate`, owned('Certificate'));
  await admin.client.create(`${path}/serviceaccounts`, { metadata: { name: 'mine' } } as ApiObject);
  await putSecret(run.namespace, 'token-of-mine');
  await admin.client.patch(`${path}/secrets/token-of-mine`, owned('ServiceAccount'));
  expect([...(await removeRun(admin.client, run, signal))].sort()).toEqual([
    'secret/certificate',
    'serviceaccount/mine',
  ]);
  expect(await isGoing(run.namespace)).toBe(false);
});

test('a namespace is going before its Lease is gone, so that nobody puts another one there', async () => {
  const run = await placed();
  const leased = await createLease(admin.client, run, 0, signal);
  const remove = admin.client.delete.bind(admin.client);
  const going: boolean[] = [];
  const watched = jest.spyOn(admin.client, 'delete').mockImplementation(async (path, options) => {
    if (path.endsWith(`/leases/${leased.name}`)) going.push(await isGoing(run.namespace));
    return await remove(path, options);
  });
  await removeRun(admin.client, run, signal).finally(() => watched.mockRestore());
  expect(going).toEqual([true]);
});

test('a namespace of a release that was deleted and does not go is told', async () => {
  const step = () => newRun({ release: 'held' });
  const run = await placed({ release: 'held' });
  const path = `/api/v1/namespaces/${run.namespace}`;
  const held = { metadata: { name: 'held', finalizers: ['example.test/hold'] } };
  await admin.client.create(`${path}/configmaps`, held as ApiObject);
  await admin.client.delete(path);
  await expect(findPlace(admin.client, step(), signal, 0)).rejects.toThrow(
    `The namespace "${run.namespace}" of the release "held" was deleted and does not go; see by \`kubectl get`,
  );
  await admin.client.patch(`${path}/configmaps/held`, { metadata: { finalizers: null } });
  await findPlace(admin.client, step(), signal);
  expect(await isGoing(run.namespace)).toBe(false);
});

test('what a cluster puts at once into every namespace keeps none', async () => {
  // On a busy machine one may come too late to be the cluster's.
  const filled = async () => {
    const run = await placed();
    const { creationTimestamp } = (await namespaceOf(run.namespace)).metadata;
    const path = `/api/v1/namespaces/${run.namespace}/configmaps`;
    const metadata = { name: 'istio-ca-root-cert' };
    const { metadata: made } = await admin.client.create<Dated>(path, { metadata } as Dated);
    const age = Date.parse(made.creationTimestamp) - Date.parse(creationTimestamp);
    return age / 1000 <= NAMESPACE_FILLED_SECONDS ? run : undefined;
  };
  const run = await until('a namespace that is filled at once', filled);
  expect(await removeRun(admin.client, run, signal)).toEqual([]);
});

test('a namespace that cannot finish holds nobody up', async () => {
  const run = await placed();
  const held = { metadata: { name: 'held', finalizers: ['example.test/hold'] } };
  const path = `/api/v1/namespaces/${run.namespace}/configmaps`;
  const { metadata } = await namespaceOf(run.namespace);
  await admin.client.create(path, held as ApiObject);
  await admin.client.delete(`/api/v1/namespaces/${run.namespace}`);
  // It is going, and stays so: a run that comes by does not look at it.
  const other = newRun({ workflow: run.workflow });
  const late = jestClockAfter(metadata.creationTimestamp);
  const { dead } = await findOtherRuns(late, other, signal);
  expect(dead.map(({ id }) => id)).not.toContain(run.id);
  await admin.client.patch(`${path}/held`, { metadata: { finalizers: null } });
});

/** The administrator's client with a clock that shows an hour later. */
function jestClockAfter(creation: string) {
  const now = () => Date.parse(creation) + 3_600_000;
  return Object.assign(Object.create(admin.client) as typeof admin.client, { now });
}

test('a run that was killed before it had a Lease leaves a namespace that the next one takes', async () => {
  const attempt = (number: number) =>
    `https://github.com/acme/web/actions/runs/7/attempts/${number}`;
  const killed = await placed({ workflow: attempt(1) });
  const same = await findOtherRuns(admin.client, newRun({ workflow: attempt(1) }), signal);
  expect(same.dead.map(({ id }) => id)).not.toContain(killed.id);
  const { dead } = await findOtherRuns(admin.client, newRun({ workflow: attempt(2) }), signal);
  expect(dead).toContainEqual({ id: killed.id, namespace: killed.namespace });
  await removeDeadRuns(admin.client, dead, () => undefined, signal);
  expect(await isGoing(killed.namespace)).toBe(true);
});

test('ten runs at once come and go, and none takes anything of another', async () => {
  const visit = async () => {
    const run = await placed();
    const leased = await leasedRun(admin.client, { namespace: run.namespace });
    // A guest's Lease, so that its removal shows what belongs to whom.
    await removeRun(admin.client, leased, signal);
    expect(await isGoing(run.namespace)).toBe(false);
    await removeRun(admin.client, run, signal);
    expect(await isGoing(run.namespace)).toBe(true);
  };
  await Promise.all(Array.from({ length: 10 }, visit));
});

test('a namespace that is given and missing, or going, is told with the way to one', async () => {
  await expect(placed({ namespace: 'absent' })).rejects.toThrow(
    'The namespace "absent" does not exist; make it before this step with `kubectl create namespace absent`',
  );
  const going = await placed();
  const held = { metadata: { name: 'held', finalizers: ['example.test/hold'] } };
  const path = `/api/v1/namespaces/${going.namespace}/configmaps`;
  await admin.client.create(path, held as ApiObject);
  await removeNamespace(admin.client, going, signal);
  await admin.client.delete(`/api/v1/namespaces/${going.namespace}`);
  await expect(placed({ namespace: going.namespace })).rejects.toThrow('is being deleted');
  await admin.client.patch(`${path}/held`, { metadata: { finalizers: null } });
});

/** Has admission refuse namespaces with this label for which a CEL expression is false, while `body` goes on. */
async function whileRefused(
  label: string,
  expression: string,
  body: (labels: Record<string, string>) => Promise<void>,
): Promise<void> {
  const labels = { [label]: 'yes' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'] };
  const path = (kind: string) => `/apis/admissionregistration.k8s.io/v1/validatingadmission${kind}`;
  const metadata = { name: label };
  await admin.client.create(path('policies'), {
    metadata,
    spec: {
      matchConstraints: {
        resourceRules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }],
        objectSelector: { matchLabels: labels },
      },
      validations: [
        { expression: "!object.metadata.name.startsWith('canary')", message: 'in force' },
        { expression, message: 'Unauthorized' },
      ],
    },
  } as ApiObject);
  const binding = { metadata, spec: { policyName: label, validationActions: ['Deny'] } };
  await admin.client.create(path('policybindings'), binding as ApiObject);
  try {
    const canary = { metadata: { name: 'canary', labels } };
    const query = { dryRun: 'All' };
    const acts = () =>
      admin.client.create('/api/v1/namespaces', canary, { query }).then(
        () => false,
        (error) => String(error).includes('in force'),
      );
    await until('the policy to act', acts);
    await body(labels);
  } finally {
    for (const kind of ['policybindings', 'policies']) {
      await admin.client.delete(`${path(kind)}/${label}`);
    }
  }
}

test('where admission refuses Pod Security’s labels, the namespace has none', async () => {
  const isPlain =
    "!object.metadata.labels.exists(key, key.startsWith('pod-security.kubernetes.io/'))";
  await whileRefused('no-levels', isPlain, async (labels) => {
    const { namespace } = await placed({ labels });
    const { metadata } = await namespaceOf(namespace);
    expect(metadata).toMatchObject({ labels: { ...labels, 'istio-injection': 'disabled' } });
    expect(JSON.stringify(metadata)).not.toContain('pod-security.kubernetes.io/');
  });
});

test('where admission takes no namespace of a run, the user is told of the input', async () => {
  await whileRefused('no-namespaces', 'false', async (labels) => {
    await expect(placed({ labels })).rejects.toThrow(
      /^The cluster's admission takes no namespace that the run makes \(.*Unauthorized.*\); make one, name it with the input `namespace`, or change the policy\.$/,
    );
  });
});

test('a user who may not make namespaces is told of the input, and one who may not look works on', async () => {
  const kubeconfig = plane.kubeconfig({ user: { token: NOBODY_TOKEN } });
  const { client } = await connect({ kubeconfig, env: {} });
  await expect(findPlace(client, newRun(), signal)).rejects.toThrow(
    "The kubeconfig's user may not create a namespace for the run; name one that is there with the input `namespace`",
  );
  await findPlace(client, newRun({ namespace: 'default' }), signal);
  await grantNobody(admin.client, 'namespaces', ['get']);
  await expect(findPlace(client, newRun({ namespace: 'absent' }), signal)).rejects.toThrow(
    'does not exist',
  );
  client.close();
});
