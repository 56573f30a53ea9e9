import { expect, test } from '@jest/globals';
import { marked, type Token } from 'marked';
import { familiarName } from '../../../src/images/reference.js';
import { SUMMARY_MAX_BYTES } from '../../../src/lib/limits/runner.js';
import type { Failure, InjectedImage, Success } from '../../../src/report/outcome.js';
import { savedBytes, summaryOf } from '../../../src/report/summary.js';

function injected(given: string, name: string, digest = `sha256:${name}`): InjectedImage {
  const platforms = ['linux/amd64'];
  const pullable = `127.0.0.1:30000/x/${name.replace(/:.*/, '')}@${digest}`;
  return { given, name, pullable, digest, digestKept: true, platforms, bytes: 20e6 };
}

const STAGES = [{ title: 'Prepare', duration: 1, outcome: 'done' }];

const success = (some: Partial<Success> = {}): Success => ({
  images: [injected('a', 'a:1')],
  nodes: ['one'],
  travelled: {
    ...{ carrier: 'stream', sentBytes: 12e6, resentBytes: 2e6, milliseconds: 100, nodes: [] },
    way: { kind: 'direct', words: 'straight to 10.0.0.7:5001' },
  },
  sizes: { bytes: 20e6, sourceBytes: 50e6 },
  stages: STAGES,
  milliseconds: 8_210,
  ...some,
});

const failure = (some: Partial<Failure> = {}): Failure => ({
  failure: 'It is wrong.',
  help: { title: 'Node is full', url: 'https://e.test/page.md#node-is-full' },
  underWay: 'in the stage "Prove" (n1: pulling)',
  sentBytes: 4e6,
  stages: STAGES,
  milliseconds: 12_300,
  ...some,
});

/** What GitHub shows of Markdown: its tables, and the text of its blocks, folds taken for the HTML that they are. */
function shownOf(markdown: string) {
  const blocks = marked.lexer(markdown);
  const tables = blocks.filter((block) => block.type === 'table') as unknown as {
    readonly header: readonly { readonly text: string }[];
    readonly rows: readonly (readonly { readonly text: string; readonly tokens: Token[] }[])[];
  }[];
  const html = blocks.filter(({ type }) => type === 'html').map(({ raw }) => raw.trim());
  const [title, first, ...texts] = blocks
    .filter(({ type }) => type === 'heading' || type === 'paragraph')
    .map(({ raw }) => raw.trim());
  return { title, first, texts, html, tables };
}

test('images for other platforms are not said to be on the same nodes', () => {
  const [amd, arm] = [
    injected('a', 'a:1'),
    { ...injected('b', 'b:1'), platforms: ['linux/arm64'] },
  ];
  const { texts } = shownOf(summaryOf(success({ images: [amd, arm], nodes: ['one', 'two'] })));
  expect(texts[0]).toBe(
    'Each was pulled, unpacked and run on the nodes of its platforms among one, two.',
  );
});

test('a summary begins with what everybody wants to know, and has all else folded', () => {
  const { title, first, texts, html, tables } = shownOf(summaryOf(success()));
  expect(title).toBe('### Jackal Inject');
  expect(first).toBe('**1 image on 1 node in 8.21 s: 12.0 MB sent, 40.0 MB saved.**');
  expect(texts[0]).toBe('Each was pulled, unpacked and run on one.');
  const [brief] = tables;
  expect(brief?.header.map(({ text }) => text)).toEqual(['image', 'platforms', 'size']);
  expect(brief?.rows.map((row) => row.map(({ text }) => text))).toEqual([
    ['<code>a:1</code>', 'linux/amd64', '20.0 MB'],
  ]);
  expect(html).toEqual([
    ...['<details>\n<summary>References and digests</summary>', '</details>'],
    ...['<details>\n<summary>What travelled</summary>', '</details>'],
    ...['<details>\n<summary>Where the time went</summary>', '</details>'],
  ]);
  expect(tables).toHaveLength(4);
});

test('what is saved is what the sources have without what was sent of it', () => {
  const sizes = { bytes: 20e6, sourceBytes: 50e6 };
  expect(savedBytes({ sentBytes: 12e6, resentBytes: 2e6 }, sizes)).toBe(40e6);
  expect(savedBytes({ sentBytes: 0, resentBytes: 0 }, sizes)).toBe(50e6);
});

test('nothing is said to be saved where more was sent than the sources have', () => {
  const travelled = { ...success().travelled, sentBytes: 50.1e6, resentBytes: 0 };
  expect(shownOf(summaryOf(success({ travelled }))).first).toBe(
    '**1 image on 1 node in 8.21 s: 50.1 MB sent.**',
  );
});

test('the summary of a failure says what to do, what was going on and how far it came', () => {
  const { title, first, texts, html, tables } = shownOf(summaryOf(failure()));
  expect([title, first]).toEqual(['### Jackal Inject', '**Failed after 12.30 s.** It is wrong.']);
  expect(texts).toEqual([
    '[What to do](https://e.test/page.md#node-is-full). It was in the stage "Prove" (n1: pulling); 4.0 MB had been sent.',
  ]);
  expect(html).toEqual(['<details>\n<summary>Where the time went</summary>', '</details>']);
  expect(tables[0]?.rows.map((row) => row.map(({ text }) => text))).toEqual([
    ['Prepare', '0.00 s', '', 'done'],
  ]);
});

test('a failure before anything was sent does not speak of bytes', () => {
  expect(summaryOf(failure({ sentBytes: 0 }))).not.toContain('had been sent');
});

test('the summary says which digests were made here, and why', () => {
  const made = { ...injected('b', 'b:1'), digestKept: false };
  expect(summaryOf(success())).not.toContain('made here');
  const summary = summaryOf(success({ images: [injected('a', 'a:1'), made] }));
  expect(summary).toMatch(/\| <code>b:1<\/code> \| <code>b<\/code> \|.*\| made here \|/);
  expect(summary).toContain('since the source');
});

test('what a release holds is told', () => {
  expect(summaryOf(success({ held: 'web holds 1 image' }))).toContain(
    '\nThe release web holds 1 image.\n',
  );
});

test('of many nodes the first ones are told', () => {
  const nodes = Array.from({ length: 103 }, (_, index) => ({
    ...{ node: `n${index}`, pulledBytes: 1e6, hadBytes: 0 },
  }));
  const summary = summaryOf(success({ travelled: { ...success().travelled, nodes } }));
  expect(shownOf(summary).tables[3]?.rows).toHaveLength(100);
  expect(summary).toContain('\n3 more nodes not shown.\n');
});

test.each([
  ['docker.io/library/nginx', '1', 'nginx:1'],
  ['docker.io/library/a/b', undefined, 'library/a/b'],
  ['docker.io/acme/web', undefined, 'acme/web'],
  ['ghcr.io/library/nginx', '1', 'ghcr.io/library/nginx:1'],
])('%s with tag %s is shown as %s', (name, tag, shown) => {
  expect(familiarName(tag === undefined ? { name } : { name, tag })).toBe(shown);
});

const HOSTILE = [
  'a | b',
  'a \\| b',
  'a\\',
  'a\n\n# Title',
  'a\r| x |',
  'a\u2028b',
  '</code><img src=x>',
  '&lt;img&gt;',
  '`code`',
  '[link](https://e.test)',
  '![](https://e.test/pixel.png)',
  'HTTPS://e.test, www.e.test or a@e.test',
  '@someone #1 some/where#2',
  '**bold** _it_ ~~no~~',
  '$x$',
  '::add-mask::e',
  '\u001b[31mred',
];

/** Markdown and HTML that would be more than characters. */
const LIVE = /<(?!\/?code>)|&(?!#\d+;)|[`*_~[\]$@]|(?<!&)#|:\/\/|www\.|[\p{Cc}\u2028\u2029]/u;

test.each(HOSTILE)('%j is text wherever it stands in the summary', (text) => {
  const image = { ...injected(text, text), pullable: text, platforms: [text] };
  const stages = [{ title: 'Prepare', duration: 1, outcome: text }];
  const travelled = {
    ...success().travelled,
    way: { kind: 'direct' as const, words: text },
    nodes: [{ node: text, pulledBytes: 1, hadBytes: 2 }],
  };
  const held = text;
  const { tables, texts, html } = shownOf(
    summaryOf(success({ images: [image], nodes: [text], stages, travelled, held })),
  );
  expect(tables.map(({ rows }) => rows.map((row) => row.length))).toEqual([
    [3],
    [4],
    [5],
    [3],
    [4],
  ]);
  for (const { rows } of tables) {
    for (const cell of rows.flat()) expect(cell.text).not.toMatch(LIVE);
  }
  expect(texts[0]).not.toMatch(LIVE);
  expect(texts[1]).not.toMatch(LIVE);
  expect(html).toHaveLength(6);
});

test.each(HOSTILE)('%j is text in the summary of a failure', (text) => {
  const summary = summaryOf(failure({ failure: text, underWay: text }));
  const { first = '', texts, html, tables } = shownOf(summary);
  expect(first.replace(/^\*\*Failed after 12.30 s\.\*\*/, '')).not.toMatch(LIVE);
  expect(texts[0]?.replace(/^\[What to do\]\([^)]*\)/, '')).not.toMatch(LIVE);
  expect([texts.length, html.length, tables.length]).toEqual([1, 2, 1]);
});

test('what a failure says in backticks is code in the summary', () => {
  const sentence = 'The input `a_b` is wrong; see `c` and a ` alone.';
  expect(summaryOf(failure({ failure: sentence }))).toContain(
    ' The input <code>a&#95;b</code> is wrong; see <code>c</code> and a &#96; alone.\n',
  );
});

/** How many rows of images are shown, in both tables. */
const rowsOf = (summary: string) =>
  shownOf(summary)
    .tables.slice(0, 2)
    .map(({ rows }) => rows.length);

test.each([500, 5000])('the summary of %d images with long names is one that runners take', (n) => {
  const images = Array.from({ length: n }, (_, index) =>
    injected('dist/*.tar', `${index}/${'x_'.repeat(120)}:1`),
  );
  const summary = summaryOf(success({ images }));
  const [brief = 0, full = 0] = rowsOf(summary);
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(Buffer.byteLength(summary)).toBeGreaterThan(SUMMARY_MAX_BYTES * 0.7);
  expect(full).toBeLessThan(brief + 1);
  expect(summary).toContain(`\nOf ${n - full} more images the log and the output`);
  expect(summary).toContain('| Prepare | 0.00 s |  | done |\n');
});

test('a summary that is small enough leaves nothing out', () => {
  const images = Array.from({ length: 500 }, (_, index) => injected('a', `acme/${index}:1`));
  const summary = summaryOf(success({ images }));
  expect(rowsOf(summary)).toEqual([500, 500]);
  expect(summary).not.toContain(' more image');
});

test('many nodes with long names do not crowd out the images', () => {
  const nodes = Array.from({ length: 5000 }, (_, index) => `${index}.${'n'.repeat(240)}`);
  const summary = summaryOf(success({ nodes }));
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(summary).toMatch(/ on 5000 nodes in /);
  expect(summary).toMatch(/ and 4990 more\.\n/);
  expect(rowsOf(summary)).toEqual([1, 1]);
});

test('a failure of any length leaves a summary that runners take', () => {
  const sentence = '`|`'.repeat(SUMMARY_MAX_BYTES);
  const summary = summaryOf(failure({ failure: sentence }));
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(summary).toContain('…\n');
  expect(summary).toContain('| Prepare |');
});
