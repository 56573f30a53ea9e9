import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { canHost, prerequisites } from '../cluster/build/prerequisites.js';

const path = process.env.PATH ?? '';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-programs-'));
  process.env.PATH = [directory, path].join(delimiter);
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(directory, { recursive: true });
});

/** Puts a program on PATH, before the real one, that prints a version. */
async function program(name: string, prints: string): Promise<void> {
  const file = join(directory, name);
  await writeFile(file, `#!/bin/sh\necho '${prints}'\n`);
  await chmod(file, 0o755);
}

test('programs that are too old are named, with their version and the way to a newer one', async () => {
  await program('go', 'go1.19.8');
  await program('cargo', 'cargo 1.63.0 (fd9c4297c 2022-07-01)');
  await program('rustup', 'rustup 1.25.1');
  const missing = await prerequisites();
  expect(missing).toContainEqual(expect.stringMatching(/^Go is too old \(go1\.19\.8, .*go\.dev/));
  expect(missing).toContainEqual(
    expect.stringMatching(/^Rust is too old \(cargo 1\.63\.0 .*rustup update stable/),
  );
});

test('programs that are new enough are not named', async () => {
  await program('go', 'go1.26.0');
  await program('cargo', 'cargo 1.95.0 (abc 2026-01-01)');
  await program('rustup', 'rustup 1.28.0');
  const text = (await prerequisites()).join('\n');
  expect(text).not.toMatch(/Go is|Rust is|cargo is|rustup is/);
});

test('a machine that cannot host a cluster is told why', async () => {
  const host = await canHost();
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  if (!root)
    expect(host).toMatchObject({ can: false, reason: expect.stringMatching(/Linux|root/) });
  // Without the right to make namespaces even root cannot.
  await program('unshare', 'unshare: unshare failed: Operation not permitted');
  await writeFile(join(directory, 'unshare'), '#!/bin/sh\necho not permitted >&2\nexit 1\n');
  const refused = await canHost();
  expect(refused.can).toBe(false);
  if (root) expect(refused).toMatchObject({ reason: expect.stringContaining('not permitted') });
});
