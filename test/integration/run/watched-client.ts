import type { ApiClient } from '../../../src/kube/client.js';

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
