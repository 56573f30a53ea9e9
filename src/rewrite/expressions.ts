import { EXPRESSION_MAX_CHARACTERS } from '../lib/limits/rewrite.js';
import type { InjectedNames } from './names.js';
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

/**
 * Name and new image of each container of a list that is to be rewritten. The text is made a string first: in literals CEL
 * mixes no types, and what comes from a Pod has none.
 */
function rewritten(containers: string, registry: string): string {
  return [
    `${containers}.map(c, {'name': string(c.name), 'image': string(c.image)})`,
    `.map(c, {'name': c.name, 'image': ${WITH_HOST}})`,
    `.map(c, {'name': c.name, 'image': ${WITH_TAG}})`,
    '.filter(c, variables.names.exists(n, c.image in n))',
    `.map(c, {'name': c.name, 'image': '${registry}/' + variables.names.filter(n, c.image in n)[0][c.image]})`,
  ].join('');
}

const optional = (list: string) => `(has(${list}) ? ${list} : [])`;

/** Those that are not in the Pod yet: what is there can neither be changed nor left out. */
const NEW_EPHEMERAL = `${optional('object.spec.ephemeralContainers')}.filter(c, !${optional('oldObject.spec.ephemeralContainers')}.exists(o, o.name == c.name))`;

/**
 * The variables from which `MUTATION` is made: whether the namespace is in the scope, the names, and of each list of a Pod
 * the containers that change. `names` is a list of maps, since one expression takes only so many characters; the maps are
 * constants, which CEL builds when it compiles the policy and not for each Pod.
 *
 * @param registry host, port and path, with which every value of the names begins
 */
export function variablesFor(names: InjectedNames, registry: string, scope: Scope): Variable[] {
  const maps = mapsOf(names, registry).map((expression, part) => ({
    name: `names${part}`,
    expression,
  }));
  return [
    { name: 'applies', expression: appliesIn(scope) },
    ...maps,
    { name: 'names', expression: `[${maps.map(({ name }) => `variables.${name}`).join(', ')}]` },
    { name: 'containers', expression: rewritten('object.spec.containers', registry) },
    {
      name: 'initContainers',
      expression: rewritten(optional('object.spec.initContainers'), registry),
    },
    { name: 'ephemeralContainers', expression: rewritten(NEW_EPHEMERAL, registry) },
  ];
}

/**
 * Whether the scope has the namespace, as far as no selector says it. `creationTimestamp` is a timestamp to the compiler
 * and a string at run time, hence `dyn`; what RFC 3339 writes in UTC is in order as text.
 */
function appliesIn(scope: Scope): string {
  if (scope.kind !== 'own') return 'true';
  const since = `${new Date(scope.since).toISOString().slice(0, 19)}Z`;
  return `request.namespace == ${JSON.stringify(scope.namespace)} || string(dyn(namespaceObject.metadata.creationTimestamp)) >= '${since}'`;
}

/**
 * The names as literal maps, none longer than an expression may be. References have no character that a CEL string would
 * escape.
 */
function mapsOf(names: InjectedNames, registry: string): string[] {
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
  return [...maps, `{${map}}`];
}

const applied = (list: string) =>
  `${list}: variables.${list}.map(c, Object.spec.${list}{name: c.name, image: c.image, imagePullPolicy: 'IfNotPresent'})`;

/**
 * The change of a Pod, as an ApplyConfiguration: containers are merged by name. A Pod is made with its containers, and
 * ephemeral ones come by updates of their subresource, where the others cannot be changed.
 */
export const MUTATION = [
  '!variables.applies ? Object{}',
  `: request.operation == 'UPDATE' ? Object{spec: Object.spec{${applied('ephemeralContainers')}}}`,
  `: Object{spec: Object.spec{${applied('containers')}, ${applied('initContainers')}}}`,
].join(' ');
