import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from '@babel/parser';

/** A sentence of the code that users can meet; `…` stands for what is filled in. */
export interface CodeSentence {
  readonly text: string;
  /** File and line, below the root. */
  readonly place: string;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What takes a failure's sentence, whatever the class is called: `new ActionError(…)`, `new Fault(…)`. */
const FAILURES = /(?:Error|Failure|Fault|Lost|Permissions)$/;
/** What tells a warning. */
const WARNINGS = new Set(['warning', 'warn']);
/** What tells the course of things, which is no trouble. */
const LINES = new Set(['info', 'debug', 'onNotice']);
/** What is not for users: callers catch it, or name it as a cause below a sentence. */
const INSIDE = 'Error';
/** Letters below which a text is no sentence of its own but hands on what another one says. */
const LETTERS_MIN = 10;

/** All sentences that failures and warnings below `root` can have, each once and in order. */
export async function sentencesBelow(root: string): Promise<CodeSentence[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const all = new Map<string, CodeSentence>();
  for (const path of paths) {
    for (const { text, line } of sentencesIn(await readFile(path, 'utf8'))) {
      const place = `${relative(root, path)}:${line}`;
      if (!all.has(text)) all.set(text, { text, place });
    }
  }
  return [...all.values()];
}

/**
 * The sentences of one TypeScript source: what failures and warnings are made with, and every other text with the
 * form of a sentence, since many are put together elsewhere than where they are thrown.
 */
export function sentencesIn(source: string): { text: string; line: number }[] {
  const program = parse(source, { sourceType: 'module', plugins: ['typescript'] }).program;
  const found: { text: string; line: number }[] = [];
  const add = (node: Node, isSentence: (text: string) => boolean) => {
    const line = (node.loc as { start: { line: number } }).start.line;
    for (const text of textsOf(node)) {
      if (lettersOf(text) >= LETTERS_MIN && isSentence(text)) found.push({ text, line });
    }
  };
  visit(program as unknown as Node, (node, inLine) => {
    if (isLiteral(node) && !inLine) add(node, hasFormOfSentence);
    for (const given of told(node)) add(given, () => true);
  });
  return found;
}

/** The first arguments of what fails or warns. */
function told(node: Node): Node[] {
  const given = (node.arguments ?? []) as Node[];
  const name = nameOf(node.callee as Node | undefined);
  if (node.type === 'NewExpression' && FAILURES.test(name) && name !== INSIDE) {
    return given.slice(0, 2).filter((one) => textsOf(one).some((text) => text.includes(' ')));
  }
  return node.type === 'CallExpression' && WARNINGS.has(name) ? given.slice(0, 1) : [];
}

/** What a text may be, with `…` for each part that is filled in. */
function textsOf(node: Node): string[] {
  switch (node.type) {
    case 'StringLiteral':
      return [String(node.value)];
    case 'TemplateLiteral': {
      const quasis = node.quasis as { value: { cooked: string } }[];
      return [
        quasis
          .map(({ value }) => value.cooked)
          .join('…')
          .replaceAll(/…+/g, '…'),
      ];
    }
    case 'ConditionalExpression':
      return [...textsOf(node.consequent as Node), ...textsOf(node.alternate as Node)];
    default:
      return [];
  }
}

const isLiteral = ({ type }: Node) => type === 'StringLiteral' || type === 'TemplateLiteral';

const hasFormOfSentence = (text: string) =>
  /^["\p{Lu}…]/u.test(text) && /[.:] ?…?$/.test(text) && text.split(' ').length > 3;

const lettersOf = (text: string) => text.replaceAll(/[^\p{L}]/gu, '').length;

function nameOf(callee: Node | undefined): string {
  const named = (callee?.property as Node | undefined) ?? callee;
  return typeof named?.name === 'string' ? named.name : '';
}

/** Calls back for each node, and says whether it lies in what tells users of no trouble. */
function visit(node: Node, each: (node: Node, inLine: boolean) => void, inLine = false): void {
  each(node, inLine);
  const name = nameOf(node.callee as Node | undefined);
  const isLine = node.type === 'NewExpression' ? name === INSIDE : LINES.has(name);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') visit(child as Node, each, inLine || isLine);
    }
  }
}
