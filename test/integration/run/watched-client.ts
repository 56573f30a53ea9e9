import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../../src/kube/client.js';
import { isFault } from '../../../src/kube/error.js';
import { until } from '../../cluster/until.js';

/** A client, and what was counted of its creates and deletes. */
export interface WatchedClient {
  readonly client: ApiClient;
  /** The most creates and deletes that were in flight at once. */
  readonly most: () => number;
  readonly refusals: () => number;
}

/** The client, whose creates and deletes are counted. */
export function watchWrites(watched: ApiClient): WatchedClient {
  let now = 0;
  let most = 0;
  let refusals = 0;
  const handler: ProxyHandler<ApiClient> = {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'create' && name !== 'delete') return value.bind(target);
      return async (...args: unknown[]) => {
        most = Math.max(most, ++now);
        try {
          return await value.apply(target, args);
        } catch (error) {
          refusals++;
          throw error;
        } finally {
          now--;
        }
      };
    },
  };
  return { client: new Proxy(watched, handler), most: () => most, refusals: () => refusals };
}

/**
 * The client, whose creates of Pods return when the Pod is so, or is gone: what the product bounds from then on is not
 * the time that a played kubelet takes to speak.
 */
export function holdCreates(held: ApiClient, isSo: (pod: V1Pod) => boolean): ApiClient {
  const create: ApiClient['create'] = async (path, object, options) => {
    const created = await held.create(path, object, options);
    const isDone = async () => {
      try {
        return isSo(await held.get<V1Pod>(`${path}/${created.metadata?.name}`));
      } catch (error) {
        if (isFault(error, 'not-found')) return true;
        throw error;
      }
    };
    const { signal } = options ?? {};
    if (path.endsWith('/pods')) await until('what a kubelet says', isDone, { signal });
    return created;
  };
  return Object.create(held, { create: { value: create } });
}
