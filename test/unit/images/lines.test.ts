import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readLines } from '../../../src/images/lines.js';
import { workplace } from './fixtures.js';

test.each([
  ['nginx:1', 'docker-daemon', 'nginx:1', undefined],
  ['docker-daemon:nginx', 'docker-daemon', 'nginx', undefined],
  ['docker-archive:a.tar', 'docker-archive', 'a.tar', undefined],
  ['docker-archive:a.tar:r.io:5/x:1', 'docker-archive', 'a.tar', 'r.io:5/x:1'],
  ['oci:build/web:1.2', 'oci', 'build/web', '1.2'],
  ['oci-archive:a.tar', 'oci-archive', 'a.tar', undefined],
  ['./web', 'path', './web', undefined],
  ['~/web.tar', 'path', join(homedir(), 'web.tar'), undefined],
  ['oci:~/web:1', 'oci', join(homedir(), 'web'), '1'],
  ['dist/web.tar', 'path', 'dist/web.tar', undefined],
  ['dist/web.tar.gz', 'path', 'dist/web.tar.gz', undefined],
])('%s is read', async (given, transport, location, which) => {
  const [line] = await readLines([given]);
  expect([line?.transport, line?.location, line?.which]).toEqual([transport, location, which]);
});

test('a name is given with "as"', async () => {
  const [line] = await readLines(['dist/web.tar as ghcr.io/acme/web:2']);
  expect(line).toMatchObject({
    given: 'dist/web.tar as ghcr.io/acme/web:2',
    location: 'dist/web.tar',
    rename: { name: 'ghcr.io/acme/web', tag: '2' },
  });
});

test('a file or a layout that lies there is a path, any other directory is not', async () => {
  const directory = await workplace();
  await writeFile(join(directory, 'web'), '');
  await mkdir(join(directory, 'layout'));
  await writeFile(join(directory, 'layout', 'index.json'), '{}');
  await mkdir(join(directory, 'other'));
  const before = process.cwd();
  process.chdir(directory);
  try {
    const transports = (await readLines(['web', 'layout', 'other'])).map(
      ({ transport }) => transport,
    );
    expect(transports).toEqual(['path', 'path', 'docker-daemon']);
  } finally {
    process.chdir(before);
  }
});

test('globs are put in place of what they match, in order, with any transport', async () => {
  const directory = await workplace();
  for (const name of ['b.tar', 'a.tar', 'c.txt']) await writeFile(join(directory, name), '');
  const expected = [join(directory, 'a.tar'), join(directory, 'b.tar')];
  expect((await readLines([`${directory}/*.tar`])).map(({ location }) => location)).toEqual(
    expected,
  );
  expect(
    (await readLines([`docker-archive:${directory}/*.tar`])).map(({ location }) => location),
  ).toEqual(expected);
  await expect(readLines([`${directory}/*.zip`])).rejects.toThrow('matches no file');
});

test.each([
  ['docker://nginx', 'is no source that can be read'],
  ['dir:/x', 'is no source that can be read'],
  ['a.tar as b as c', 'cannot be read'],
  ['a.tar as', 'cannot be read'],
  ['a.tar as UPPER/Case', 'not an image reference'],
  [`a.tar as web@sha256:${'a'.repeat(64)}`, 'renames to a digest'],
])('"%s" is refused', async (given, reason) => {
  await expect(readLines([given])).rejects.toThrow(reason);
});
