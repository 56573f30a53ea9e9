import { expect, jest, test } from '@jest/globals';
import { OUTPUTS_MAX_BYTES, SMALL_OUTPUTS_BYTES } from '../../../src/lib/limits/runner.js';
import type { InjectedImage } from '../../../src/report/outcome.js';
import { outputsOf, setOutputs } from '../../../src/report/outputs.js';

const REGISTRY = `127.0.0.1:30000/${'5'.repeat(32)}`;

function injected(given: string, name: string, digest = `sha256:${name}`): InjectedImage {
  const platforms = ['linux/amd64'];
  const pullable = `${REGISTRY}/${name.replace(/:.*/, '')}@${digest}`;
  return { given, name, pullable, digest, digestKept: true, platforms, bytes: 1 };
}

const output = (...images: InjectedImage[]) => JSON.parse(outputsOf(images, REGISTRY).images);

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

test('what was given counts before the name of another line, in whatever order', () => {
  const daemon = injected('web', 'web:latest');
  const archive = injected('dist/*.tar', 'web', 'sha256:other');
  const keys = { web: daemon.pullable, 'dist/*.tar': archive.pullable };
  expect(output(daemon, archive)).toEqual(keys);
  expect(output(archive, daemon)).toEqual(keys);
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

test('outputs that GitHub would drop are refused before any is set', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const images = Array.from({ length: 500 }, (_, index) =>
    injected(`${index}${'/dist'.repeat(200)}`, `acme/${index}:1`),
  );
  const refused =
    /^The outputs `images` and `metadata` would have 2\.\d MB for 500 images, and GitHub takes 1\.0 MB/;
  expect(() => setOutputs(images, REGISTRY)).toThrow(refused);
  expect(write).not.toHaveBeenCalled();
  write.mockRestore();
});

test('500 images with long names have outputs that GitHub takes', () => {
  const images = Array.from({ length: 500 }, (_, index) => {
    const name = `ghcr.io/acme-platform/team-${index}/web-frontend:2026.11.28`;
    return injected(name, name, `sha256:${'a'.repeat(64)}`);
  });
  const outputs = outputsOf(images, REGISTRY);
  expect(Object.keys(JSON.parse(outputs.images))).toHaveLength(500);
  const bytes = Object.values(outputs).reduce((sum, { length }) => sum + 2 * length, 0);
  expect(bytes).toBeLessThanOrEqual(OUTPUTS_MAX_BYTES - SMALL_OUTPUTS_BYTES);
});

test('metadata has the keys of images, and the same references', () => {
  const images = [
    injected('web', 'web:latest'),
    injected('dist/all.tar', 'acme/a:1'),
    injected('dist/all.tar', 'acme/b:1'),
    injected('dist/web.tar as acme/web:1', 'acme/web:1'),
  ];
  const { images: pullables, metadata } = outputsOf(images, REGISTRY);
  const references = Object.entries(
    JSON.parse(metadata) as Record<string, { reference: string }>,
  ).map(([key, { reference }]) => [key, reference]);
  expect(Object.fromEntries(references)).toEqual(JSON.parse(pullables));
  expect(references).toHaveLength(5);
});
