/** One right: a verb on a resource, in the run's namespace or in the whole cluster, or on a path. */
export interface Permission {
  readonly verb: string;
  /** With the subresource behind a slash, as in a Role; or a path of the API server, from `/` on. */
  readonly resource: string;
  /** API group; the core group is empty. */
  readonly group: string;
  readonly scope: 'namespace' | 'cluster';
  /** The action does without when it is not granted, at a price that the README tells. */
  readonly optional?: boolean;
}

const COORDINATION = 'coordination.k8s.io';

/**
 * Every right that the action uses in its namespace: all of them where that is given, else in the whole
 * cluster, since nobody knows the name of a namespace that a run makes for itself. The README's rules,
 * the preflight's access reviews and the message about missing permissions are made from this list alone.
 *
 * @param given whether the namespace is given to the run
 */
export function permissionsOf(given: boolean): readonly Permission[] {
  const scope = given ? 'namespace' : 'cluster';
  return [
    ...rights(scope, 'configmaps', ['create', 'get', 'list', 'delete']),
    ...rights(scope, 'pods', ['create', 'get', 'list', 'watch', 'delete']),
    ...rights(scope, 'services', ['create', 'get', 'delete']),
    ...rights(scope, 'leases', ['create', 'get', 'list', 'patch', 'delete'], COORDINATION),
    ...rights('cluster', 'nodes', ['list']),
    ...(given ? [] : rights('cluster', 'namespaces', ['create', 'get', 'list', 'delete'])),
    ...optional(given ? [] : rights('cluster', 'namespaces', ['patch'])),
    ...optional(rights(scope, 'secrets', ['create', 'delete'])),
    ...optional(rights(scope, 'pods/portforward', ['create', 'get'])),
    ...optional(rights(scope, 'pods/log', ['get'])),
    ...optional(rights(scope, 'events', ['list'])),
    ...optional(rights(scope, 'resourcequotas', ['list'])),
    ...optional(rights(scope, 'limitranges', ['list'])),
    ...optional(
      rights(scope, 'networkpolicies', ['create', 'get', 'list', 'delete'], 'networking.k8s.io'),
    ),
    ...optional(given ? rights('cluster', 'pods', ['list']) : []),
    ...optional(rights('cluster', '/metrics', ['get'])),
  ];
}

function rights(
  scope: Permission['scope'],
  resource: string,
  verbs: readonly string[],
  group = '',
): Permission[] {
  return verbs.map((verb) => ({ verb, resource, group, scope }));
}

function optional(permissions: readonly Permission[]): Permission[] {
  return permissions.map((permission) => ({ ...permission, optional: true }));
}

/**
 * The Role and ClusterRole, as YAML, that grant these permissions; without bindings, since only
 * the reader knows whom to bind.
 */
export function roleYaml(permissions: readonly Permission[], namespace?: string): string {
  const namespaced = permissions.filter(({ scope }) => scope === 'namespace');
  const global = permissions.filter(({ scope }) => scope === 'cluster');
  return [
    ...(namespaced.length > 0 ? [role('Role', namespaced, namespace)] : []),
    ...(global.length > 0 ? [role('ClusterRole', global)] : []),
  ].join('---\n');
}

function role(kind: string, permissions: readonly Permission[], namespace?: string): string {
  const rules = Map.groupBy(permissions, ({ group, resource }) => `${group}/${resource}`);
  const lines = [...rules.values()].map((rule) => {
    const { group, resource } = rule[0] as Permission;
    const verbs = rule.map(({ verb }) => verb).join(', ');
    const what = resource.startsWith('/')
      ? `nonResourceURLs: ["${resource}"]`
      : `apiGroups: ["${group}"], resources: ["${resource}"]`;
    return `  - { ${what}, verbs: [${verbs}] }\n`;
  });
  return [
    'apiVersion: rbac.authorization.k8s.io/v1\n',
    `kind: ${kind}\n`,
    `metadata: { name: jackal-inject${kind === 'Role' ? `, namespace: ${namespace}` : ''} }\n`,
    'rules:\n',
    ...lines,
  ].join('');
}
