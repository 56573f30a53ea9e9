import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import type { ApiClient, ApiObject } from '../../../../src/kube/client.js';
import { type Connection, connect } from '../../../../src/kube/connect.js';
import { collection } from '../../../../src/kube/pods.js';
import { waitUntil } from '../../../../src/kube/watch.js';
import { NAMESPACE_FILLED_SECONDS } from '../../../../src/lib/limits/run.js';
import { permissionsOf, roleYaml } from '../../../../src/preflight/permissions.js';
import { leasesPath } from '../../../../src/run/lease.js';
import { findPlace } from '../../../../src/run/namespace.js';
import { findOtherRuns, removeDeadRuns } from '../../../../src/run/other-runs.js';
import { RESTRICTED_CONTAINER } from '../../../../src/run/pod.js';
import {
  bindingsPath,
  NAMESPACE_ANNOTATION,
  policiesPath,
} from '../../../../src/run/removal/policy.js';
import { removeRun } from '../../../../src/run/remove.js';
import { labelsOf, nameOf, newRun, type RunPlace } from '../../../../src/run/run.js';
import { until } from '../../../cluster/until.js';
import {
  ADMIN_TOKEN,
  type ControlPlane,
  startControlPlane,
} from '../../kube/site/control-plane.js';
import { leasedRun } from '../run-objects.js';

/* What is not a run's, and looks as if it were, or lies where a run's things do: it stays. */

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();
/** Clients of other users. */
const opened: ApiClient[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

/** The policy of a run, with its binding, which rewrites nothing. */
async function putPolicy({ id, namespace }: RunPlace): Promise<void> {
  const annotations = { [NAMESPACE_ANNOTATION]: namespace };
  const metadata = { name: nameOf.policy(id), labels: labelsOf(id, 'policy'), annotations };
  const expression = '[JSONPatch{op: "remove", path: "/metadata/labels/none"}]';
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['pods'],
    operations: ['CREATE'],
  };
  const spec = {
    matchConstraints: { resourceRules: [rule] },
    matchConditions: [{ name: 'never', expression: 'false' }],
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
  };
  await admin.client.create(policiesPath, { metadata, spec } as ApiObject);
  const bound = { metadata, spec: { policyName: metadata.name } };
  await admin.client.create(bindingsPath, bound as ApiObject);
}

test('who may write Leases in a namespace has nothing removed that is not of such a run', async () => {
  const live = await leasedRun(admin.client, { namespace: 'default' });
  await putPolicy(live);
  const within = 'of-leases';
  await admin.client.create('/api/v1/namespaces', { metadata: { name: within } } as ApiObject);
  const core = `/api/v1/namespaces/${within}`;
  const networkPolicies = `/apis/networking.k8s.io/v1/namespaces/${within}/networkpolicies`;
  const theirs: string[] = [];
  const put = async (path: string, id: string, object: object = {}) => {
    const name = `jackal-${id}`;
    await admin.client.create(path, { metadata: { name }, ...object } as ApiObject);
    theirs.push(`${path}/${name}`);
  };
  for (const id of ['api', '0badcafe']) {
    await put(`${core}/services`, id, { spec: { ports: [{ port: 80 }] } });
    await put(networkPolicies, id, { spec: { podSelector: {} } });
  }
  await put(`${core}/secrets`, 'api');
  const renewTime = '2026-11-23T11:59:30.500000Z';
  for (const id of ['api', '0badcafe', live.id]) {
    const metadata = { name: nameOf.lease(id), labels: labelsOf(id, 'lease') };
    const forged = { metadata, spec: { renewTime, leaseDurationSeconds: 1 } };
    await admin.client.create(leasesPath(within), forged as ApiObject);
  }
  const { dead } = await findOtherRuns(admin.client, newRun(), signal);
  const found = dead.filter(({ namespace }) => namespace === within);
  expect(found.map(({ id }) => id).sort()).toEqual(['0badcafe', live.id].sort());
  const warnings: string[] = [];
  await removeDeadRuns(admin.client, found, (sentence) => warnings.push(sentence), signal);
  expect(warnings).toEqual([]);
  const policy = [policiesPath, bindingsPath].map((path) => `${path}/${nameOf.policy(live.id)}`);
  for (const path of [...theirs, ...policy]) {
    expect([path, await admin.client.find(path)]).toEqual([path, expect.anything()]);
  }
  await removeRun(admin.client, live, signal);
  for (const path of policy) expect(await admin.client.find(path)).toBeUndefined();
});

test("what only an object owns that the user may not look for is a person's", async () => {
  const client = await userOfRole('role');
  const run = newRun();
  await findPlace(admin.client, run, signal);
  await untilFilled(run.namespace);
  const metadata = { name: 'mine', labels: { app: 'mine' } };
  const spec = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'one', image: 'none:1', securityContext: RESTRICTED_CONTAINER }],
  };
  const sets = collection.replicaSets(run.namespace);
  await admin.client.create(sets, {
    metadata,
    spec: { selector: { matchLabels: metadata.labels }, template: { metadata, spec } },
  } as ApiObject);
  const pods = collection.pods(run.namespace);
  const pod = [...(await waitUntil(admin.client, pods, ({ size }) => size > 0)).keys()];
  expect(await removeRun(client, run, signal)).toEqual(pod.map((name) => `pod/${name}`));
  expect((await namespaceOf(run.namespace)).metadata.deletionTimestamp).toBeUndefined();
  // The administrator sees the set itself.
  expect(await removeRun(admin.client, run, signal)).toEqual(['replicaset/mine']);
});

type Dated = ApiObject & { metadata: { creationTimestamp: string } };

const namespaceOf = (name: string) => admin.client.get<Dated>(`/api/v1/namespaces/${name}`);

/** Waits until a namespace has been there for so long that what is put into it comes from a person. */
async function untilFilled(namespace: string): Promise<void> {
  const born = Date.parse((await namespaceOf(namespace)).metadata.creationTimestamp);
  const isOld = async () => {
    await admin.client.get('/version');
    return admin.client.now() - born > (NAMESPACE_FILLED_SECONDS + 1) * 1000;
  };
  await until('the namespace to have been filled', isOld);
}

/** A client of a user who has the README's role and nothing else. */
async function userOfRole(name: string): Promise<ApiClient> {
  const [role] = loadAll(roleYaml(permissionsOf(false))) as object[];
  const group = '/apis/rbac.authorization.k8s.io/v1';
  await admin.client.create(`${group}/clusterroles`, { ...role, metadata: { name } });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const subjects = [{ ...roleRef, kind: 'User' }];
  const bound = { metadata: { name }, roleRef, subjects } as ApiObject;
  await admin.client.create(`${group}/clusterrolebindings`, bound);
  const kubeconfig = plane.kubeconfig({ user: { token: ADMIN_TOKEN, as: name } });
  const { client } = await connect({ kubeconfig, env: {} });
  opened.push(client);
  const mayLook = () =>
    client.list('/api/v1/nodes').then(
      () => true,
      () => false,
    );
  await until('the role to count', mayLook);
  return client;
}
