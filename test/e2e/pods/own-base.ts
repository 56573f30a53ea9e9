import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../../../src/images/image.js';
import type { Cluster } from '../../cluster/cluster.js';
import { serveImages } from '../../helpers/registry.js';
import { read, workplace } from '../../unit/images/fixtures.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

/** An image that no node has and all can pull. */
export interface OwnBase {
  readonly reference: string;
  close(): Promise<void>;
}

/** Serves an image to a cluster's nodes, whose containerd is told that its registry speaks plain HTTP. */
export async function serveOwnBase(cluster: Cluster): Promise<OwnBase> {
  const image = `oci:${await writeImage([randomLayer(1000)], 'acme/base:1')}`;
  const set = await read(await workplace(), [image]);
  const registry = await serveImages(set.images, cluster.network.gateway);
  const folders = cluster.nodes.map(({ directory }) =>
    join(directory, 'var/lib/jackal/certs.d', registry.host),
  );
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'hosts.toml'), `server = "http://${registry.host}"\n`);
  }
  return {
    reference: registry.reference(set.images[0] as Image),
    async close() {
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
      await registry.close();
      await set.close();
    },
  };
}
