/** One right: a verb on a resource, in the run's namespace or in the whole cluster, or on a path. */
export interface Permission {
  readonly verb: string;
  /** With the subresource behind a slash, as in a Role; or a path of the API server, from `/` on. */
  readonly resource: string;
  /** API group; the core group is empty. */
  readonly group: string;
  readonly scope: 'namespace' | 'cluster';
  /** What is lost where it is not granted, in Markdown, as docs/permissions.md tells it; undefined for what the action cannot do without. */
  readonly without?: string;
}

const COORDINATION = 'coordination.k8s.io';
const NETWORKING = 'networking.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';

/** What rewrites the names of images: a policy, and the binding without which it does nothing. */
export const POLICY_RESOURCES: readonly string[] = [
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
];

/**
 * Every right that the action uses in its namespace: all of them where that is given, else in the whole
 * cluster, since nobody knows the name of a namespace that a run makes for itself. The rules in the README and
 * docs/permissions.md, the preflight's access reviews and the message about missing permissions are made from this list alone.
 *
 * @param given whether the namespace is given to the run
 * @param listsNodes whether the user may list nodes; else DaemonSets find them, which need rights of their own
 */
export function permissionsOf(given: boolean, listsNodes = true): readonly Permission[] {
  const scope = given ? 'namespace' : 'cluster';
  return [
    ...rights(scope, 'configmaps', ['create', 'get', 'list', 'delete']),
    ...rights(scope, 'pods', ['create', 'get', 'list', 'watch', 'delete']),
    ...rights(scope, 'services', ['create', 'get', 'delete']),
    ...rights(scope, 'leases', ['create', 'get', 'list', 'patch', 'delete'], COORDINATION),
    ...(listsNodes ? nodesOf(given) : []),
    ...(given && !listsNodes
      ? rights(scope, 'daemonsets', ['create', 'list', 'watch', 'delete'], 'apps')
      : []),
    ...(given ? [] : namespaces()),
    ...servicePatch(given).map(without(LEADING)),
    ...rights(scope, 'secrets', ['create', 'delete']).map(without(SECRETS)),
    ...rights(scope, 'pods/portforward', ['create', 'get']).map(without(FORWARD)),
    ...rights(scope, 'pods/log', ['get']).map(without(LOG)),
    ...rights(scope, 'events', ['list']).map(without(EVENTS)),
    ...rights(scope, 'resourcequotas', ['list']).map(without(QUOTAS)),
    ...rights(scope, 'limitranges', ['list']).map(without(RANGES)),
    ...rights(scope, 'networkpolicies', ['create', 'get', 'list', 'delete'], NETWORKING).map(
      without(POLICIES),
    ),
    ...(given && listsNodes ? everywhere() : []),
    ...rewriting(),
    ...rights('cluster', '/metrics', ['get']).map(without(METRICS)),
  ];
}

/**
 * What a release needs besides, in its namespace: what puts Pods in the place of those that are lost, and starts them on
 * nodes that come.
 *
 * @param given whether the namespace is given to the release
 */
export function releasePermissions(given: boolean): readonly Permission[] {
  const scope = given ? 'namespace' : 'cluster';
  return [
    ...servicePatch(given),
    ...rights(scope, 'configmaps', ['patch']),
    ...rights(scope, 'daemonsets', ['create', 'list', 'watch', 'delete'], 'apps'),
    ...rights(scope, 'replicasets', ['create', 'list', 'watch', 'delete'], 'apps'),
    ...storePermissions(given),
  ];
}

/** What it takes to lead a Service that is there to another registry. */
export function servicePatch(given: boolean): readonly Permission[] {
  return rights(given ? 'namespace' : 'cluster', 'services', ['patch']);
}

/** What it takes to keep a registry's store on a volume of the cluster's. */
export function storePermissions(given: boolean): readonly Permission[] {
  const scope = given ? 'namespace' : 'cluster';
  return [
    ...rights(scope, 'persistentvolumeclaims', ['create', 'list', 'watch', 'delete']),
    ...rights('cluster', 'storageclasses', ['list'], 'storage.k8s.io'),
  ].map(without(STORE));
}

/** Whose namespace is given has a proof without a list of nodes, too. */
function nodesOf(given: boolean): Permission[] {
  const list = rights('cluster', 'nodes', ['list']);
  return given ? list.map(without(NODES)) : list;
}

function namespaces(): Permission[] {
  return [
    ...rights('cluster', 'namespaces', ['create', 'get', 'list', 'delete']),
    ...rights('cluster', 'namespaces', ['patch']).map(without(LABELS)),
  ];
}

/** What may be seen outside of a namespace that is given. */
function everywhere(): Permission[] {
  return [
    ...rights('cluster', 'pods', ['list']).map(without(ALL_PODS)),
    ...rights('cluster', 'leases', ['list'], COORDINATION).map(without(ALL_LEASES)),
  ];
}

/** They lie in no namespace, so no Role grants them. */
function rewriting(): Permission[] {
  const verbs = ['create', 'get', 'list', 'update', 'delete'];
  return POLICY_RESOURCES.flatMap((resource) =>
    rights('cluster', resource, verbs, ADMISSION).map(without(REWRITING)),
  );
}

const NODES =
  'where a namespace is given, DaemonSets find the nodes, and need the rule for `daemonsets` above; nodes come to the registry by NodePorts alone, and which of them get nothing, not being Ready or of another platform, is not known before the upload.';
const LEADING = 'nodes come to the registry up to a second later on Kubernetes 1.34 and later.';
const STORE =
  'what a release holds is in ConfigMaps as far as `configmap-budget` allows, and else is lost with the node of its registry.';
const LABELS =
  'nodes without NodePorts on their loopback do not reach the registry, since no relay is admitted; and names are rewritten up to a second later.';
const SECRETS =
  'nothing is streamed, and nothing goes in batches; all bytes travel in ConfigMaps at once, as many as `configmap-budget` allows.';
const FORWARD =
  "only runners on the nodes' own network stream, and only what is more than 16 MiB; from others all bytes travel in ConfigMaps.";
const LOG =
  'what travels in ConfigMaps travels whole, not just what nodes lack, and nobody says what each node pulled of it, or what a release could not keep of the images that it replaces.';
const EVENTS = 'a failure does not say what the cluster warned of.';
const QUOTAS = 'what exceeds a quota is said when it is created, not before the upload.';
const RANGES =
  'what a LimitRange asks for is learnt from its refusals, one rule after the other, and its default for disk from what a dry run answers.';
const POLICIES =
  "where network policies forbid it, other nodes than the registry's own do not reach the registry.";
const ALL_PODS =
  "on a node that lists no sandbox image the run's own Pods start from the image of a running Pod only where that runs in the namespace that is given, and a node that takes no more Pods is not named before the upload.";
const ALL_LEASES =
  'what runs in other namespaces have in ConfigMaps does not count against `configmap-budget`.';
const REWRITING =
  'no policy rewrites the names of images, so manifests have to say what the outputs tell; without `list` alone, the policy of a killed runner may stay.';
const METRICS = "nobody sees beforehand that the control plane's database is nearly full.";

function rights(
  scope: Permission['scope'],
  resource: string,
  verbs: readonly string[],
  group = '',
): Permission[] {
  return verbs.map((verb) => ({ verb, resource, group, scope }));
}

/** Makes a permission an optional one, with the words for what is lost. */
function without(words: string): (permission: Permission) => Permission {
  return (permission) => ({ ...permission, without: words });
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
