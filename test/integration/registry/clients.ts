import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../cluster/command.js';
import { type ToolName, tool } from '../../helpers/tools.js';
import { sha256 } from '../../unit/images/fixtures.js';

/** Runs a client and gives what it says on stdout. Its settings come to lie below `home`. */
export async function client(name: ToolName, home: string, args: string[]): Promise<string> {
  // crane and oras would else take the user's credentials along.
  const env = { ...process.env, HOME: home, DOCKER_CONFIG: home, REGISTRY_AUTH_FILE: '' };
  return (await run(await tool(name), args, { env })).stdout.trim();
}

/** A program that pulls from a registry to a directory. */
export interface Client {
  readonly name: ToolName;
  /** Arguments that copy `reference` and all below it to `directory`, byte for byte. */
  pull(reference: string, directory: string): string[];
  /** The part of the directory in which each file is one content; all of it when left out. */
  readonly below?: string;
}

/** Clients that leave what they pull on disk as it came. */
export const CLIENTS: readonly Client[] = [
  {
    name: 'skopeo',
    pull: (reference, directory) => [
      ...['copy', '--quiet', '--all', '--preserve-digests', '--src-tls-verify=false'],
      ...[`docker://${reference}`, `dir:${directory}`],
    ],
  },
  {
    name: 'crane',
    pull: (reference, directory) => ['pull', '--insecure', '--format=oci', reference, directory],
    below: 'blobs/sha256',
  },
  {
    name: 'oras',
    pull: (reference, directory) => [
      ...['cp', '--no-tty', '--from-plain-http', reference],
      ...['--to-oci-layout', `${directory}:1`],
    ],
    below: 'blobs/sha256',
  },
  {
    name: 'regctl',
    pull: (reference, directory) => ['image', 'copy', reference, `ocidir://${directory}:1`],
    below: 'blobs/sha256',
  },
];

/** Digests of the bytes of all files, sorted. */
export async function digestsIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  // skopeo says in `version` how it lays out a directory.
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'version');
  const digests = files.map(
    async ({ parentPath, name }) => `sha256:${sha256(await readFile(join(parentPath, name)))}`,
  );
  return (await Promise.all(digests)).sort();
}
