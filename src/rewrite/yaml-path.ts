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
 * The values of a map under a key that may count: each pair of its own that has it, since parsers differ in which of several
 * does and in whether one goes before what is merged in by `<<` (YAML 1.1), and what kubectl reads, the last one. That puts
 * pairs and merged maps one after the other into the map (go-yaml v2, decode.go, `mapping` and `merge`). `*` stands for every
 * key.
 */
export function membersAt(map: YAMLMap, key: string, document: Document): Member[] {
  const inOrder = map.items.flatMap(({ key: name, value }) => {
    if (!isScalar(name) || value === null) return [];
    if (name.value === '<<') {
      const others = mergedBy(value as Node, document).filter((other) => other !== map);
      return others.flatMap((other) => membersAt(other, key, document));
    }
    return key === '*' || name.value === key ? [{ map, value: value as Node }] : [];
  });
  const last = inOrder.at(-1);
  return inOrder.filter((member) => key === '*' || member.map === map || member.map === last?.map);
}

/** The maps that a value of `<<` merges, the one that counts last. */
function mergedBy(value: Node, document: Document): YAMLMap[] {
  const node = resolved(value, document);
  const nodes = isSeq(node) ? itemsOf(node, document).reverse() : [node];
  return nodes.filter((other): other is YAMLMap => isMap(other));
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
    const nodes = isList ? deepItemsOf(below, document) : [below];
    return nodes.flatMap((one) => membersBelow(one, rest, document));
  });
}

/** The items of a list, with what aliases among them stand for; none for anything else. */
export function itemsOf(node: Node | undefined, document: Document): (Node | undefined)[] {
  return isSeq(node) ? node.items.map((item) => resolved(item as Node, document)) : [];
}

/** The items of a list, and in place of each that is a list itself its own. */
function deepItemsOf(node: Node | undefined, document: Document): (Node | undefined)[] {
  return itemsOf(node, document).flatMap((item) =>
    isSeq(item) ? itemsOf(item, document) : [item],
  );
}
