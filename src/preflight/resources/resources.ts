import {
  PROOF_CPU,
  PROOF_CPU_LEAST,
  PROOF_MEMORY,
  PROOF_MEMORY_LEAST,
  REGISTRY_CPU,
  REGISTRY_CPU_LEAST,
  REGISTRY_MEMORY,
  SMALL_CPU,
  SMALL_MEMORY,
  UNCOUNTED_REGISTRIES_MIN,
} from '../../lib/limits/pods.js';
import { MIB } from '../../lib/limits/units.js';
import type { ContainerResources, PodShape } from '../../run/shape.js';
import { boundsOf, type Ranges, speaksOf } from './limit-ranges.js';
import { quantityOf, thousandthsOf } from './quantity.js';

/** The Pods that a run will have at a time. */
export interface PlannedPods {
  /** Of each Pod besides the registry's, proofs above all, the number of its containers. */
  readonly proofs: readonly number[];
  /** Whether more such Pods may come than are told, as where nobody may list the nodes. */
  readonly mayBeMore?: boolean;
  /** Bytes that a kubelet counts as the registry's disk, besides its log. */
  readonly diskBytes: number;
}

/** What a namespace asks of resources. */
export interface Rules {
  readonly ranges: Ranges;
  /** Of each resource's limits in thousandths what the quotas leave; none where they say nothing. */
  readonly limitsLeft: ReadonlyMap<string, number>;
  /** Requests have to be more than nothing. */
  readonly requestSome: boolean;
}

/** Of one resource of one container: the limit that serves best, the least that will do, a small request. */
interface Wish {
  readonly best: number;
  readonly least: number;
  readonly small: number;
  /** What it cannot do without: a rule that allows less is to refuse it, not to have it die later. */
  readonly vital?: number;
}

interface Wishes {
  readonly registry: Wish;
  readonly proof: Wish;
}

function wish(best: string, least: string, small: string): Wish {
  const [a = 0, b = 0, c = 0] = [best, least, small].map(thousandthsOf);
  return { best: a, least: b, small: c };
}

/** What is stated of disk alone where something speaks of it. */
export const DISK = 'ephemeral-storage';

/** Bytes of disk of a container that writes nothing but its log. */
const LOG_BYTES = 16 * MIB;

function wishesOf({ diskBytes }: PlannedPods): Readonly<Record<string, Wishes>> {
  const disk = (bytes: number) => {
    const best = Math.ceil(bytes / MIB) * MIB * 1000;
    return { best, least: best, small: 1000 };
  };
  const ofRegistry = disk(diskBytes + LOG_BYTES);
  return {
    cpu: {
      registry: wish(REGISTRY_CPU, REGISTRY_CPU_LEAST, SMALL_CPU),
      proof: wish(PROOF_CPU, PROOF_CPU_LEAST, SMALL_CPU),
    },
    memory: {
      registry: wish(REGISTRY_MEMORY, REGISTRY_MEMORY, SMALL_MEMORY),
      proof: wish(PROOF_MEMORY, PROOF_MEMORY_LEAST, SMALL_MEMORY),
    },
    [DISK]: { registry: { ...ofRegistry, vital: ofRegistry.best }, proof: disk(LOG_BYTES) },
  };
}

/**
 * Requests and limits that the rules admit: requests as small as may be, limits so that all Pods
 * together fit into what the quotas leave. What cannot fit is left to be refused. CPU and memory are
 * always stated, disk only where a rule or a default speaks of it.
 */
export function resourcesFor(
  pods: PlannedPods,
  rules: Rules,
): Pick<PodShape, 'registry' | 'proof'> {
  const registry: Fitted = {};
  const proof: Fitted = {};
  for (const [resource, wishes] of Object.entries(wishesOf(pods))) {
    const always = resource !== DISK;
    if (always || speaksOf(rules.ranges, resource) || rules.limitsLeft.has(resource)) {
      const limits = sharedLimits(resource, wishes, pods, rules);
      const most = Math.max(1, ...pods.proofs);
      const fewest = Math.max(1, Math.min(...pods.proofs, most));
      registry[resource] = fitted(resource, wishes.registry, limits.registry, rules, [1, 1]);
      proof[resource] = fitted(resource, wishes.proof, limits.proof, rules, [fewest, most]);
    }
  }
  return { registry: written(registry), proof: written(proof) };
}

type Fitted = Record<string, { readonly request: number; readonly limit: number }>;

function written(fitted: Fitted): ContainerResources {
  const side = (which: 'request' | 'limit') =>
    Object.fromEntries(
      Object.entries(fitted).map(([resource, values]) => [resource, quantityOf(values[which])]),
    );
  return { requests: side('request'), limits: side('limit') };
}

/**
 * The limits at their best where the quotas leave room, else what they leave, shared by the proofs. How many share it may not
 * be known: what the quotas limit is then the least for each, so that it suffices for as many as may be.
 */
function sharedLimits(
  resource: string,
  { registry, proof }: Wishes,
  { proofs, mayBeMore = false }: PlannedPods,
  { limitsLeft }: Rules,
): { registry: number; proof: number } {
  const containers = proofs.reduce((sum, count) => sum + count, 0);
  const left = limitsLeft.get(resource) ?? Number.POSITIVE_INFINITY;
  if (mayBeMore && left < Number.POSITIVE_INFINITY) {
    const isSmall = registry.best * UNCOUNTED_REGISTRIES_MIN <= left;
    return { registry: isSmall ? registry.best : registry.least, proof: proof.least };
  }
  const share = (of: Wish, used: number) =>
    down(resource, Math.min(of.best, (left - used) / containers));
  for (const taken of [registry.best, registry.least]) {
    const each = containers === 0 ? proof.best : share(proof, taken);
    if (each >= proof.least && taken <= left) {
      return { registry: taken, proof: each };
    }
  }
  return { registry: registry.least, proof: proof.least };
}

/** Fits one resource of a container to the limit ranges; its Pod has so many of them, at least and at most. */
function fitted(
  resource: string,
  { least, small, vital = 0 }: Wish,
  wanted: number,
  { ranges, requestSome }: Rules,
  [fewest, most]: readonly [number, number],
): Fitted[string] {
  const [own, whole] = [boundsOf(ranges, 'Container', resource), boundsOf(ranges, 'Pod', resource)];
  const min = up(resource, Math.max(own.min, whole.min / fewest));
  const max = down(resource, Math.min(own.max, whole.max / most));
  const ratio = Math.min(own.ratio, whole.ratio) / 1000;
  const limit = Math.max(Math.min(wanted, max, Math.max(least, small * ratio, min)), min, vital);
  const request = Math.max(min, requestSome ? Math.min(small, limit) : 0);
  return { limit, request: Math.max(request, up(resource, limit / ratio)) };
}

/** CPU is counted in thousandths, all else in whole bytes. */
function grain(resource: string): number {
  return resource === 'cpu' ? 1 : 1000;
}

function up(resource: string, value: number): number {
  return Math.ceil(value / grain(resource)) * grain(resource);
}

function down(resource: string, value: number): number {
  return Math.floor(value / grain(resource)) * grain(resource);
}
