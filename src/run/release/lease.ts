import type { V1Lease } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import type { Owner } from '../../kube/protobuf.js';
import { ActionError } from '../../lib/errors.js';
import { DELIVERIES_PER_STEP_MAX, RUN_LEASE_SECONDS } from '../../lib/limits/run.js';
import { isEarlierAttempt } from '../dead-runs.js';
import {
  CONFIGMAP_BYTES_ANNOTATION,
  DELIVERIES_ANNOTATION,
  KEPT_ANNOTATION,
  leasedRunOf,
  leasePath,
  microTime,
  ownerOf,
  PATH_ANNOTATION,
  ROUTE_ANNOTATION,
  WORKFLOW_ANNOTATION,
} from '../lease.js';
import type { Run, RunPlace } from '../run.js';

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
  const isDead = expires <= client.now() || isEarlierAttempt(workflow, run.workflow);
  if (holder !== undefined && !isDead) {
    throw inOtherHands(run, workflow);
  }
  const { resourceVersion, annotations = {} } = lease.metadata ?? {};
  const firstDelivery = Number(annotations[DELIVERIES_ANNOTATION] ?? 0) + 1;
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
      renewTime: microTime(client.now()),
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
 * Says on a release's Lease what is in use from now on. Throws an ActionError when another step has taken the release over,
 * since this one was silent for too long, ApiError.
 */
export async function putInUse(
  client: ApiClient,
  run: Run,
  { delivery, route }: InUse,
  signal: AbortSignal,
): Promise<void> {
  const path = leasePath(run);
  const annotations = { [KEPT_ANNOTATION]: String(delivery), [ROUTE_ANNOTATION]: route };
  for (;;) {
    const { metadata, spec } = await client.get<V1Lease>(path, { signal });
    if (spec?.holderIdentity !== run.holder) {
      throw new ActionError(
        `Another step has taken over the release "${run.release}", since this one was not heard of for ${RUN_LEASE_SECONDS} s; run this one again when that has ended.`,
      );
    }
    const patch = { metadata: { resourceVersion: metadata?.resourceVersion, annotations } };
    try {
      await client.patch<V1Lease>(path, patch, { signal });
      return;
    } catch (error) {
      // A renewal came between.
      if (!isFault(error, 'conflict')) throw error;
    }
  }
}

/** Gives a release's Lease back to whoever comes next. Throws ApiError. */
export async function leaveRelease(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  await client.patch<ApiObject>(leasePath(run), { spec: { holderIdentity: null } }, { signal });
}
