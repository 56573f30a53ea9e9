import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  type Node,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { ActionError } from '../lib/errors.js';
import { jsonStream } from './json-stream.js';
import { type InjectedNames, injectedFor } from './names.js';
import { imagePathsOf, pullPolicyBeside } from './workloads.js';
import { documentsIn } from './yaml-documents.js';
import { itemsOf, type Member, membersAt, membersBelow, resolved, textOf } from './yaml-path.js';

/** Some characters of the source, and what stands there in the result. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A node, and what it is to say. */
interface Change {
  readonly node: Node;
  readonly text: string;
}

/**
 * The text of a manifest, whose mark of byte order stays: it is part of the file. Throws an ActionError for bytes that
 * are not UTF-8, since what would be put in their place came to the cluster.
 *
 * @param label what it is, at the start of a sentence: `The file web.yaml`
 */
export function manifestText(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ActionError(`${label} is not text in UTF-8; save it as that.`, { cause });
  }
}

/**
 * The same YAML, or JSON, with what nodes pull in place of the names of injected images, and `IfNotPresent` in place of
 * `Always` beside them, since the registry ends with the job. Not a character else changes: comments, order, quotes and
 * anchors stay. Only an alias gives way where it and its anchor say different things from now on. Throws an ActionError for what
 * is no YAML.
 *
 * @param source of one or several documents of YAML, or objects of JSON
 * @param label what it is, at the start of a sentence: `The file web.yaml`
 */
export function renderManifests(source: string, names: InjectedNames, label: string): string {
  try {
    const objects = jsonStream(source) ?? [source];
    return objects.map((object) => rendered(object, names, label)).join('');
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    // The stack is at its end.
    throw new ActionError(
      `${label} is nested without end; look for an anchor that has its own alias inside.`,
      { cause },
    );
  }
}

function rendered(source: string, names: InjectedNames, label: string): string {
  const documents = documentsIn(source);
  const fault = documents.flatMap(({ errors }) => errors)[0];
  if (fault !== undefined) {
    const [said = ''] = fault.message.split('\n');
    throw new ActionError(`${label} is not YAML: ${said.replace(/:$/, '')}; correct it there.`, {
      cause: fault,
    });
  }
  return applied(
    source,
    documents.flatMap((document) => editsIn(document, source, names)),
  );
}

/** The source with its edits; several of the same characters are one, as an alias may lead to them twice. */
function applied(source: string, edits: readonly Edit[]): string {
  const inOrder = [...new Map(edits.map((edit) => [edit.start, edit])).values()].sort(
    (one, other) => one.start - other.start,
  );
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text } of inOrder) {
    pieces.push(source.slice(at, start), text);
    at = end;
  }
  return pieces.join('') + source.slice(at);
}

function editsIn(document: Document, source: string, names: InjectedNames): Edit[] {
  const images = objectsIn(document.contents ?? undefined, document).flatMap((object) =>
    imagesIn(object, document),
  );
  const injected = images.flatMap((image) => {
    const pullable = injectedFor(names, textOf(resolved(image.value, document)) ?? '');
    return pullable === undefined ? [] : [{ ...image, pullable }];
  });
  // What is merged into a container whose image is not injected is its policy, too.
  const others = new Set(
    images
      .filter(({ value }) => !injected.some((image) => image.value === value))
      .flatMap(({ map, policyKey }) => membersAt(map, policyKey, document))
      .map((policy) => policy.value),
  );
  const changes = injected.flatMap(({ map, value, policyKey, pullable }) => [
    { node: value, text: pullable },
    ...membersAt(map, policyKey, document)
      .filter((policy) => policy.map === map && !others.has(policy.value))
      .filter((policy) => textOf(resolved(policy.value, document)) === 'Always')
      .map((policy) => ({ node: policy.value, text: 'IfNotPresent' })),
  ]);
  const changed = new Set(changes.map(({ node }) => node));
  // An alias follows its anchor where that changes, too.
  const follows = (node: Node) => isAlias(node) && changed.has(resolved(node, document) as Node);
  return [
    ...changes.filter(({ node }) => !follows(node)),
    ...leftBehind(document, changed),
  ].flatMap(({ node, text }) => edit(node, text, source));
}

/** The aliases that go on saying what their anchors, which change, have said. */
function leftBehind(document: Document, changed: ReadonlySet<Node>): Change[] {
  const left: Change[] = [];
  if (![...changed].some((node) => isScalar(node) && node.anchor)) return left;
  visit(document, {
    Alias: (_, alias) => {
      const anchor = alias.resolve(document) as Node;
      if (changed.has(anchor) && !changed.has(alias)) {
        left.push({ node: alias, text: textOf(anchor) as string });
      }
    },
  });
  return left;
}

/** An object, and what it is. */
interface TypedObject extends ObjectType {
  readonly map: YAMLMap;
}

interface ObjectType {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The object that a document is, or those of a list. The items of a list as API servers write it have no type of their
 * own: theirs is that of the list, without `List`, for kubectl, too (apimachinery, unstructured/helpers.go).
 *
 * @param inferred the type of an object that has neither field
 */
function objectsIn(
  node: Node | undefined,
  document: Document,
  inferred: ObjectType = { apiVersion: '', kind: '' },
): TypedObject[] {
  if (!isMap(node)) return [];
  const own = {
    apiVersion: textAt(node, 'apiVersion', document),
    kind: textAt(node, 'kind', document),
  };
  const type = own.apiVersion === '' && own.kind === '' ? inferred : own;
  const items = membersAt(node, 'items', document).at(-1);
  if (items === undefined || !type.kind.endsWith('List')) return [{ map: node, ...type }];
  const ofItems = { ...type, kind: type.kind.slice(0, -'List'.length) };
  return itemsOf(resolved(items.value, document), document).flatMap((item) =>
    objectsIn(item, document, ofItems),
  );
}

/** The images of an object, each with the key of its pull policy. */
function imagesIn(
  { map, apiVersion, kind }: TypedObject,
  document: Document,
): (Member & { policyKey: string })[] {
  return imagePathsOf(apiVersion, kind).flatMap((path) =>
    membersBelow(map, path.split('.'), document).map((member) => ({
      ...member,
      policyKey: pullPolicyBeside(path),
    })),
  );
}

function textAt(map: YAMLMap, key: string, document: Document): string {
  const member = membersAt(map, key, document).at(-1);
  return (member && textOf(resolved(member.value, document))) ?? '';
}

/** The edit that gives a scalar, or an alias, another text, in quotes where the old one had them or it needs them. */
function edit(node: Node, text: string, source: string): Edit[] {
  const [start, end] = node.range ?? [];
  if (start === undefined || end === undefined) return [];
  // A block scalar has the line break behind it.
  const lineBreak = /\r?\n$/.exec(source.slice(start, end))?.[0] ?? '';
  return [
    { start, end, text: `${quoted(text, isScalar(node) ? node.type : undefined)}${lineBreak}` },
  ];
}

function quoted(text: string, type: string | null | undefined): string {
  if (type === Scalar.QUOTE_DOUBLE) return `"${text}"`;
  // An address of IPv6 begins like a list.
  return type === Scalar.QUOTE_SINGLE || text.startsWith('[') ? `'${text}'` : text;
}
