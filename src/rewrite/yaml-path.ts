import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
} from 'yaml';

/** A value of a map under a key, and the map. */
export interface Member {
  readonly map: YAMLMap;
  readonly value: Node;
}

/** What an alias stands for; any other node is itself. Undefined where the anchor is missing. */
export function resolved(node: Node | Alias, document: Document): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The text of a scalar; undefined for all else. */
export function textOf(node: Node | undefined): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/**
 * The values of a map under a key: of each pair that has it, since parsers differ in which of two counts; else of the
 * maps that are merged in by `<<` (YAML 1.1, which kubectl reads). `*` stands for every key.
 */
export function membersAt(map: YAMLMap, key: string, document: Document): Member[] {
  const pairs = map.items.flatMap(({ key: name, value }) => {
    const isMeant = isScalar(name) && (key === '*' ? name.value !== '<<' : name.value === key);
    return isMeant && value !== null ? [{ map, value: value as Node }] : [];
  });
  return pairs.length > 0
    ? pairs
    : mergedInto(map, document).flatMap((other) => membersAt(other, key, document));
}

function mergedInto(map: YAMLMap, document: Document): YAMLMap[] {
  const merged = map.items.find(({ key }) => isScalar(key) && key.value === '<<')?.value;
  if (merged === undefined || merged === null) return [];
  const node = resolved(merged as Node, document);
  const nodes = isSeq(node) ? node.items.map((item) => resolved(item as Node, document)) : [node];
  return nodes.filter((other): other is YAMLMap => isMap(other) && other !== map);
}

/** The members at a path below a node, as `workloads.ts` writes paths; what is of another shape has none. */
export function membersBelow(
  node: Node | undefined,
  path: readonly string[],
  document: Document,
): Member[] {
  const [step = '', ...rest] = path;
  if (!isMap(node)) return [];
  const isList = step.endsWith('[]');
  const found = membersAt(node, isList ? step.slice(0, -2) : step, document);
  if (rest.length === 0) return found;
  return found.flatMap(({ value }) => {
    const below = resolved(value, document);
    const nodes = isList ? itemsOf(below, document) : [below];
    return nodes.flatMap((one) => membersBelow(one, rest, document));
  });
}

/** The items of a list, with what aliases among them stand for; none for anything else. */
export function itemsOf(node: Node | undefined, document: Document): (Node | undefined)[] {
  return isSeq(node) ? node.items.map((item) => resolved(item as Node, document)) : [];
}
