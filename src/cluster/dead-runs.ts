import { EXPIRES_ANNOTATION, MANAGED_BY, MANAGED_BY_LABEL, ROLE_LABEL, RUN_LABEL } from '../run.js';
import { listConfigMaps } from './configmaps.js';
import type { ApiClient, ApiObject, RequestOptions } from './http.js';

/**
 * Ids of the runs in a namespace whose anchor says that their time is over: their runner was
 * killed before it could clean up. Whoever runs next takes them away.
 */
export async function expiredRuns(
  client: ApiClient,
  namespace: string,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<string[]> {
  const selector = `${MANAGED_BY_LABEL}=${MANAGED_BY},${ROLE_LABEL}=anchor`;
  return expiredAmong(await listConfigMaps(client, namespace, selector, options), Date.now());
}

/** Ids of the runs whose anchors had expired at `now` (milliseconds since 1970). */
export function expiredAmong(anchors: readonly ApiObject[], now: number): string[] {
  return anchors.flatMap(({ metadata }) => {
    const expires = Date.parse(metadata?.annotations?.[EXPIRES_ANNOTATION] ?? '');
    const id = metadata?.labels?.[RUN_LABEL];
    return id !== undefined && expires <= now ? [id] : [];
  });
}
