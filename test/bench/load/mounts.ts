import { randomBytes } from 'node:crypto';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { type UploadChunk, uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../../../src/kube/configmaps.js';
import { collection, createPod } from '../../../src/kube/pods.js';
import type { Owner } from '../../../src/kube/protobuf.js';
import { CHUNK_BYTES } from '../../../src/lib/limits/carriers.js';
import { COURIER_BATCH_BYTES, COURIERS_MAX } from '../../../src/lib/limits/couriers.js';
import { sha256Of } from '../../../src/lib/sha256.js';
import { Slots } from '../../../src/lib/slots.js';
import { CHUNK_KEY, podSpecOf, RESTRICTED_CONTAINER } from '../../../src/run/pod.js';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import { NAMESPACE, type Nodes, untilRunning } from './nodes.js';
import { timed, type Way } from './ways.js';

const CONFIGMAPS = configMapsPath(NAMESPACE);
/** What zstd leaves of a megabyte of the images, in bytes (measured: 238 of 528 MB were sent). */
const LEFT_PER_MEGABYTE = 0.45e6;
const CHUNKS_PER_BATCH = Math.floor(COURIER_BATCH_BYTES / CHUNK_BYTES);

/**
 * The least that can be where all travels in ConfigMaps and lies there for a moment only: they are made in batches,
 * mounted by a Pod for each batch, and deleted. No image is read or compressed, nothing is sent on from there, and nothing
 * is pulled.
 */
export function mountsAlone({ cluster, client }: Nodes, megabytes: number): Way {
  return {
    name: 'its ConfigMaps made, mounted and deleted, no more',
    limitOf: 'configmap',
    async take(_, whenRunning) {
      const mounts = new Mounts(client, cluster, await ownerIn(client));
      const seconds = await timed(() => mounts.passAll(megabytes * LEFT_PER_MEGABYTE));
      await whenRunning();
      return { seconds };
    },
  };
}

/** What stays when they are gone owns them: each has the ConfigMap that every namespace has by itself. */
async function ownerIn(client: ApiClient): Promise<Owner> {
  const name = 'kube-root-ca.crt';
  const { metadata } = await client.get<{ metadata: { uid: string } }>(`${CONFIGMAPS}/${name}`);
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid };
}

/** ConfigMaps that come and go. */
class Mounts {
  private readonly pace = new Pace();
  private readonly slots = new Slots(COURIERS_MAX);
  private readonly content = randomBytes(CHUNK_BYTES);
  private count = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly cluster: Cluster,
    private readonly owner: Owner,
  ) {}

  /** Passes so many bytes through, the batches one after the other as far as they are made. */
  async passAll(bytes: number): Promise<void> {
    const batches = Math.ceil(bytes / CHUNK_BYTES / CHUNKS_PER_BATCH);
    const { nodes } = this.cluster;
    const passed: Promise<void>[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const node = nodes[batch % nodes.length] as ClusterNode;
      const made = Promise.withResolvers<void>();
      const done = this.slots.run(async () => {
        const names = await this.make().finally(made.resolve);
        await this.mount(`bench-mounts-${batch}`, node, names);
      });
      passed.push(done);
      await made.promise;
    }
    await Promise.all(passed);
  }

  /** Makes a batch, and returns the names. */
  private async make(): Promise<string[]> {
    const names: string[] = [];
    const { owner, pace, client } = this;
    const where = { namespace: NAMESPACE, labels: {}, owner, key: CHUNK_KEY, pace };
    await uploadChunks(client, this.chunks(names), where);
    return names;
  }

  private async *chunks(names: string[]): AsyncGenerator<UploadChunk> {
    for (let index = 0; index < CHUNKS_PER_BATCH; index++) {
      const bytes = Buffer.from(this.content);
      bytes.writeUInt32LE(this.count);
      const name = `bench-mounts-${this.count++}`;
      names.push(name);
      yield { name, parts: [bytes], size: bytes.length, sha256: sha256Of(bytes) };
    }
  }

  /** Has a Pod run that mounts a batch, and deletes both. */
  private async mount(pod: string, node: ClusterNode, names: readonly string[]): Promise<void> {
    const { client, pace } = this;
    const sources = names.map((name) => ({
      configMap: { name, items: [{ key: CHUNK_KEY, path: name }] },
    }));
    const container = {
      ...{ name: 'mounts', image: PAUSE_IMAGE, imagePullPolicy: 'Never' },
      securityContext: RESTRICTED_CONTAINER,
      volumeMounts: [{ name: 'chunks', mountPath: '/chunks' }],
    };
    const volumes = [{ name: 'chunks', projected: { sources } }];
    const spec = { ...podSpecOf({ name: node.name }, {}), volumes, containers: [container] };
    await createPod(client, NAMESPACE, { metadata: { name: pod }, spec });
    await untilRunning(client, pod);
    await Promise.all([
      deleteConfigMaps(client, NAMESPACE, names, { pace }),
      client.delete(`${collection.pods(NAMESPACE)}/${pod}`, { gracePeriodSeconds: 0 }),
    ]);
  }
}
