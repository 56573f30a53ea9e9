import type { V1Lease } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import type { Owner } from '../../kube/protobuf.js';
import { backoff } from '../../kube/retry.js';
import { ActionError } from '../../lib/errors.js';
import {
  CLEANUP_TIMEOUT_SECONDS,
  DELIVERIES_PER_STEP_MAX,
  RUN_LEASE_SECONDS,
} from '../../lib/limits/run.js';
import { rest } from '../../lib/waiting.js';
import { isEarlierAttempt } from '../dead-runs.js';
import {
  CONFIGMAP_BYTES_ANNOTATION,
  DELIVERIES_ANNOTATION,
  type Held,
  KEPT_ANNOTATION,
  leasedRun,
  leasedRunOf,
  leasePath,
  microTime,
  ownerOf,
  PATH_ANNOTATION,
  patchAsHolder,
  ROUTE_ANNOTATION,
  takenOver,
  WORKFLOW_ANNOTATION,
} from '../lease.js';
import { MANAGED_BY, type Run, type RunPlace } from '../run.js';

/** A release that a step goes on with. */
export interface TakenRelease {
  readonly owner: Owner;
  /** The path under which its registry answers. */
  readonly secret: string;
  /** The number of the step's first delivery. */
  readonly firstDelivery: number;
  /** The delivery that is in use, if a step has come to its end. */
  readonly kept: number | undefined;
  /** When it was first made: milliseconds since 1970 by the API server's clock. */
  readonly since: number;
  /** The route by which nodes come to its registry, if one has. */
  readonly route: string | undefined;
}

/**
 * Takes the Lease of a release that is there, for one step at a time; undefined when there is none. Throws an
 * ActionError while another step has it, ApiError.
 */
export async function takeRelease(
  client: ApiClient,
  run: Run,
  configMapBytes: number,
  signal: AbortSignal,
): Promise<TakenRelease | undefined> {
  const path = leasePath(run);
  const lease = await client.find<V1Lease>(path, { signal });
  if (lease === undefined) {
    return undefined;
  }
  const { created: since = 0, expires = 0, holder, workflow, kept } = leasedRunOf(lease) ?? {};
  const isDead =
    expires <= client.now() || (holder !== REMOVER && isEarlierAttempt(workflow, run.workflow));
  if (holder !== undefined && !isDead) {
    throw inOtherHands(run, workflow);
  }
  const { resourceVersion, annotations = {} } = lease.metadata ?? {};
  const firstDelivery = Number(annotations[DELIVERIES_ANNOTATION] ?? 0) + 1;
  const now = microTime(client.now());
  const patch = {
    metadata: {
      resourceVersion,
      annotations: {
        [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes),
        [WORKFLOW_ANNOTATION]: run.workflow ?? null,
        [DELIVERIES_ANNOTATION]: String(firstDelivery + DELIVERIES_PER_STEP_MAX - 1),
      },
    },
    spec: {
      holderIdentity: run.holder,
      acquireTime: now,
      renewTime: now,
      leaseDurationSeconds: RUN_LEASE_SECONDS,
    },
  };
  const taken = await client.patch<V1Lease>(path, patch, { signal }).catch(async (error) => {
    if (!isFault(error, 'conflict')) throw error;
    // An earlier attempt may have succeeded unnoticed.
    const now = await client.get<V1Lease>(path, { signal });
    if (now.spec?.holderIdentity === run.holder) return now;
    throw inOtherHands(run);
  });
  const secret = annotations[PATH_ANNOTATION] ?? run.secret;
  const route = annotations[ROUTE_ANNOTATION];
  return { owner: ownerOf(taken as ApiObject), secret, firstDelivery, kept, since, route };
}

/** What a step is told that comes while another one has the release. */
export function inOtherHands({ release }: Run, workflow?: string): ActionError {
  const who = workflow === undefined ? '' : ` (${workflow})`;
  return new ActionError(
    `Another step is replacing the release "${release}" right now${who}; run this one when that has ended, or have the workflow's \`concurrency\` see to it.`,
  );
}

/** What of a release is in use when a step has come to its end. */
export interface InUse {
  readonly delivery: number;
  readonly route: string;
}

/**
 * Says on a release's Lease what is in use from now on. Throws a ReleaseLost when another step has taken the release over,
 * since this one was silent for too long, ApiError.
 */
export async function putInUse(
  client: ApiClient,
  run: Run,
  { delivery, route }: InUse,
  signal: AbortSignal,
): Promise<void> {
  const annotations = { [KEPT_ANNOTATION]: String(delivery), [ROUTE_ANNOTATION]: route };
  const patch = () => ({
    metadata: { annotations },
    spec: { renewTime: microTime(client.now()) },
  });
  if (!(await patchAsHolder(client, run, patch, { signal }))) {
    throw takenOver(run);
  }
}

/** Gives a release's Lease back to whoever comes next, unless another step has it already. Throws ApiError. */
export async function leaveRelease(
  client: ApiClient,
  run: Held,
  signal: AbortSignal,
): Promise<void> {
  await patchAsHolder(client, run, () => ({ spec: { holderIdentity: null } }), { signal });
}

/** Who has the Lease of a release that is dead and never was in use, and is being removed by another run. */
const REMOVER = `${MANAGED_BY}-removal`;

/**
 * Takes the Lease of a dead release, so that no step goes on with what is about to be removed; false when a step has it
 * again, or another run. Throws ApiError.
 *
 * @param version the Lease's `resourceVersion` when it was found to be dead
 */
export async function takeForRemoval(
  client: ApiClient,
  run: RunPlace,
  version: string,
  signal: AbortSignal,
): Promise<boolean> {
  const patch = {
    metadata: { resourceVersion: version },
    spec: {
      holderIdentity: REMOVER,
      renewTime: microTime(client.now()),
      leaseDurationSeconds: CLEANUP_TIMEOUT_SECONDS,
    },
  };
  try {
    await client.patch<V1Lease>(leasePath(run), patch, { signal });
    return true;
  } catch (error) {
    if (isFault(error, 'conflict', 'not-found')) return false;
    throw error;
  }
}

/** Waits while a dead release is being removed that a step comes for. Throws ApiError. */
export async function untilRemoved(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    const { holder, expires = 0 } = (await leasedRun(client, run, signal)) ?? {};
    if (holder !== REMOVER || expires <= client.now()) return;
    await rest(backoff(attempts), signal);
  }
}
