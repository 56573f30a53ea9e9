import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { type Content, fileContent, memoryContent } from '../../../src/images/bytes/content.js';
import { Packer } from '../../../src/images/bytes/packer.js';
import { Spool } from '../../../src/images/bytes/spool.js';
import { spoolArchive } from '../../../src/images/source/archive-stream.js';
import { tarOf } from './tars.js';

/** A layer, uncompressed: a tar of more than one block of compression. */
const LAYER = tarOf([{ path: 'file', bytes: randomBytes(5 * 1024 * 1024) }]);

let directory: string;
let spool: Spool;
const contents = new Map<string, Content>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-content-'));
  const path = join(directory, 'file');
  await writeFile(path, Buffer.concat([Buffer.from('before'), LAYER, Buffer.from('behind')]));
  contents.set('a range of a file', fileContent(path, 6, LAYER.length));
  contents.set('memory', memoryContent(LAYER));
  spool = new Spool(join(directory, 'spool'));
  for (const method of ['zstd', 'gzip', 'none']) {
    const packer = new Packer(spool, async () => parseCompression(method));
    const archive = Readable.from([tarOf([{ path: 'layer.tar', bytes: LAYER }])]);
    const tree = await spoolArchive(archive, {
      label: 'The archive',
      packer,
      onBytes: () => undefined,
    });
    const content = (await tree.find('layer.tar')) as Content;
    contents.set(`what was compressed as ${method} on its way`, content);
  }
});

afterAll(async () => {
  await spool.close();
  await rm(directory, { recursive: true });
});

test.each([
  'a range of a file',
  'memory',
  'what was compressed as zstd on its way',
  'what was compressed as gzip on its way',
  'what was compressed as none on its way',
])('%s is read from any offset on', async (name) => {
  const content = contents.get(name) as Content;
  for (const from of [undefined, 0, 1, 1024 * 1024 + 7, LAYER.length - 1, LAYER.length]) {
    const bytes = await buffer(content.open(from));
    expect([from, bytes.equals(LAYER.subarray(from))]).toEqual([from, true]);
  }
});

test('a process that is ended at once leaves no copy behind', async () => {
  const before = process.listeners('exit');
  const parent = join(directory, 'ended');
  const copy = new Spool(parent);
  await copy.begin().add(LAYER);
  expect(await readdir(parent)).toHaveLength(1);
  for (const left of process.listeners('exit')) if (!before.includes(left)) left(130);
  expect(await readdir(parent)).toEqual([]);
  await copy.close();
  expect(process.listeners('exit')).toEqual(before);
});
