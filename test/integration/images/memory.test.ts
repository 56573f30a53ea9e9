import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { configOf, type Entry, sha256, tarOf, workplace } from '../../unit/images/fixtures.js';

const LAYER_BYTES = 512 * 1024 * 1024;

/** SHA-256 of a layer that is a name followed by empty bytes. */
function digestOfLayer(name: string): string {
  const hash = createHash('sha256').update(name.padEnd(512, '\0'));
  const empty = Buffer.alloc(8 * 1024 * 1024 - 512);
  let left = LAYER_BYTES - 512;
  for (; left > 0; left -= Math.min(left, empty.length)) hash.update(empty.subarray(0, left));
  return hash.digest('hex');
}

/** A docker-archive of four layers, 2 GB, almost all of which are holes of a sparse file. */
async function writeSparse(path: string): Promise<void> {
  const names = ['one', 'two', 'three', 'four'];
  const config = Buffer.from(
    configOf([])
      .toString()
      .replace(
        '"diff_ids":[]',
        `"diff_ids":${JSON.stringify(names.map((name) => `sha256:${digestOfLayer(name)}`))}`,
      ),
  );
  const layers = names.map((name) => `${name}/layer.tar`);
  const table = [{ Config: `${sha256(config)}.json`, RepoTags: ['huge:1'], Layers: layers }];
  const small: Entry[] = [
    { path: `${sha256(config)}.json`, bytes: config },
    { path: 'manifest.json', bytes: Buffer.from(JSON.stringify(table)) },
  ];
  const file = await open(path, 'w');
  let at = 0;
  for (const name of names) {
    // The header of an entry of the right size, without the bytes.
    const header = tarOf([{ path: `${name}/layer.tar` }]).subarray(0, 512);
    header.write(`${LAYER_BYTES.toString(8).padStart(11, '0')} `, 124, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    await file.write(header, 0, 512, at);
    await file.write(name, at + 512);
    at += 512 + LAYER_BYTES;
  }
  const rest = tarOf(small);
  await file.write(rest, 0, rest.length, at);
  await file.close();
}

test('an image of 2 GB is read in less than 300 MB, from a file and from a stream', async () => {
  const place = await workplace();
  await writeSparse(join(place, 'huge.tar'));
  await promisify(execFile)('sh', ['-c', 'gzip -1 < "$0/huge.tar" > "$0/huge.tar.gz"', place]);
  // Not `maxRSS`, which is at least what the process that started it had at that moment (getrusage(2), `ru_maxrss`).
  const script = `
    const { readFile } = await import('node:fs/promises');
    const { readImages } = await import(process.argv[1]);
    const options = { platforms: ['linux/amd64'], temporaryDirectory: process.argv[3] };
    const set = await readImages([process.argv[2]], options);
    await set.verify();
    const size = set.images[0].blobs.reduce((sum, blob) => sum + blob.size, 0);
    await set.close();
    const status = await readFile('/proc/self/status', 'utf8');
    const kilobytes = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(status)[1]);
    console.log(JSON.stringify({ size, kilobytes }));`;
  const module = new URL('../../../src/images/read.js', import.meta.url).href;
  for (const name of ['huge.tar', 'huge.tar.gz']) {
    const args = [
      '--input-type=module',
      '-e',
      script,
      module,
      join(place, name),
      join(place, 'temporary'),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { size, kilobytes } = JSON.parse(stdout);
    expect(size).toBeGreaterThan(1000);
    expect(kilobytes).toBeLessThan(300 * 1024);
  }
  expect(await readdir(join(place, 'temporary'))).toEqual([]);
  await rm(place, { recursive: true });
});
