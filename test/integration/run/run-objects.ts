import { createHash } from 'node:crypto';
import type { V1DaemonSet } from '@kubernetes/client-node';
import type { UploadChunk } from '../../../src/carriers/configmaps/upload.js';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { isFault } from '../../../src/kube/error.js';
import { collection } from '../../../src/kube/pods.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { createLease, deleteLease } from '../../../src/run/lease.js';
import {
  type Delivery,
  labelsOf,
  nameOf,
  newRun,
  type RunGiven,
  type RunPlace,
  selectorOf,
} from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { seeded } from '../kube/site/fault-proxy.js';

/** A run in this namespace with its Lease, as if it were its first delivery. */
export async function leasedRun(
  client: ApiClient,
  given: RunGiven & { readonly configMapBytes?: number },
): Promise<Delivery> {
  const run = newRun(given);
  const { signal } = new AbortController();
  const owner = await createLease(client, run, given.configMapBytes ?? 0, signal);
  return { ...run, owner, registry: `127.0.0.1:30000/${run.secret}`, delivery: 0 };
}

/** What the upload of a delivery's chunks is told. */
export function uploadOptions({ id, namespace, owner }: Delivery) {
  return { namespace, labels: labelsOf(id, 'chunk'), owner, key: 'chunk' };
}

/** The names of the ConfigMaps that a selector picks. */
export async function configMapsIn(
  client: ApiClient,
  namespace: string,
  labelSelector?: string,
): Promise<string[]> {
  const { items } = await client.list<ApiObject>(configMapsPath(namespace), {
    query: { labelSelector },
  });
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

/** Deletes the Lease; the cluster's garbage collector takes what it owns. */
export async function collected(client: ApiClient, { id, namespace }: RunPlace): Promise<void> {
  const { signal } = new AbortController();
  await deleteLease(client, { id, namespace }, signal);
  await waitUntil(client, configMapsPath(namespace), (objects) => objects.size === 0, {
    query: { labelSelector: selectorOf(id) },
    metadataOnly: true,
  });
}

/** Waits until the cluster's garbage collector knows DaemonSets, which at its start takes a while. */
export async function collectsDaemonSets(client: ApiClient, namespace: string): Promise<void> {
  const path = collection.daemonSets(namespace);
  const metadata = { name: 'collected', labels: { app: 'collected' } };
  const selector = { matchLabels: metadata.labels };
  const spec = { nodeName: 'none', containers: [{ name: 'one', image: 'none:1' }] };
  const set = { metadata, spec: { selector, template: { metadata, spec } } };
  await client.create<V1DaemonSet>(path, set);
  await client.delete(`${path}/${metadata.name}`, { propagation: 'Orphan' });
  await waitUntil(client, path, (sets) => !sets.has(metadata.name), { metadataOnly: true });
}

/** Chunks of pseudo-random bytes, all different. */
export async function* chunksOf(
  delivery: Pick<Delivery, 'id' | 'delivery'>,
  count: number,
  size: number,
): AsyncGenerator<UploadChunk> {
  const random = seeded(count);
  for (let index = 0; index < count; index++) {
    const bytes = Buffer.alloc(size, Math.floor(random() * 256));
    bytes.writeUInt32LE(index);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    yield { name: nameOf.chunk(delivery, index), parts: [bytes], size, sha256 };
  }
}

/** The SHA-256 of the bytes that the API server holds in each of these chunks. */
export async function storedHashes(
  client: ApiClient,
  delivery: Delivery,
  count: number,
): Promise<string[]> {
  const hashes: string[] = [];
  for (let index = 0; index < count; index++) {
    const path = `${configMapsPath(delivery.namespace)}/${nameOf.chunk(delivery, index)}`;
    const { binaryData } = await client.get<{ binaryData: { chunk: string } }>(path);
    const bytes = Buffer.from(binaryData.chunk, 'base64');
    hashes.push(createHash('sha256').update(bytes).digest('hex'));
  }
  return hashes;
}

/**
 * Grants verbs on a resource of the core group in the whole cluster to the user `nobody`, and waits until
 * it counts: the authorizer learns of bindings by a watch.
 */
export async function grantNobody(
  client: ApiClient,
  resource: string,
  verbs: readonly string[],
): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1';
  const name = `nobody-${resource}`;
  await client.create(`${path}/clusterroles`, {
    metadata: { name },
    rules: [{ apiGroups: [''], resources: [resource], verbs }],
  } as ApiObject);
  await client.create(`${path}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: 'nobody' }],
  } as ApiObject);
  const counts = async () => {
    const resourceAttributes = { verb: verbs[0], resource };
    const review = { spec: { user: 'nobody', resourceAttributes } } as ApiObject;
    const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    type Review = ApiObject & { status?: { allowed?: boolean } };
    return (await client.create<Review>(reviews, review)).status?.allowed === true;
  };
  await until(`the grant on ${resource}`, counts);
}

/**
 * Makes a ResourceQuota and waits until it counts: the controllers say what is used, and admission learns of it by a watch
 * of its own, which shows in a kind of object that nobody else makes.
 */
export async function makeQuota(
  client: ApiClient,
  namespace: string,
  name: string,
  hard: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const spec = { hard: { ...hard, 'count/podtemplates': '0' } };
  await client.create(`${path}/resourcequotas`, { metadata: { name }, spec } as ApiObject);
  const labels = { app: 'canary' };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'one', image: 'none:1' }] },
  };
  const canary = { metadata: { name: 'canary' }, template } as ApiObject;
  const query = { dryRun: 'All' };
  const refused = () =>
    client.create(`${path}/podtemplates`, canary, { query }).then(
      () => false,
      (error) => isFault(error, 'quota'),
    );
  await until(`the quota ${name} to count`, refused);
}
