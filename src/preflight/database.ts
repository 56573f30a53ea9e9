import type { ApiClient, RequestOptions } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { DATABASE_ASK_SECONDS } from '../lib/limits/carriers.js';

/**
 * Names under which API servers tell the size of their database: since Kubernetes 1.28, 1.26 and 1.22
 * (apiserver storage/etcd3/metrics/metrics.go).
 */
const SIZE =
  /^(?:apiserver_storage_size_bytes|apiserver_storage_db_total_size_in_bytes|etcd_db_total_size_in_bytes)(?:\{[^}]*\})? (\S+)$/gm;

/**
 * Bytes of the control plane's largest database file, as `/metrics` tells; undefined where the user may
 * not read that, where the server does not know, and when it takes long: then the upload shows it.
 */
export async function databaseBytes(
  client: ApiClient,
  { signal }: Pick<RequestOptions, 'signal'> = {},
): Promise<number | undefined> {
  const asked = client.request({
    method: 'GET',
    path: '/metrics',
    accept: 'text/plain',
    deadlineSeconds: DATABASE_ASK_SECONDS,
    patienceSeconds: 0,
    signal,
  });
  const metrics = await ifAnswered(asked, signal);
  return metrics && databaseBytesIn(metrics.body.toString('latin1'));
}

/** The largest of the database sizes in the text of `/metrics`. */
export function databaseBytesIn(metrics: string): number | undefined {
  const sizes = [...metrics.matchAll(SIZE)]
    .map(([, value]) => Number(value))
    .filter(Number.isFinite);
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}
