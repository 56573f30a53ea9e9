import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterNode } from '../../cluster/cluster.js';

/** What containerd on a node reads of a registry's hosts, or of all others', while `body` goes on. */
export async function withHosts(
  node: ClusterNode,
  toml: string,
  body: (write: (host: string, toml: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = join(node.directory, 'var/lib/jackal/certs.d');
  const write = async (host: string, text: string) => {
    await mkdir(join(folder, host), { recursive: true });
    await writeFile(join(folder, host, 'hosts.toml'), text);
  };
  try {
    await write('_default', toml);
    await body(write);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
