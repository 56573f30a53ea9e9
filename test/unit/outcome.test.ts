import { expect, test } from '@jest/globals';
import { familiarName } from '../../src/images/reference.js';
import { SUMMARY_MAX_BYTES } from '../../src/lib/limits/runner.js';
import { type InjectedImage, summaryOf } from '../../src/report/outcome.js';

function injected(given: string, name: string, digest = `sha256:${name}`): InjectedImage {
  const platforms = ['linux/amd64'];
  const pullable = `127.0.0.1:30000/x/${name.replace(/:.*/, '')}@${digest}`;
  return { given, name, pullable, digest, digestKept: true, platforms, bytes: 1 };
}

test('the summary says which digests were made here, and why', () => {
  const kept = injected('a', 'a:1');
  const made = { ...injected('b', 'b:1'), digestKept: false };
  const outcome = { nodes: ['one'], stages: [] };
  expect(summaryOf({ ...outcome, images: [kept] })).not.toContain('made here');
  const summary = summaryOf({ ...outcome, images: [kept, made] });
  expect(summary).toMatch(/\| <code>b:1<\/code> \| <code>b<\/code> \|.*\| made here \|/);
  expect(summary).toContain('since the source');
});

test.each([
  ['docker.io/library/nginx', '1', 'nginx:1'],
  ['docker.io/library/a/b', undefined, 'library/a/b'],
  ['docker.io/acme/web', undefined, 'acme/web'],
  ['ghcr.io/library/nginx', '1', 'ghcr.io/library/nginx:1'],
])('%s with tag %s is shown as %s', (name, tag, shown) => {
  expect(familiarName(tag === undefined ? { name } : { name, tag })).toBe(shown);
});

/** Cells of the rows below a head, as GitHub parts them. */
const rowsOf = (summary: string) =>
  summary
    .split('\n')
    .filter((line) => line.startsWith('| <code>'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));

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
  '**bold** _it_ ~~no~~',
  '$x$',
  '::add-mask::e',
  '\u001b[31mred',
];

/** Markdown and HTML that would be more than characters. */
const LIVE = /<(?!\/?code>)|&(?!#\d+;)|[`*_~[\]$]|[\p{Cc}\u2028\u2029]/u;

test.each(HOSTILE)('%j is text wherever it stands in the summary', (text) => {
  const image = { ...injected(text, text), pullable: text, platforms: [text] };
  const summary = summaryOf({ images: [image], nodes: [text], stages: [] });
  const lines = summary.split('\n');
  expect(lines).toHaveLength(11);
  expect(rowsOf(summary).map((cells) => cells.length)).toEqual([6]);
  for (const line of [lines[2], lines[6]]) expect(line).not.toMatch(LIVE);
});

test.each(HOSTILE)('%j is text in the summary of a failure', (failure) => {
  const [, , line, ...rest] = summaryOf({ images: [], nodes: [], stages: [], failure }).split('\n');
  expect(line?.replace('**Failed.** ', '')).not.toMatch(LIVE);
  expect(rest).toEqual(['', '| stage | time | bytes |', '|---|---:|---:|', '']);
});

test('what a failure says in backticks is code in the summary', () => {
  const failure = 'The input `a_b` is wrong; see `c` and a ` alone.';
  expect(summaryOf({ images: [], nodes: [], stages: [], failure })).toContain(
    '\n**Failed.** The input <code>a&#95;b</code> is wrong; see <code>c</code> and a &#96; alone.\n',
  );
});

const STAGES = [{ title: 'Prepare', duration: 1 }];

test.each([500, 3000])('the summary of %d images with long names is one that runners take', (n) => {
  const images = Array.from({ length: n }, (_, index) =>
    injected('dist/*.tar', `${index}/${'x_'.repeat(120)}:1`),
  );
  const summary = summaryOf({ images, nodes: ['one'], stages: STAGES });
  const shown = rowsOf(summary).length;
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(Buffer.byteLength(summary)).toBeGreaterThan(SUMMARY_MAX_BYTES * 0.9);
  expect(summary).toContain(`\nOf ${n - shown} more images the log and the output`);
  expect(summary).toContain('| Prepare | 0.00 s |  |\n');
});

test('a summary that is small enough leaves nothing out', () => {
  const images = Array.from({ length: 500 }, (_, index) => injected('a', `acme/${index}:1`));
  const summary = summaryOf({ images, nodes: ['one'], stages: [] });
  expect(rowsOf(summary)).toHaveLength(500);
  expect(summary).not.toContain(' more image');
});

test('many nodes with long names do not crowd out the images', () => {
  const nodes = Array.from({ length: 5000 }, (_, index) => `${index}.${'n'.repeat(240)}`);
  const summary = summaryOf({ images: [injected('a', 'a:1')], nodes, stages: STAGES });
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(summary).toMatch(/ on 5000 nodes, .* and 4990 more\.\n/);
  expect(rowsOf(summary)).toHaveLength(1);
});

test('a failure of any length leaves a summary that runners take', () => {
  const failure = '`|`'.repeat(SUMMARY_MAX_BYTES);
  const summary = summaryOf({ images: [], nodes: [], stages: STAGES, failure });
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
  expect(summary).toContain('…\n');
  expect(summary).toContain('| Prepare |');
});
