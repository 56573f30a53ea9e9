import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { marked, type Token, type Tokens } from 'marked';
import { type Entry, entriesOf, entryFor } from '../../../src/host/troubleshooting.js';
import { REPOSITORY } from '../../helpers/runner.js';
import { type CodeSentence, sentencesBelow, sentencesIn } from './sentences.js';

/** What has only sentences that tell of no trouble: the summary, and what programs tell of their use. */
const NO_TROUBLE = /^(report\/summary|renderer|command-line\/help)\.ts/;
/** Lines of the log that are made elsewhere than where they are printed. */
const COURSE_OF_THINGS = new Set([
  'The images travel …: ….',
  'The release … stays on …; a step with `command: delete` and this release takes it away.',
  'Nothing of run … is left on … (… s).',
]);

let page: string;
let entries: readonly Entry[];
let sentences: readonly CodeSentence[];

beforeAll(async () => {
  page = await readFile(join(REPOSITORY, 'docs/troubleshooting.md'), 'utf8');
  entries = entriesOf(page);
  const all = await sentencesBelow(join(REPOSITORY, 'src'));
  sentences = all.filter(
    ({ place, text }) => !NO_TROUBLE.test(place) && !COURSE_OF_THINGS.has(text),
  );
});

const quoted = () => entries.flatMap((entry) => entry.sentences);

test('the page quotes every sentence of a failure or a warning', () => {
  const known = new Set(quoted());
  const missing = sentences.filter(({ text }) => !known.has(text));
  expect(missing.map(({ place, text }) => `${place} ${text}`)).toEqual([]);
  expect(sentences.length).toBeGreaterThan(200);
});

test('the page quotes each once, and none that the code does not have', () => {
  const real = new Set(sentences.map(({ text }) => text));
  const all = quoted();
  expect(all.filter((text) => !real.has(text))).toEqual([]);
  expect(all.filter((text, index) => all.indexOf(text) !== index)).toEqual([]);
});

test('every entry quotes something, helps in words of its own, and has a heading that titles take', () => {
  expect(entries.length).toBeGreaterThan(30);
  for (const { title, sentences } of entries) {
    const [, part = ''] = page.split(`\n### ${title}\n`);
    const prose = (part.split('\n## ')[0] as string).split('\n### ')[0] as string;
    const help = prose.split('\n').filter((line) => line !== '' && !line.startsWith('>'));
    expect([title, sentences.length > 0, help.join(' ').length > 150]).toEqual([title, true, true]);
    expect(title.length).toBeLessThan(60);
  }
  const anchors = entries.map(({ anchor }) => anchor);
  expect(new Set(anchors).size).toBe(anchors.length);
});

test('a reader of the page sees each quote as the code has it', () => {
  const quotes = marked.lexer(page).flatMap((block) => (block.type === 'blockquote' ? block : []));
  const paragraphs = quotes.flatMap(({ tokens }) => (tokens ?? []).filter(isParagraph));
  const shown = paragraphs.map(({ tokens }) => tokens.map(shownText).join(''));
  expect(shown).toEqual(quoted().map((text) => text.replaceAll('`', '')));
});

const isParagraph = (token: Token): token is Tokens.Paragraph => token.type === 'paragraph';

/** The characters that a reader sees of inline Markdown; emphasis and the like would take some away. */
function shownText(token: Token): string {
  expect(['text', 'codespan', 'link']).toContain(token.type);
  return 'text' in token ? token.text : '';
}

test('every sentence leads to the entry that quotes it, whatever is filled in', () => {
  const astray = entries.flatMap((entry) =>
    entry.sentences.filter((text) => {
      const filled = text.replaceAll('…', 'a "b" (c); d');
      return entryFor(entries, filled) !== entry;
    }),
  );
  expect(astray).toEqual([]);
});

describe('what counts as a sentence', () => {
  /** A place that is filled in; a text of the test's own is to have none. */
  const NAME = '$'.concat('{name}');

  test.each([
    ['a failure', `throw new ActionError(\`The file ${NAME} is empty\`);`, ['The file … is empty']],
    [
      'one of two',
      `throw new StreamError('lost', is ? 'The first of all words' : \`The ${NAME} of them all\`);`,
      ['The first of all words', 'The … of them all'],
    ],
    ['a warning', `runner.warning(\`The node ${NAME} is away\`);`, ['The node … is away']],
    ['what is told elsewhere', `said(\`The node ${NAME} is away.\`);`, ['The node … is away.']],
    ['a line of the log', `info(\`The node ${NAME} is well and at work.\`);`, []],
    ['a part of one', "const why = 'which is not there at all';", []],
    ['what is caught inside', "throw new Error('This is not for users at all.');", []],
    ['what another one says', `warning(\`${NAME} Done.\`);`, []],
  ])('%s', (_, source, texts) => {
    expect([...new Set(sentencesIn(source).map(({ text }) => text))]).toEqual(texts);
  });
});
