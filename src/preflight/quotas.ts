import type { V1ResourceQuota } from '@kubernetes/client-node';
import type { ApiClient, RequestOptions } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { ActionError } from '../lib/errors.js';

/** How many objects a run will create, by the resource's plural name. */
export interface PlannedObjects {
  readonly configmaps: number;
  readonly pods: number;
  readonly services: number;
}

/**
 * Holds the planned objects against the namespace's ResourceQuotas. A user who may not read them
 * is not stopped: the server speaks up then when an object goes over. Returns how many ConfigMaps the
 * quotas leave, Infinity where none says. Throws an ActionError that names every quota that is too small.
 */
export async function checkQuotas(
  client: ApiClient,
  namespace: string,
  planned: PlannedObjects,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<number> {
  let quotas: V1ResourceQuota[];
  try {
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    quotas = (await client.list<V1ResourceQuota>(path, options)).items;
  } catch (error) {
    if (isFault(error, 'permission')) {
      return Number.POSITIVE_INFINITY;
    }
    throw error;
  }
  const exceeded = quotas.flatMap((quota) => exceededIn(quota, planned));
  if (exceeded.length > 0) {
    throw new ActionError(
      `The quotas of the namespace "${namespace}" are too small for this run: ${exceeded.join('; ')}; raise them or use another namespace.`,
    );
  }
  return Math.min(...quotas.flatMap(configMapsLeft), Number.POSITIVE_INFINITY);
}

function configMapsLeft({ spec, status }: V1ResourceQuota): number[] {
  return ['configmaps', 'count/configmaps'].flatMap((name) => {
    const limit = (status?.hard ?? spec?.hard)?.[name];
    return limit === undefined ? [] : [leftOf(limit, status?.used?.[name])];
  });
}

/** What a quota leaves too little of, each as words such as `quota "q" leaves 3 of 10 configmaps, 12 are needed`. */
export function exceededIn(quota: V1ResourceQuota, planned: PlannedObjects): string[] {
  // A quota with scopes counts some Pods only; the dry run of the Pods tells of those.
  if (quota.spec?.scopes !== undefined || quota.spec?.scopeSelector !== undefined) {
    return [];
  }
  const needs: Readonly<Record<string, number>> = {
    configmaps: planned.configmaps,
    'count/configmaps': planned.configmaps,
    pods: planned.pods,
    'count/pods': planned.pods,
    services: planned.services,
    'count/services': planned.services,
    'services.nodeports': planned.services,
  };
  const hard = quota.status?.hard ?? quota.spec?.hard ?? {};
  const used = quota.status?.used ?? {};
  return Object.entries(hard).flatMap(([name, limit]) => {
    const need = needs[name] ?? 0;
    const left = leftOf(limit, used[name]);
    return need > left
      ? [
          `quota "${quota.metadata?.name}" leaves ${Math.max(left, 0)} of ${limit} ${name}, ${need} are needed`,
        ]
      : [];
  });
}

function leftOf(limit: string, used = '0'): number {
  return plainNumber(limit) - plainNumber(used);
}

/** A quantity of objects; only `k` occurs beside plain digits. */
function plainNumber(quantity: string): number {
  const match = /^(\d+)(k?)$/.exec(quantity);
  return match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * (match[2] ? 1000 : 1);
}
