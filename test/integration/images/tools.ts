import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Image } from '../../../src/images/image.js';
import { type ToolName, tool } from '../../helpers/tools.js';

const exec = promisify(execFile);

/** Runs a tool and gives what it says on stdout. */
export async function run(
  name: ToolName,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await exec(await tool(name), [...args], {
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** A registry on loopback that crane serves. */
export async function serveRegistry(): Promise<{ host: string; close(): void }> {
  const child = spawn(await tool('crane'), ['registry', 'serve', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  return await new Promise((resolve, reject) => {
    // Read to the end: a registry whose log nobody reads dies of it.
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const port = /serving on port (\d+)|127\.0\.0\.1:(\d+)/.exec(said);
      if (port === null) return;
      resolve({ host: `127.0.0.1:${port[1] ?? port[2]}`, close: () => child.kill() });
    });
    child.on('exit', () => reject(new Error(`crane's registry did not start: ${said}`)));
  });
}

/** Writes an image as it would be served into an OCI layout, so that other tools can judge it. */
export async function writeLayout(image: Image, directory: string): Promise<void> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const { digest, bytes } of image.manifests)
    await writeFile(join(blobs, digest.slice(7)), bytes);
  for (const blob of image.blobs)
    await pipeline(blob.open(), createWriteStream(join(blobs, blob.digest.slice(7))));
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': 'x' };
  await writeFile(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...image.target, annotations }] }),
  );
}

/** Writes what `docker build` needs for a small image in three layers, two of them the same file. */
export async function writeBuild(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'text'), 'some words that compress well\n'.repeat(200_000));
  await writeFile(join(directory, 'program'), randomBytes(9_000_000));
  await writeFile(join(directory, 'small'), 'small');
  const lines = [
    'FROM scratch',
    'COPY text /text',
    'COPY small /small',
    'COPY program /program',
    'CMD ["/program"]',
  ];
  await writeFile(join(directory, 'Dockerfile'), `${lines.join('\n')}\n`);
}
