import { readFileSync } from 'node:fs';
import { foundUpwards } from '../lib/files/paths.js';

/*
 * docs/troubleshooting.md, which lies beside dist/ in the checked-out action: it quotes every sentence that a failure or
 * a warning can have under the heading that says what to do. Nothing of it is in the code.
 */

/** Where the page lies in the action's repository. */
const PAGE = 'docs/troubleshooting.md';
/** The repository whose page it is, wherever a copy of the action came from. */
const HOME = 'https://github.com/jackal-inject/jackal-inject';

/** A part of the page that is about one kind of trouble. */
export interface Entry {
  readonly title: string;
  /** How GitHub names its heading in a link. */
  readonly anchor: string;
  /** The sentences of the code that it is about; `…` stands for what is filled in. */
  readonly sentences: readonly string[];
}

/** What the page has about a sentence: nothing but its address where it says nothing. */
export interface Help {
  readonly title?: string;
  readonly url: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The entries of the page: each is a heading of the third level, and quotes its sentences, a paragraph each. */
export function entriesOf(page: string): Entry[] {
  const [, ...parts] = page.split(/^### /m);
  return parts.map((part) => {
    const [title = '', ...lines] = (part.split(/^## /m)[0] as string).split('\n');
    const sentences = lines.flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : []));
    return { title, anchor: anchorOf(title), sentences };
  });
}

/** The heading as GitHub names it in a link. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** The entry that quotes a sentence; where several would, the one that quotes most of it. */
export function entryFor(entries: readonly Entry[], sentence: string): Entry | undefined {
  const quotes = entries.flatMap((entry) => entry.sentences.map((quote) => ({ entry, quote })));
  const fitting = quotes.filter(({ quote }) => fits(quote, sentence));
  const known = ({ quote }: { quote: string }) => quote.replaceAll('…', '').length;
  return fitting.toSorted((one, other) => known(other) - known(one))[0]?.entry;
}

/** Whether a sentence is a quoted one, with anything in place of each `…`; in time that grows with its length alone. */
function fits(quote: string, sentence: string): boolean {
  const [first = '', ...others] = quote.split('…');
  const last = others.pop();
  if (last === undefined) return sentence === quote;
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = sentence.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at + last.length <= sentence.length;
}

/**
 * The address of the page in the version of the action that runs. A runner tells where the action comes from as owner
 * and name alone, which may be those of a mirror on the runner's own server: only a name that is not ours is looked for
 * there, and only on GitHub, since other forges have other addresses for files. Without any, as with `uses: ./`, it is
 * the newest page.
 */
export function pageUrl(env: Environment): string {
  const repository = matching(env.GITHUB_ACTION_REPOSITORY, /^[\w.-]+\/[\w.-]+$/);
  const ref = matching(env.GITHUB_ACTION_REF, /^[\w./-]+$/);
  if (repository === undefined || ref === undefined) return `${HOME}/blob/HEAD/${PAGE}`;
  const isOtherForge = Boolean(env.GITEA_ACTIONS ?? env.FORGEJO_ACTIONS);
  const isOurs = HOME.endsWith(`/${repository}`);
  const server = matching(env.GITHUB_SERVER_URL, /^https:\/\/[\w.:-]+$/);
  return isOurs || isOtherForge || server === undefined
    ? `${HOME}/blob/${isOurs ? ref : 'HEAD'}/${PAGE}`
    : `${server}/${repository}/blob/${ref}/${PAGE}`;
}

const matching = (value: string | undefined, form: RegExp) =>
  value !== undefined && form.test(value) ? value : undefined;

let read: readonly Entry[] | undefined;

/** What the page has about a sentence. It is read when it is first asked for, which is when something goes wrong. */
export function helpFor(sentence: string, env: Environment = process.env): Help {
  read ??= readEntries(process.argv[1] ?? '');
  const entry = entryFor(read, sentence);
  const url = pageUrl(env);
  return entry === undefined ? { url } : { title: entry.title, url: `${url}#${entry.anchor}` };
}

/** The entries of the page that lies beside the script's folder; none where there is no such page. */
function readEntries(script: string): Entry[] {
  const page = foundUpwards(script, PAGE);
  try {
    return page === undefined ? [] : entriesOf(readFileSync(page, 'utf8'));
  } catch {
    // A failure is told without help as well.
    return [];
  }
}
