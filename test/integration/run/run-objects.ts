import { createHash } from 'node:crypto';
import type { UploadChunk } from '../../../src/carriers/configmaps/upload.js';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { configMapsPath, createConfigMap } from '../../../src/kube/configmaps.js';
import type { Owner } from '../../../src/kube/protobuf.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { labelsOf, nameOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { seeded } from '../kube/fault-proxy.js';

/** The anchor of a run, as the owner of its other objects. */
export async function anchorOf(
  client: ApiClient,
  namespace: string,
  runId: string,
): Promise<Owner> {
  const name = nameOf.anchor(runId);
  const labels = labelsOf(runId, 'anchor');
  const { uid } = await createConfigMap(client, { name, namespace, labels, data: {} });
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

/** Chunks of pseudo-random bytes, all different. */
export async function* chunksOf(
  runId: string,
  count: number,
  size: number,
): AsyncGenerator<UploadChunk> {
  const random = seeded(count);
  for (let index = 0; index < count; index++) {
    const bytes = Buffer.alloc(size, Math.floor(random() * 256));
    bytes.writeUInt32LE(index);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    yield { name: nameOf.chunk(runId, index), parts: [bytes], size, sha256 };
  }
}

/** The SHA-256 of the bytes that the API server holds in each of these chunks. */
export async function storedHashes(
  client: ApiClient,
  namespace: string,
  runId: string,
  count: number,
): Promise<string[]> {
  const hashes: string[] = [];
  for (let index = 0; index < count; index++) {
    const path = `${configMapsPath(namespace)}/${nameOf.chunk(runId, index)}`;
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
  await until(`the grant on ${resource}`, counts, { seconds: 10 });
}

/** Makes a ResourceQuota and waits until the controllers count by it. */
export async function makeQuota(
  client: ApiClient,
  namespace: string,
  name: string,
  hard: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
  await client.create(path, { metadata: { name }, spec: { hard } } as ApiObject);
  type Quota = ApiObject & { status?: { hard?: object } };
  await waitUntil<Quota>(client, path, (all) => all.get(name)?.status?.hard !== undefined);
}
