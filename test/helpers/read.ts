import type { Cluster } from '../cluster/cluster.js';

/** Which objects of a collection are meant. */
export interface Selection {
  /** Such as `jackal-inject.dev/role=proof`. */
  readonly labels?: string;
  /** Such as `status.phase=Running`. */
  readonly fields?: string;
}

/**
 * What the API server has under a path. No kubectl is started for it, which takes a fifth of a second of a processor: as
 * much as there is of one, for a test that waits and asks again and again.
 */
export async function read<T>(cluster: Cluster, path: string): Promise<T> {
  const api = await cluster.connect();
  try {
    return await api.json<T>(path);
  } finally {
    api.close();
  }
}

/** Objects of a collection, such as `/api/v1/pods`. */
export async function list<T>(
  cluster: Cluster,
  collection: string,
  { labels = '', fields = '' }: Selection = {},
): Promise<T[]> {
  const query = new URLSearchParams({ labelSelector: labels, fieldSelector: fields });
  return (await read<{ items: T[] }>(cluster, `${collection}?${query}`)).items;
}
