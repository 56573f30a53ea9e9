import type { V1LimitRange, V1ResourceQuota } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { type Ranges, rangesOf } from './limit-ranges.js';

/** What a namespace asks of whoever works in it, as far as the user may read it. */
export interface NamespaceRules {
  readonly ranges: Ranges;
  readonly quotas: readonly V1ResourceQuota[];
}

/**
 * Reads the LimitRanges and ResourceQuotas of a namespace, side by side. A user who may not is not
 * stopped: the server speaks when something breaks one. Throws ApiError.
 */
export async function readRules(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<NamespaceRules> {
  const list = async <Item>(resource: string): Promise<Item[]> => {
    try {
      const path = `/api/v1/namespaces/${namespace}/${resource}`;
      return (await client.list<Item>(path, { signal })).items;
    } catch (error) {
      if (isFault(error, 'permission')) {
        return [];
      }
      throw error;
    }
  };
  const [ranges, quotas] = await Promise.all([
    list<V1LimitRange>('limitranges'),
    list<V1ResourceQuota>('resourcequotas'),
  ]);
  return { ranges: rangesOf(ranges), quotas };
}
