import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { configMapsPath } from '../../kube/configmaps.js';
import { catalogPieces, partsFor } from '../../payload/catalog.js';
import { configMapOf, putConfigMap } from '../configmap.js';
import { type Delivery, nameOf, selectorOf } from '../run.js';

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
  const parts = partsFor(Buffer.byteLength(catalog));
  const puts = catalogPieces(catalog, parts).map((piece, part) => {
    const name = nameOf.record(delivery, part);
    const spec = configMapOf(delivery, 'record', { name, binaryData: { [RECORD_KEY]: [piece] } });
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
