import type { V1ResourceQuota } from '@kubernetes/client-node';
import { QuotaExceeded } from '../../kube/quota.js';
import type { PodShape } from '../../run/shape.js';
import { quantityOf, thousandthsOf } from './quantity.js';

/** Which of a run's Pods have no deadline: those of a release, and those of DaemonSets, which know none. */
export interface Endless {
  readonly registry: boolean;
  readonly proofs: boolean;
}

const NONE_ENDLESS: Endless = { registry: false, proofs: false };

/** What a run will create. */
export interface PlannedObjects {
  readonly configmaps: number;
  /** Of each proof Pod the number of its containers. */
  readonly proofs: readonly number[];
  /** The same of couriers, which have a deadline, whatever other Pods have. */
  readonly couriers?: readonly number[];
  readonly endless?: Endless;
  readonly shape: PodShape;
  /** The priority class that admission gives its Pods, where it does. */
  readonly priorityClass?: string | undefined;
}

/**
 * Holds what a run will create, all of it together, against the namespace's ResourceQuotas. Returns how
 * many ConfigMaps they leave, Infinity where none says. Throws a QuotaExceeded that names every quota
 * that is too small.
 */
export function checkQuotas(
  namespace: string,
  quotas: readonly V1ResourceQuota[],
  planned: PlannedObjects,
): number {
  const exceeded = quotas.flatMap((quota) => exceededIn(quota, planned));
  if (exceeded.length > 0) {
    throw new QuotaExceeded(
      `The quotas of the namespace "${namespace}" are too small for this run: ${exceeded.join('; ')}; raise them or use another namespace.`,
    );
  }
  return Math.min(...quotas.flatMap(configMapsLeft), Number.POSITIVE_INFINITY);
}

function configMapsLeft(quota: V1ResourceQuota): number[] {
  return ['configmaps', 'count/configmaps'].flatMap((name) => {
    const left = leftOf(quota, name);
    return left === undefined ? [] : [Math.floor(left / 1000)];
  });
}

/** Of each resource's limits in thousandths what the quotas leave that count any of a run's Pods. */
export function limitsLeft(
  quotas: readonly V1ResourceQuota[],
  endless = NONE_ENDLESS,
): Map<string, number> {
  const left = new Map<string, number>();
  const counting = quotas.filter((quota) =>
    Object.values(endless).some((isEndless) => countsPods(quota, undefined, isEndless)),
  );
  for (const quota of counting) {
    for (const name of Object.keys(hardOf(quota)).filter((key) => key.startsWith('limits.'))) {
      const resource = name.slice('limits.'.length);
      const room = Math.max(0, leftOf(quota, name) ?? Number.POSITIVE_INFINITY);
      left.set(resource, Math.min(room, left.get(resource) ?? Number.POSITIVE_INFINITY));
    }
  }
  return left;
}

/** What a quota leaves too little of, each as words such as `quota "q" leaves 3 of 10 configmaps, 12 are needed`. */
export function exceededIn(quota: V1ResourceQuota, planned: PlannedObjects): string[] {
  const needs: Readonly<Record<string, number>> = {
    ...(!isScoped(quota) && counted({ configmaps: planned.configmaps })),
    ...podNeeds(planned, (isEndless) => countsPods(quota, planned.priorityClass, isEndless)),
  };
  return Object.entries(hardOf(quota)).flatMap(([name, hard]) => {
    const [need, left] = [needs[name] ?? 0, leftOf(quota, name)];
    return left !== undefined && need > left
      ? [
          `quota "${quota.metadata?.name}" leaves ${quantityOf(Math.max(left, 0))} of ${hard} ${name}, ${quantityOf(need)} are needed`,
        ]
      : [];
  });
}

/** Objects by the two names that a quota has for each, in thousandths. */
function counted(objects: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(objects).flatMap(([name, count]) => [
      [name, count * 1000],
      [`count/${name}`, count * 1000],
    ]),
  );
}

/** What all Pods that count need together, in thousandths, by the names that a quota has for it. */
function podNeeds(
  { proofs, couriers = [], endless = NONE_ENDLESS, shape }: PlannedObjects,
  counts: (isEndless: boolean) => boolean,
): Record<string, number> {
  const registries = counts(endless.registry) ? 1 : 0;
  const others = [...(counts(endless.proofs) ? proofs : []), ...(counts(false) ? couriers : [])];
  const containers = others.reduce((sum, count) => sum + count, 0);
  const needs = counted({ pods: others.length + registries });
  for (const side of ['requests', 'limits'] as const) {
    for (const [resource, quantity] of Object.entries(shape.registry[side])) {
      const each = thousandthsOf(shape.proof[side][resource]) ?? 0;
      const sum = registries * (thousandthsOf(quantity) ?? 0) + containers * each;
      needs[`${side}.${resource}`] = sum;
      if (side === 'requests') {
        needs[resource] = sum;
      }
    }
  }
  return needs;
}

function isScoped({ spec }: V1ResourceQuota): boolean {
  return (spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined;
}

/**
 * Whether a quota counts Pods of the run: those with a deadline Kubernetes calls terminating, and all have
 * limits, so they are not of the best effort (pkg/quota/v1/evaluator/core).
 */
function countsPods(
  { spec }: V1ResourceQuota,
  priorityClass: string | undefined,
  isEndless: boolean,
): boolean {
  const named = (spec?.scopes ?? []).map((scopeName) => ({
    scopeName,
    operator: 'Exists',
    values: undefined,
  }));
  return [...named, ...(spec?.scopeSelector?.matchExpressions ?? [])].every(
    ({ scopeName, operator, values = [] }) => {
      switch (scopeName) {
        case 'NotBestEffort':
          return true;
        case 'Terminating':
          return !isEndless;
        case 'NotTerminating':
          return isEndless;
        case 'PriorityClass':
          return matchesClass(operator, values, priorityClass);
        default:
          return false;
      }
    },
  );
}

function matchesClass(
  operator: string,
  values: readonly string[],
  name: string | undefined,
): boolean {
  switch (operator) {
    case 'Exists':
      return name !== undefined;
    case 'DoesNotExist':
      return name === undefined;
    case 'In':
      return name !== undefined && values.includes(name);
    default:
      return name === undefined || !values.includes(name);
  }
}

function hardOf({ spec, status }: V1ResourceQuota): Readonly<Record<string, string>> {
  return status?.hard ?? spec?.hard ?? {};
}

/** In thousandths; undefined for what is no quantity. */
function leftOf(quota: V1ResourceQuota, name: string): number | undefined {
  const hard = thousandthsOf(hardOf(quota)[name]);
  return hard === undefined ? undefined : hard - (thousandthsOf(quota.status?.used?.[name]) ?? 0);
}
