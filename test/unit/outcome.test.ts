import { expect, test } from '@jest/globals';
import { familiarName } from '../../src/images/reference.js';
import { type InjectedImage, imagesOutput, summaryOf } from '../../src/report/outcome.js';

function injected(given: string, name: string, digest = `sha256:${name}`): InjectedImage {
  const platforms = ['linux/amd64'];
  const pullable = `127.0.0.1:30000/x/${name.replace(/:.*/, '')}@${digest}`;
  return { given, name, pullable, digest, digestKept: true, platforms, bytes: 1 };
}

const output = (...images: InjectedImage[]) => JSON.parse(imagesOutput(images));

test('a line that names one image stands for it, and nothing else does', () => {
  const daemon = injected('web', 'web:latest');
  const archive = injected('dist/web.tar', 'acme/web:1');
  expect(output(daemon, archive)).toEqual({
    web: daemon.pullable,
    'dist/web.tar': archive.pullable,
  });
});

test('several images of one line stand under name and tag, none of them under the line', () => {
  const images = ['acme/a:1', 'acme/a:2', 'acme/b:1'].map((name) => injected('dist/all.tar', name));
  expect(output(...images)).toEqual(Object.fromEntries(images.map((i) => [i.name, i.pullable])));
});

test('one image under several names stands under all of them and under the line', () => {
  const images = ['acme/a:1', 'acme/a:2'].map((name) => injected('a.tar', name, 'sha256:same'));
  expect(Object.keys(output(...images))).toEqual(['a.tar', 'acme/a:1', 'acme/a:2']);
});

test.each(['dist/*.tar', 'dist/web.tar as acme/web:1'])(
  '%s stands under its name, too',
  (given) => {
    expect(Object.keys(output(injected(given, 'acme/web:1')))).toEqual([given, 'acme/web:1']);
  },
);

test('the summary says which digests were made here, and why', () => {
  const kept = injected('a', 'a:1');
  const made = { ...injected('b', 'b:1'), digestKept: false };
  const outcome = { nodes: ['one'], stages: [] };
  expect(summaryOf({ ...outcome, images: [kept] })).not.toContain('made here');
  const summary = summaryOf({ ...outcome, images: [kept, made] });
  expect(summary).toMatch(/\| b:1 \| b \|.*\| made here \|/);
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
