import { expect, test } from '@jest/globals';
import { failureText, titleOf } from '../../../src/host/annotation.js';
import { entriesOf, entryFor, pageUrl } from '../../../src/host/troubleshooting.js';
import { ANNOTATION_MAX_CHARACTERS } from '../../../src/lib/limits/runner.js';

const PAGE = `# Troubleshooting

> This is no quote of an entry.

## Images

### Image: not found!

> The daemon at … has no image ….
>
> … is not there.

Build it.

## Other

### Anything else

> …; run the job again.
>
> … failed (…); run the job again.
`;
const ENTRIES = entriesOf(PAGE);

test('each heading of the third level begins an entry, which ends at the next one of any level', () => {
  expect(ENTRIES).toEqual([
    {
      title: 'Image: not found!',
      anchor: 'image-not-found',
      sentences: ['The daemon at … has no image ….', '… is not there.'],
    },
    {
      title: 'Anything else',
      anchor: 'anything-else',
      sentences: ['…; run the job again.', '… failed (…); run the job again.'],
    },
  ]);
});

test.each([
  ['The daemon at unix:///a has no image web:1.', 'image-not-found'],
  ['The file a.b is not there.', 'image-not-found'],
  ['It is gone; run the job again.', 'anything-else'],
  ['The daemon at a has no image b; run the job again.', 'image-not-found'],
  ['The daemon at a has no image b', undefined],
  ['is not there', undefined],
  ['', undefined],
])('%j is looked up under %s', (sentence, anchor) => {
  expect(entryFor(ENTRIES, sentence)?.anchor).toBe(anchor);
});

test('the parts of a quote have to follow one another, and do not share characters', () => {
  const entries = entriesOf('### A\n\n> one … one\n');
  expect(entryFor(entries, 'one one')).toBeUndefined();
  expect(entryFor(entries, 'one or one')).toBeDefined();
  expect(entryFor(entriesOf('### A\n\n> a … b … c\n'), 'a … c … b')).toBeUndefined();
});

test('a long sentence is looked up at once', () => {
  const entries = entriesOf(`### A\n\n> ${'… a '.repeat(50)}b\n`);
  const before = performance.now();
  expect(entryFor(entries, 'x a '.repeat(100_000))).toBeUndefined();
  // A search that tried all ways would not come to its end at all.
  expect(performance.now() - before).toBeLessThan(60_000);
});

const OURS = { GITHUB_ACTION_REPOSITORY: 'jackal-inject/jackal-inject', GITHUB_ACTION_REF: 'v0' };
const FORK = { GITHUB_ACTION_REPOSITORY: 'acme/inject', GITHUB_ACTION_REF: 'feature/x' };
const HOME = 'https://github.com/jackal-inject/jackal-inject/blob';

test.each([
  ['the action itself', { ...OURS, GITHUB_SERVER_URL: 'https://github.com' }, `${HOME}/v0`],
  [
    'a mirror under its name',
    { ...OURS, GITHUB_SERVER_URL: 'https://git.acme.test' },
    `${HOME}/v0`,
  ],
  [
    'a fork',
    { ...FORK, GITHUB_SERVER_URL: 'https://git.acme.test' },
    'https://git.acme.test/acme/inject/blob/feature/x',
  ],
  [
    'a fork on Gitea, whose files have other addresses',
    { ...FORK, GITHUB_SERVER_URL: 'https://gitea.acme.test', GITEA_ACTIONS: 'true' },
    `${HOME}/HEAD`,
  ],
  [
    'a fork on a server that is none',
    { ...FORK, GITHUB_SERVER_URL: 'javascript:x' },
    `${HOME}/HEAD`,
  ],
  ['no repository, as with `uses: ./`', { GITHUB_ACTION_REF: 'main' }, `${HOME}/HEAD`],
  [
    'empty names, as act has them',
    { GITHUB_ACTION_REPOSITORY: '', GITHUB_ACTION_REF: '' },
    `${HOME}/HEAD`,
  ],
  [
    'a whole URL as a name',
    { ...OURS, GITHUB_ACTION_REPOSITORY: 'https://e.test/a/b' },
    `${HOME}/HEAD`,
  ],
  ['a ref that is no part of a URL', { ...OURS, GITHUB_ACTION_REF: 'v0) [x](y' }, `${HOME}/HEAD`],
])('the page of %s', (_, env, place) => {
  expect(pageUrl(env)).toBe(`${place}/docs/troubleshooting.md`);
});

test('the title names the action and the kind of trouble', () => {
  expect(titleOf({ title: 'Node is full' })).toBe('Jackal Inject: Node is full');
  expect(titleOf({})).toBe('Jackal Inject');
});

test('a failure ends with its link, however long it is', () => {
  const url = 'https://e.test/#a';
  expect(failureText('It is wrong.', { url })).toBe(`It is wrong.\nWhat to do: ${url}`);
  const long = failureText('x'.repeat(ANNOTATION_MAX_CHARACTERS), { url });
  expect(long).toHaveLength(ANNOTATION_MAX_CHARACTERS);
  expect(long).toMatch(/x…\nWhat to do: https:\/\/e\.test\/#a$/);
});
