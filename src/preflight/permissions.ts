/** One right: a verb on a resource, in the run's namespace or in the whole cluster. */
export interface Permission {
  readonly verb: string;
  /** With the subresource behind a slash, as in a Role. */
  readonly resource: string;
  /** API group; the core group is empty. */
  readonly group: string;
  readonly scope: 'namespace' | 'cluster';
  /** Why the action needs it, as words that end "so that it can". */
  readonly purpose: string;
  /** The action does without when it is not granted, at the price that `purpose` tells. */
  readonly optional?: boolean;
}

/**
 * Every right that the action uses. The README's Role, the preflight's access reviews and the
 * message about missing permissions are made from this list alone.
 */
export const PERMISSIONS: readonly Permission[] = [
  ...inNamespace(
    'configmaps',
    ['create', 'get', 'list', 'watch', 'patch', 'delete'],
    'carry the images and say that the run is alive',
  ),
  ...inNamespace('pods', ['create', 'get', 'list', 'watch', 'delete'], 'run registry and proof'),
  ...inNamespace('services', ['create', 'get', 'delete'], 'let nodes reach the registry'),
  ...inCluster('nodes', ['list'], 'know which nodes there are'),
  ...optional(
    inCluster(
      'namespaces',
      ['get', 'list', 'watch', 'create', 'delete', 'patch'],
      'make a namespace of its own and remove it',
    ),
  ),
  ...optional(inNamespace('events', ['list'], 'say in a failure what the cluster warned of')),
  ...optional(
    inNamespace('resourcequotas', ['list'], 'say before the upload what exceeds a quota'),
  ),
  ...optional(
    inCluster(
      'pods',
      ['list'],
      "start from a running Pod's image where no node lists a sandbox image",
    ),
  ),
];

function inNamespace(resource: string, verbs: readonly string[], purpose: string): Permission[] {
  return verbs.map((verb) => ({ verb, resource, group: '', scope: 'namespace', purpose }));
}

function inCluster(resource: string, verbs: readonly string[], purpose: string): Permission[] {
  return verbs.map((verb) => ({ verb, resource, group: '', scope: 'cluster', purpose }));
}

function optional(permissions: readonly Permission[]): Permission[] {
  return permissions.map((permission) => ({ ...permission, optional: true }));
}

/**
 * The Role and ClusterRole, as YAML, that grant these permissions; without bindings, since only
 * the reader knows whom to bind.
 */
export function roleYaml(permissions: readonly Permission[], namespace: string): string {
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
    return `  - { apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}] }\n`;
  });
  return [
    'apiVersion: rbac.authorization.k8s.io/v1\n',
    `kind: ${kind}\n`,
    `metadata: { name: jackal-inject${namespace === undefined ? '' : `, namespace: ${namespace}`} }\n`,
    'rules:\n',
    ...lines,
  ].join('');
}
