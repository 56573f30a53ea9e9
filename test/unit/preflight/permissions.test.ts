import { expect, test } from '@jest/globals';
import { permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';

test('in a namespace that is given a Role is enough for what lies there', () => {
  const permissions = permissionsOf(true);
  const yaml = roleYaml(permissions, 'team');
  const [role, clusterRole] = yaml.split('---\n');
  expect(role).toContain('metadata: { name: jackal-inject, namespace: team }');
  expect(role).toContain(
    '{ apiGroups: [""], resources: ["services"], verbs: [create, get, delete] }',
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
