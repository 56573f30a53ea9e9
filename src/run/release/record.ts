import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { configMapsPath } from '../../kube/configmaps.js';
import { CATALOG_PART_BYTES } from '../../lib/limits/carriers.js';
import { putConfigMap } from '../configmap.js';
import { type Delivery, labelsFor, nameOf, selectorOf } from '../run.js';

const RECORD_KEY = 'record';

/**
 * Writes down what a delivery of a release holds, for the step that replaces it: the catalog of its own images, in as
 * many ConfigMaps as it takes. Throws ApiError.
 */
export async function writeRecord(
  client: ApiClient,
  delivery: Delivery,
  catalog: string,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(catalog);
  const parts = Math.ceil(bytes.length / CATALOG_PART_BYTES);
  const puts = Array.from({ length: parts }, (_, part) => {
    const piece = bytes.subarray(part * CATALOG_PART_BYTES, (part + 1) * CATALOG_PART_BYTES);
    const spec = {
      name: nameOf.record(delivery, part),
      namespace: delivery.namespace,
      labels: labelsFor(delivery, 'record'),
      owner: delivery.owner,
      binaryData: { [RECORD_KEY]: [piece] },
      immutable: true,
    };
    return putConfigMap(client, spec, { signal });
  });
  await Promise.all(puts);
}

/** What a delivery of a release holds; undefined when its record is not there any more. Throws ApiError. */
export async function readRecord(
  client: ApiClient,
  { id, namespace, delivery }: Pick<Delivery, 'id' | 'namespace' | 'delivery'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  const query = { labelSelector: selectorOf(id, 'record') };
  const { items } = await client.list<V1ConfigMap>(configMapsPath(namespace), { query, signal });
  const byName = new Map(items.map((item) => [item.metadata?.name, item]));
  for (let part = 0; ; part++) {
    const piece = byName.get(nameOf.record({ id, delivery }, part))?.binaryData?.[RECORD_KEY];
    if (piece === undefined) {
      break;
    }
    pieces.push(Buffer.from(piece, 'base64'));
  }
  const text = Buffer.concat(pieces).toString();
  // One that was not written whole is no record.
  return text.endsWith('\nend\n') ? text : undefined;
}
