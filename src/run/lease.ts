import type { V1Lease } from '@kubernetes/client-node';
import type { ApiClient, ApiObject, RequestOptions } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import { DELIVERIES_PER_STEP_MAX, RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import {
  isRunId,
  labelsFor,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  nameOf,
  RELEASE_LABEL,
  ROLE_LABEL,
  RUN_LABEL,
  type Run,
  type RunPlace,
} from './run.js';

/** On a Lease: the URL of the attempt of a workflow run that the run belongs to. */
export const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';
/** On a Lease: the bytes that the run has in ConfigMaps or is about to put there. */
export const CONFIGMAP_BYTES_ANNOTATION = 'jackal-inject.dev/configmap-bytes';

const LEASES = '/apis/coordination.k8s.io/v1';

/** On a release's Lease: the path under which its registry answers, the same from step to step. */
export const PATH_ANNOTATION = 'jackal-inject.dev/path';
/** On a release's Lease: the highest number that a delivery may have had so far. */
export const DELIVERIES_ANNOTATION = 'jackal-inject.dev/deliveries';
/** On a release's Lease: the delivery that is in use. */
export const KEPT_ANNOTATION = 'jackal-inject.dev/kept-delivery';

/** On a release's Lease: the route by which nodes come to its registry. */
export const ROUTE_ANNOTATION = 'jackal-inject.dev/route';

/** Path of the Leases of a namespace, or of all when there is none. */
export function leasesPath(namespace?: string): string {
  return namespace === undefined ? `${LEASES}/leases` : `${LEASES}/namespaces/${namespace}/leases`;
}

/** Path of a run's Lease. */
export function leasePath({ id, namespace }: RunPlace): string {
  return `${leasesPath(namespace)}/${nameOf.lease(id)}`;
}

/** A run as its Lease tells of it. */
export interface LeasedRun extends RunPlace {
  /** Milliseconds since 1970 by the API server's clock: when the run counts as dead. */
  readonly expires: number;
  readonly workflow?: string | undefined;
  readonly configMapBytes: number;
  /** The name of a release. */
  readonly release?: string | undefined;
  /** Milliseconds since 1970 by the API server's clock, in whole seconds. */
  readonly created: number;
  /** The `resourceVersion`: a number that grows with each write of any Lease, in the order in which these come to be seen. */
  readonly written: number;
  /** Whether it was written again since the step that has it planned what it has in ConfigMaps. */
  readonly isRenewed: boolean;
  /** The delivery of a release that is in use: such a run is never dead. */
  readonly kept?: number | undefined;
  /** The highest number that a delivery of a release may have had so far. */
  readonly lastDelivery?: number | undefined;
  /** The step that has it; none where a release waits for the next one. */
  readonly holder?: string | undefined;
  /** Of a release: the `resourceVersion` by which nobody has changed the Lease since. */
  readonly version?: string | undefined;
}

/**
 * Creates the run's Lease, which says that the run is alive for some minutes, of which attempt of a
 * workflow run it is and how many bytes it will put into ConfigMaps. It owns all other objects of the
 * run: with it gone, the cluster's garbage collector takes the rest. Returns it as their owner, without
 * `blockOwnerDeletion`, which some clusters guard. Throws ApiError.
 */
export async function createLease(
  client: ApiClient,
  run: Run,
  configMapBytes: number,
  signal: AbortSignal,
): Promise<Owner> {
  const name = nameOf.lease(run.id);
  const annotations = {
    [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes),
    ...(run.workflow && { [WORKFLOW_ANNOTATION]: run.workflow }),
    ...(run.release !== undefined && {
      [PATH_ANNOTATION]: run.secret,
      [DELIVERIES_ANNOTATION]: String(DELIVERIES_PER_STEP_MAX - 1),
    }),
  };
  const now = microTime(client.now());
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, labels: labelsFor(run, 'lease'), annotations },
    spec: {
      holderIdentity: run.holder ?? MANAGED_BY,
      leaseDurationSeconds: RUN_LEASE_SECONDS,
      acquireTime: now,
      renewTime: now,
    },
  };
  const object = lease as ApiObject;
  return ownerOf(await client.create(leasesPath(run.namespace), object, { signal }));
}

/** A Lease as the owner of other objects. */
export function ownerOf({ metadata }: ApiObject): Owner {
  const { name = '', uid = '' } = metadata ?? {};
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
}

/** The run of a Lease as it is now; undefined when there is none. Throws ApiError. */
export async function leasedRun(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<LeasedRun | undefined> {
  const lease = await client.find<V1Lease>(leasePath(run), { signal });
  return lease && leasedRunOf(lease);
}

/** What a renewal says besides that the run is alive. */
export interface Renewal {
  /** For how long from now on. */
  readonly seconds: number;
  readonly configMapBytes?: number;
  /** Whether these bytes are planned only now, so that whatever others have planned before counts. */
  readonly isNewPlan?: boolean;
}

/**
 * Makes the Lease say that the run is alive from now on for so many seconds. Throws ApiError, and a RunLost when it is not
 * this step's any more: another one has taken the release over, or the run away.
 */
export async function renewLease(
  client: ApiClient,
  run: Held,
  { seconds, configMapBytes, isNewPlan }: Renewal,
  options: Pick<RequestOptions, 'signal' | 'patienceSeconds'>,
): Promise<void> {
  const patch = () => {
    const now = microTime(client.now());
    return {
      ...(configMapBytes !== undefined && {
        metadata: { annotations: { [CONFIGMAP_BYTES_ANNOTATION]: String(configMapBytes) } },
      }),
      spec: {
        renewTime: now,
        leaseDurationSeconds: seconds,
        ...(isNewPlan && { acquireTime: now }),
      },
    };
  };
  try {
    if (!(await patchAsHolder(client, run, patch, options))) throw takenOver(run);
  } catch (error) {
    throw isFault(error, 'not-found') ? takenAway(error) : error;
  }
}

/** A run by what its Lease is changed: nobody else has that of an id which nobody can guess. */
export type Held = RunPlace & Pick<Run, 'release' | 'holder'>;

/** Throws a RunLost when the run is not this step's any more, ApiError. */
export async function expectHeld(client: ApiClient, run: Held, signal: AbortSignal): Promise<void> {
  const lease = await client.find<V1Lease>(leasePath(run), { signal });
  if (lease === undefined) throw takenAway();
  if (!isHeldBy(run, lease)) throw takenOver(run);
}

/** Nobody takes over a run that is no release. */
function isHeldBy({ release, holder }: Held, { spec }: V1Lease): boolean {
  return release === undefined || spec?.holderIdentity === holder;
}

/**
 * Changes the Lease of a run while this step has it; false when another has the release by now. The patch is made when the API server
 * has just answered: on a machine that slept the time by its clock is an old one until then. Throws ApiError.
 */
export async function patchAsHolder(
  client: ApiClient,
  run: Held,
  patchNow: () => { readonly metadata?: object; readonly spec?: object },
  options: Pick<RequestOptions, 'signal' | 'patienceSeconds'>,
): Promise<boolean> {
  const path = leasePath(run);
  for (;;) {
    const lease = await client.get<V1Lease>(path, options);
    if (!isHeldBy(run, lease)) {
      return false;
    }
    const { resourceVersion } = lease.metadata ?? {};
    try {
      const patch = patchNow();
      const held = { ...patch, metadata: { ...patch.metadata, resourceVersion } };
      await client.patch<V1Lease>(path, held, options);
      return true;
    } catch (error) {
      // A renewal came between.
      if (!isFault(error, 'conflict')) throw error;
    }
  }
}

/** The run is not this step's any more: what comes next of it would be done to another's, or to nobody's. */
export class RunLost extends ActionError {}

/** Another step has the release by now. */
export class ReleaseLost extends RunLost {}

/** What a step is told whose Lease is gone. */
function takenAway(cause?: unknown): RunLost {
  return new RunLost(
    `The run was taken away while it went on: its Lease is gone, for it was not heard of for ${RUN_LEASE_SECONDS} s, or somebody has deleted it or its namespace; run the step again.`,
    { cause },
  );
}

/** What a step is told whose release another one has taken over. */
export function takenOver({ release }: Held): ReleaseLost {
  return new ReleaseLost(
    `Another step has taken over the release "${release}", since this one was not heard of for ${RUN_LEASE_SECONDS} s; run this one again when that has ended.`,
  );
}

/** Deletes the Lease; false when it was not there. Throws ApiError. */
export async function deleteLease(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<boolean> {
  return client.delete(leasePath(run), { signal });
}

/**
 * The runs in the namespace, or in the whole cluster when there is none: also those that are dead.
 * Throws ApiError.
 */
export async function leasedRuns(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<LeasedRun[]> {
  const query = { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY},${ROLE_LABEL}=lease` };
  const { items } = await client.list<V1Lease>(leasesPath(namespace), { query, signal });
  return items.flatMap((lease) => leasedRunOf(lease) ?? []);
}

/** A run by its Lease; undefined for a Lease that this action has not written. */
export function leasedRunOf({ metadata, spec }: V1Lease): LeasedRun | undefined {
  const { labels, annotations, namespace, name, creationTimestamp } = metadata ?? {};
  const id = labels?.[RUN_LABEL] ?? '';
  const renewed = Date.parse(String(spec?.renewTime ?? ''));
  if (!isRunId(id) || namespace === undefined || name !== nameOf.lease(id)) {
    return undefined;
  }
  return {
    id,
    namespace,
    expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1000,
    workflow: annotations?.[WORKFLOW_ANNOTATION],
    configMapBytes: Number(annotations?.[CONFIGMAP_BYTES_ANNOTATION] ?? 0) || 0,
    created: Date.parse(String(creationTimestamp ?? '')),
    written: Number(metadata?.resourceVersion),
    isRenewed: spec?.acquireTime !== spec?.renewTime,
    holder: spec?.holderIdentity,
    release: labels?.[RELEASE_LABEL],
    ...(annotations?.[DELIVERIES_ANNOTATION] && {
      lastDelivery: Number(annotations[DELIVERIES_ANNOTATION]),
      version: metadata?.resourceVersion,
    }),
    ...(annotations?.[KEPT_ANNOTATION] && { kept: Number(annotations[KEPT_ANNOTATION]) }),
  };
}

/** A moment as Kubernetes' MicroTime is written: RFC 3339 with six digits behind the second. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
