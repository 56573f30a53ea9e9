import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { keep, readKept } from '../../../src/injector/store.js';
import { sha256Of } from '../../../src/lib/sha256.js';

const faultOf = (binary: Buffer) => (binary.includes('good') ? undefined : 'it is foreign');

test('what two jobs keep of the same sources stays, and what is unusable goes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-store-'));
  const place = { key: 'injector', path: directory };
  const [one, other, foreign] = ['good', 'good, too', 'foreign'].map((text) => Buffer.from(text));
  try {
    await writeFile(join(directory, sha256Of(foreign as Buffer)), foreign as Buffer);
    await writeFile(join(directory, sha256Of('cut off')), 'cut');
    await writeFile(join(directory, 'no name of one'), 'good');
    expect(await keep(place, one as Buffer, faultOf)).toBeUndefined();
    expect(await keep(place, other as Buffer, faultOf)).toBeUndefined();
    const names = [one, other].map((binary) => sha256Of(binary as Buffer));
    expect((await readdir(directory)).sort()).toEqual(names.sort());
    expect([one, other]).toContainEqual(await readKept(place, faultOf));
  } finally {
    await rm(directory, { recursive: true });
  }
});
