import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadYaml } from '@kubernetes/client-node';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { checkPermissions, MissingPermissions } from '../../../src/preflight/access.js';
import { permissionsOf } from '../../../src/preflight/permissions.js';
import { checkQuotas } from '../../../src/preflight/resources/quotas.js';
import { readRules } from '../../../src/preflight/resources/rules.js';
import { USUAL_SHAPE } from '../../../src/run/shape.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { makeQuota } from '../run/run-objects.js';

const LISTS = Promise.resolve(true);

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
  const thrown = await checkPermissions(
    nobody.client,
    { namespace, contextNamespace: 'ci' },
    LISTS,
  ).then(
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
  expect(everywhere.message).toContain(
    'or name a namespace that is there with the input `namespace` (the context\'s own is "ci")',
  );
  expect(everywhere.details).not.toMatch(/kind: Role\n/);
  await makeNamespace(namespace);
  const { missing, message, details: role } = await missingIn(namespace);
  expect(missing).toEqual(permissionsOf(true).filter(({ without }) => without === undefined));
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
  const allowed = () => checkPermissions(nobody.client, { namespace }, LISTS).then(() => true);
  await until('the bindings', allowed);
});

test('quotas that are too small are named, all of them', async () => {
  const namespace = 'tight';
  await makeNamespace(namespace);
  const hard = { 'count/configmaps': '5', pods: '1', 'limits.cpu': '2' };
  await makeQuota(admin.client, namespace, 'small', hard);
  const { signal } = new AbortController();
  const { quotas } = await readRules(admin.client, namespace, signal);
  const planned = { configmaps: 8, proofs: [4, 4], shape: USUAL_SHAPE };
  expect(() => checkQuotas(namespace, quotas, planned)).toThrow(
    /quota "small" leaves [45] of 5 count\/configmaps, 8 are needed; quota "small" leaves 2 of 2 limits.cpu, 3 are needed; quota "small" leaves 1 of 1 pods, 3 are needed/,
  );
  const fits = { configmaps: 2, proofs: [], shape: USUAL_SHAPE };
  // The controllers put one into every namespace, sooner or later.
  expect([4, 5]).toContain(checkQuotas(namespace, quotas, fits));
  // Who may not read quotas and ranges is told by the server when an object is refused.
  const unread = await readRules(nobody.client, namespace, signal);
  expect([unread.quotas, unread.ranges.size]).toEqual([[], 0]);
});
