import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { checkPermissions, MissingPermissions } from '../../../src/preflight/access.js';
import {
  permissionsOf,
  releasePermissions,
  roleYaml,
  storePermissions,
} from '../../../src/preflight/permissions.js';

test('in a namespace that is given a Role is enough for what lies there', () => {
  const permissions = permissionsOf(true);
  const yaml = roleYaml(permissions, 'team');
  const [role, clusterRole] = yaml.split('---\n');
  expect(role).toContain('metadata: { name: jackal-inject, namespace: team }');
  expect(role).toContain(
    '{ apiGroups: [""], resources: ["services"], verbs: [create, get, delete, patch] }',
  );
  expect(role).toContain('{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [');
  expect(role).not.toContain('nodes');
  expect(clusterRole).toContain('resources: ["nodes"], verbs: [list]');
  expect(clusterRole).toContain('{ nonResourceURLs: ["/metrics"], verbs: [get] }');
  expect(yaml).not.toContain('namespaces"]');
  expect(yaml.match(/verbs/g)).toHaveLength(
    new Set(permissions.map(({ scope, resource }) => `${scope} ${resource}`)).size,
  );
});

test('who makes a namespace for each run has all rights in the whole cluster', () => {
  const permissions = permissionsOf(false);
  expect(permissions.filter(({ scope }) => scope === 'namespace')).toEqual([]);
  const yaml = roleYaml(permissions);
  expect(yaml).not.toMatch(/kind: Role\n/);
  expect(yaml).toContain('resources: ["namespaces"], verbs: [create, get, list, delete, patch]');
});

test('a release needs what keeps its Pods, and can do without a volume', () => {
  const words = (given: boolean) =>
    releasePermissions(given)
      .filter(({ without }) => without === undefined)
      .map(({ verb, resource, scope }) => `${verb} ${resource} ${scope}`);
  const controllers = ['daemonsets', 'replicasets'].flatMap((resource) =>
    ['create', 'list', 'watch', 'delete'].map((verb) => `${verb} ${resource}`),
  );
  const needed = ['patch services', 'patch configmaps', ...controllers];
  expect(words(true)).toEqual(needed.map((one) => `${one} namespace`));
  expect(words(false)).toEqual(needed.map((one) => `${one} cluster`));
  expect(releasePermissions(true).filter(({ without }) => without !== undefined)).toEqual(
    storePermissions(true),
  );
  // StorageClasses lie in no namespace.
  const [first, ...others] = storePermissions(true).toReversed();
  expect(first).toMatchObject({ verb: 'list', resource: 'storageclasses', scope: 'cluster' });
  expect(new Set(others.map(({ scope }) => scope))).toEqual(new Set(['namespace']));
});

/** What is missing to a user who may do nothing, nor list nodes, in a namespace that is given. */
async function missingTo(isRelease: boolean): Promise<MissingPermissions> {
  const nobody = { create: async () => ({ status: { allowed: false } }) };
  const check = checkPermissions(
    nobody as unknown as ApiClient,
    { namespace: 'team', isRelease },
    Promise.resolve(false),
  );
  const thrown: unknown = await check.catch((error) => error);
  expect(thrown).toBeInstanceOf(MissingPermissions);
  return thrown as MissingPermissions;
}

test('what a release needs is asked for once, also where DaemonSets find the nodes', async () => {
  const { missing, message } = await missingTo(true);
  const words = missing.map(({ verb, resource }) => `${verb} ${resource}`);
  expect(words).toEqual([...new Set(words)]);
  expect(message).toContain('create, list, watch, delete daemonsets in the namespace "team";');
});

test('who may list nodes needs DaemonSets for a release alone', async () => {
  expect((await missingTo(false)).message).toContain(
    'daemonsets in the namespace "team" (or list nodes in the cluster)',
  );
});
