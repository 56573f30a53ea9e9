import { EXPRESSION_MAX_CHARACTERS } from '../../lib/limits/rewrite.js';
import { type OpenRun, ownsNamespace, type RunPlace } from '../../run/run.js';
import type { InjectedNames } from '../names.js';
import type { Scope } from './scope.js';

/** A variable of an admission policy: evaluated when something asks for it, and once for each request. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/**
 * `fullNameOf` in CEL, in two steps, for the image of a container `c`. The first one puts in what Docker's rules leave out
 * before the name: `nginx` → `docker.io/library/nginx`.
 */
const WITH_HOST = [
  "c.image.matches('^((index[.])?docker[.]io/)?(library/)?[^/]+$')",
  "? 'docker.io/library/' + c.image.substring(c.image.lastIndexOf('/') + 1)",
  ": c.image.startsWith('index.docker.io/') ? c.image.substring(6)",
  ": c.image.matches('^([^/]*[.:A-Z][^/]*|localhost)/') ? c.image : 'docker.io/' + c.image",
].join(' ');

/** The second step: beside a digest there is no tag, and without one there is a tag. */
const WITH_TAG = [
  "c.image.contains('@')",
  "? c.image.split('@')[0].substring(0, c.image.matches(':[^/@]+@')",
  "? c.image.split('@')[0].lastIndexOf(':') : c.image.indexOf('@'))",
  "+ '@' + c.image.split('@')[1]",
  ": c.image.matches(':[^/]+$') ? c.image : c.image + ':latest'",
].join(' ');

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

const optional = (list: string) => `(has(${list}) ? ${list} : [])`;

/** The list of a Pod as the request has it. */
const listed = (list: string) => optional(`object.spec.${list}`);

/** And as it was before: where the request makes the Pod, there was none. */
const before = (list: string) => `(oldObject == null ? [] : ${optional(`oldObject.spec.${list}`)})`;

/**
 * Name, new image and pull policy of each container of a list that is to be rewritten. What an update leaves as it was
 * stays: a Pod that was there before the policy must not start anew because somebody labels it, and ephemeral containers
 * cannot be changed. What it changes is rewritten, so that a Pod whose manifest is applied once more stays as it is; its
 * pull policy cannot be changed. The text is made a string first: in literals CEL mixes no types, and what comes from a
 * Pod has none.
 */
function rewritten(list: string, registry: string): string {
  const same = `${before(list)}.filter(o, o.name == c.name)`;
  const pullPolicy = `${same}.map(o, string(o.imagePullPolicy)) + ['IfNotPresent']`;
  return [
    `${listed(list)}.filter(c, !${before(list)}.exists(o, o.name == c.name && o.image == c.image))`,
    `.map(c, {'name': string(c.name), 'image': string(c.image), 'pullPolicy': (${pullPolicy})[0]})`,
    `.map(c, {'name': c.name, 'image': ${WITH_HOST}, 'pullPolicy': c.pullPolicy})`,
    `.map(c, {'name': c.name, 'image': ${WITH_TAG}, 'pullPolicy': c.pullPolicy})`,
    '.filter(c, variables.names.exists(n, c.image in n))',
    `.map(c, {'name': c.name, 'image': '${registry}/' + variables.names.filter(n, c.image in n)[0][c.image], 'pullPolicy': c.pullPolicy})`,
  ].join('');
}

/**
 * The variables from which `MUTATION` is made: whether the namespace is in the scope, the names, and of each list of a Pod
 * the containers that change. `names` is a list of maps, since one expression takes only so many characters; the maps are
 * constants, which CEL builds when it compiles the policy and not for each Pod.
 *
 * @param run whose registry is host, port and path, with which every value of the names begins
 * @param earlier names that a later step is not to take for those of this one (`policyAfter`); none is among `names`
 */
export function variablesFor(
  names: InjectedNames,
  run: Pick<OpenRun, 'id' | 'namespace' | 'registry'>,
  scope: Scope,
  earlier: InjectedNames = new Map(),
): Variable[] {
  const { registry } = run;
  const maps = [...mapsOf('names', names, registry), ...mapsOf('earlier', earlier, registry)];
  return [
    { name: 'applies', expression: appliesIn(scope, run) },
    ...maps,
    { name: 'names', expression: `[${maps.map(({ name }) => `variables.${name}`).join(', ')}]` },
    ...LISTS.map((list) => ({ name: list, expression: rewritten(list, registry) })),
  ];
}

/**
 * Whether the scope has the namespace, as far as no selector says it. The run's own, in which the policy is tried, may be
 * older than what says when a release began. `creationTimestamp` is a timestamp to the compiler and a string at run time,
 * hence `dyn`; what RFC 3339 writes in UTC is in order as text.
 */
function appliesIn(scope: Scope, run: RunPlace): string {
  if (scope.kind !== 'own') return 'true';
  const namespaces = [scope.namespace, ...(ownsNamespace(run) ? [run.namespace] : [])];
  return `request.namespace in ${JSON.stringify(namespaces)} || string(dyn(namespaceObject.metadata.creationTimestamp)) >= '${timeOf(scope.since)}'`;
}

/** A time in milliseconds since 1970 as API servers write it, in whole seconds. */
const timeOf = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/**
 * Whether a request comes before a time, by the clock of the API server that has it: a condition. CEL is told no time of
 * day, but before it asks a policy an API server writes the request's own into the object, as that of its `managedFields`
 * (apiserver, handlers/create.go and patch.go: `UpdateNoErrors`), where what earlier requests had is older.
 *
 * @param end milliseconds since 1970
 */
export function comesBefore(end: number): string {
  const isLate = `has(m.time) && string(m.time) >= '${timeOf(end)}'`;
  return `!has(object.metadata.managedFields) || !object.metadata.managedFields.exists(m, ${isLate})`;
}

/** Whose names a map has: the step's own, or those of images that it replaces. */
export type NamesOf = 'names' | 'earlier';

/**
 * The names as variables with literal maps, none longer than an expression may be. References have no character that a CEL
 * string would escape.
 */
function mapsOf(of: NamesOf, names: InjectedNames, registry: string): Variable[] {
  const maps: string[] = [];
  let map = '';
  for (const [name, pullable] of names) {
    const entry = `'${name}':'${pullable.slice(registry.length + 1)}'`;
    if (map.length + entry.length + '{,}'.length > EXPRESSION_MAX_CHARACTERS) {
      maps.push(`{${map}}`);
      map = '';
    }
    map += map === '' ? entry : `,${entry}`;
  }
  // CEL does not know of an empty map what it would have.
  if (map !== '') maps.push(`{${map}}`);
  return maps.map((expression, part) => ({ name: `${of}${part}`, expression }));
}

/** The names in a policy's variables as `mapsOf` writes them, without the registry in front of what they stand for. */
export function namesIn(variables: readonly Variable[], of: readonly NamesOf[]): InjectedNames {
  const maps = variables.filter(({ name }) => of.some((one) => name.replace(/\d+$/, '') === one));
  const entries = maps.flatMap(({ expression }) => [
    ...expression.matchAll(/'([^']+)':'([^']+)'/g),
  ]);
  return new Map(entries.map(([, name = '', image = '']) => [name, image]));
}

/**
 * Whether a container of a Pod may be one that is rewritten, by the last part of its name: a condition, which knows no
 * variables, and is to tell quickly. Where it does not hold, the API server neither converts the Pod nor admits it a second
 * time. The price: a policy that had nothing to do is not asked again when a webhook adds a container. Undefined where there are so many names that the expression would be too long.
 */
export function mayBeRewritten(names: InjectedNames, registry: string): string | undefined {
  const last = (name: string) => name.replace(/^.*\//, '').replace(/[:@].*$/, '');
  const known = [...new Set([...names.keys()].map(last))].map((name) => `'${name}'`).join(',');
  const isKnown = `c.image.substring(c.image.lastIndexOf('/') + 1).split('@')[0].split(':')[0] in [${known}]`;
  const expression = `[${LISTS.map(listed).join(', ')}].exists(l, l.exists(c, !c.image.startsWith('${registry}/') && ${isKnown}))`;
  return expression.length > EXPRESSION_MAX_CHARACTERS ? undefined : expression;
}

const applied = (list: string) =>
  `${list}: variables.${list}.map(c, Object.spec.${list}{name: c.name, image: c.image, imagePullPolicy: c.pullPolicy})`;

/** The change of a Pod, as an ApplyConfiguration: containers are merged by name. */
export const MUTATION = `variables.applies ? Object{spec: Object.spec{${LISTS.map(applied).join(', ')}}} : Object{}`;
