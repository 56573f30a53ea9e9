import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { loadYaml } from '@kubernetes/client-node';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { checkPermissions, MissingPermissions } from '../../../src/preflight/access.js';
import { rehearse } from '../../../src/preflight/dry-run.js';
import { permissionsOf } from '../../../src/preflight/permissions.js';
import { checkQuotas } from '../../../src/preflight/quotas.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/control-plane.js';
import { makeQuota } from '../run/run-objects.js';

let plane: ControlPlane;
let admin: Connection;
let nobody: Connection;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  const user = { token: NOBODY_TOKEN };
  nobody = await connect({ kubeconfig: plane.kubeconfig({ user }), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  nobody?.client.close();
  await plane?.stop();
});

async function makeNamespace(name: string, labels = {}): Promise<void> {
  await admin.client.create('/api/v1/namespaces', { metadata: { name, labels } });
}

async function missingIn(namespace: string | undefined): Promise<MissingPermissions> {
  const thrown = await checkPermissions(nobody.client, namespace).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(MissingPermissions);
  return thrown as MissingPermissions;
}

test('all missing permissions come in one message, and the Role with it grants them', async () => {
  const namespace = 'guarded';
  // Whoever has a namespace made for each run needs its rights everywhere.
  const everywhere = await missingIn(undefined);
  expect(everywhere.message).toContain('create, get, list, delete namespaces in the cluster');
  expect(everywhere.message).toContain('or give the input `namespace`');
  expect(everywhere.details).not.toMatch(/kind: Role\n/);
  await makeNamespace(namespace);
  const { missing, message, details: role } = await missingIn(namespace);
  expect(missing).toEqual(permissionsOf(true).filter(({ optional }) => optional !== true));
  expect(message).toContain('create, get, list, delete configmaps in the namespace "guarded"');
  const path = '/apis/rbac.authorization.k8s.io/v1';
  const subjects = [{ kind: 'User', name: 'nobody' }];
  for (const document of role.split('---\n')) {
    const parsed = loadYaml<ApiObject & { kind: string }>(document);
    const { kind } = parsed;
    const at = kind === 'Role' ? `${path}/namespaces/${namespace}` : path;
    const lists =
      kind === 'Role' ? ['roles', 'rolebindings'] : ['clusterroles', 'clusterrolebindings'];
    await admin.client.create(`${at}/${lists[0]}`, parsed);
    const name = parsed.metadata?.name;
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
    await admin.client.create(`${at}/${lists[1]}`, {
      metadata: { name },
      roleRef,
      subjects,
    } as ApiObject);
  }
  // The authorizer learns of bindings by a watch.
  const allowed = () => checkPermissions(nobody.client, namespace).then(() => true);
  await until('the bindings', allowed, { seconds: 10 });
});

test('quotas that are too small are named, all of them', async () => {
  const namespace = 'tight';
  await makeNamespace(namespace);
  const hard = { 'count/configmaps': '5', pods: '1', services: '10' };
  await makeQuota(admin.client, namespace, 'small', hard);
  const planned = { configmaps: 8, pods: 3, services: 1 };
  await expect(checkQuotas(admin.client, namespace, planned)).rejects.toThrow(
    /quota "small" leaves [45] of 5 count\/configmaps, 8 are needed; quota "small" leaves 1 of 1 pods, 3 are needed/,
  );
  const fits = { configmaps: 2, pods: 1, services: 1 };
  // The controllers put one into every namespace, sooner or later.
  expect([4, 5]).toContain(await checkQuotas(admin.client, namespace, fits));
  expect(await checkQuotas(admin.client, 'default', planned)).toBe(Number.POSITIVE_INFINITY);
  // Who may not read quotas is told by the server when an object is refused.
  expect(await checkQuotas(nobody.client, namespace, planned)).toBe(Number.POSITIVE_INFINITY);
});

function pod(name: string, overrides: object = {}): V1Pod {
  const container = { name: 'main', image: 'example.test/image', ...overrides };
  return { metadata: { name }, spec: { containers: [container] } };
}

test('Pod Security, quotas and limit ranges speak in the rehearsal, and nothing is stored', async () => {
  const namespace = 'policed';
  await makeNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const range = { limits: [{ type: 'Container', max: { memory: '64Mi' } }] };
  const ranges = `/api/v1/namespaces/${namespace}/limitranges`;
  await admin.client.create(ranges, { metadata: { name: 'range' }, spec: range } as ApiObject);
  const configMap = {
    name: 'sample',
    namespace,
    labels: {},
    binaryData: { chunk: [Buffer.alloc(768 * 1024)] },
  };
  const greedy = pod('greedy', {
    resources: { limits: { memory: '1Gi' } },
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
  const trial = rehearse(admin.client, { namespace, configMap, pods: [pod('loose'), greedy] });
  await expect(trial).rejects.toThrow(
    /the Pod loose: .*violates PodSecurity "restricted:latest".*the Pod greedy: .*maximum memory usage per Container is 64Mi/s,
  );
  await rehearse(admin.client, { namespace, configMap, pods: [] });
  const { items } = await admin.client.list<ApiObject>(
    `/api/v1/namespaces/${namespace}/configmaps`,
  );
  expect(items.map(({ metadata }) => metadata?.name)).not.toContain('sample');
});

test('a policy that puts another image in place is named before anything travels', async () => {
  const namespace = 'mirrored';
  await makeNamespace(namespace);
  const policies = '/apis/admissionregistration.k8s.io/v1';
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    resources: ['pods'],
    operations: ['CREATE'],
  };
  const expression =
    '[JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "mirror.test/other:1"}]';
  await admin.client.create(`${policies}/mutatingadmissionpolicies`, {
    metadata: { name: namespace },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
    },
  } as ApiObject);
  await admin.client.create(`${policies}/mutatingadmissionpolicybindings`, {
    metadata: { name: namespace },
    spec: {
      policyName: namespace,
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    },
  } as ApiObject);
  const configMap = { name: 'sample', namespace, labels: {}, data: {} };
  const trial = () => rehearse(admin.client, { namespace, configMap, pods: [pod('asked')] });
  // The API server takes a moment to act by a new policy.
  const refused = async () =>
    trial().then(
      () => false,
      () => true,
    );
  await until('the policy to act', refused, { seconds: 30 });
  await expect(trial()).rejects.toThrow(
    'A policy of the cluster replaces the image example.test/image by mirror.test/other:1',
  );
});
