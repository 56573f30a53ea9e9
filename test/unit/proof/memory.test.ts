import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import {
  NODE_TELLS_IMAGES_MAX,
  NODE_TELLS_WITHIN_MS,
  PROOFS_REMEMBERED_MAX,
} from '../../../src/lib/limits/run.js';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { ProofMemory } from '../../../src/proof/memory.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;

let directory: string;
let memory: ProofMemory;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-proofs-'));
  memory = new ProofMemory(directory);
});
afterEach(async () => {
  jest.useRealTimers();
  await rm(directory, { recursive: true });
});

function node(uid: string, names: readonly string[] = []): LinuxNode {
  const images = names.map((name) => ({ names: [name], bytes: 1 }));
  return { uid, images, name: uid, architecture: 'amd64', addresses: [], podRanges: [] };
}

/** Names of as many images as a node tells of, none of which is asked for. */
const many = Array.from({ length: NODE_TELLS_IMAGES_MAX }, (_, index) => `other:${index}`);

test('nodes have what they tell of', async () => {
  const having = node('one', [`127.0.0.1:30000/key/app@${DIGEST}`]);
  expect(await memory.isOnAll([having], DIGEST)).toBe(true);
  expect(await memory.isOnAll([having], OTHER)).toBe(false);
  expect(await memory.isOnAll([having, node('two')], DIGEST)).toBe(false);
  expect(await memory.isOnAll([], DIGEST)).toBe(false);
});

test('nodes have what was proven there until they would tell of it themselves', async () => {
  const [one, two] = [node('one'), node('two')];
  jest.useFakeTimers({ now: 1_000_000, doNotFake: ['nextTick', 'setImmediate'] });
  await memory.keep([DIGEST], [one]);
  await memory.keep([DIGEST, OTHER], [two]);
  expect(await memory.isOnAll([one, two], DIGEST)).toBe(true);
  expect(await memory.isOnAll([one, two], OTHER)).toBe(false);
  // A node that came anew under its name.
  expect(await memory.isOnAll([{ ...one, uid: 'anew' }], DIGEST)).toBe(false);
  jest.setSystemTime(1_000_000 + NODE_TELLS_WITHIN_MS);
  expect(await memory.isOnAll([one, two], DIGEST)).toBe(false);
});

test('a node that tells of as many images as it may is taken at the proof for good', async () => {
  jest.useFakeTimers({ now: 1_000_000, doNotFake: ['nextTick', 'setImmediate'] });
  await memory.keep([DIGEST], [node('full')]);
  jest.setSystemTime(1_000_000 + 100 * NODE_TELLS_WITHIN_MS);
  expect(await memory.isOnAll([node('full', many)], DIGEST)).toBe(true);
  expect(await memory.isOnAll([node('full', many.slice(1))], DIGEST)).toBe(false);
  // The clock was set back: nobody knows how long ago it was.
  jest.setSystemTime(999_999);
  expect(await memory.isOnAll([node('full', many)], DIGEST)).toBe(false);
});

test.each(['', '[]', '{"one":"yesterday"}', 'null'])(
  'a record that is %j tells nothing',
  async (text) => {
    await memory.keep([DIGEST], [node('one')]);
    const [name] = await readdir(directory);
    await writeFile(join(directory, name as string), text);
    expect(await memory.isOnAll([node('one')], DIGEST)).toBe(false);
    await memory.keep([DIGEST], [node('one')]);
    expect(await memory.isOnAll([node('one')], DIGEST)).toBe(true);
  },
);

test('the proofs of the images used last are kept, and a disk that takes none ends nothing', async () => {
  const digests = Array.from(
    { length: PROOFS_REMEMBERED_MAX + 5 },
    (_, index) => `sha256:${String(index).padStart(64, '0')}`,
  );
  await memory.keep(digests, [node('one')]);
  expect(await readdir(directory)).toHaveLength(PROOFS_REMEMBERED_MAX);
  const nowhere = new ProofMemory('/dev/null/proofs');
  await nowhere.keep([DIGEST], [node('one')]);
  expect(await nowhere.isOnAll([node('one')], DIGEST)).toBe(false);
});
