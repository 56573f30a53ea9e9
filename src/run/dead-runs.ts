import { RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import type { LeasedRun } from './lease.js';
import type { OwnNamespace } from './namespace.js';
import type { RunPlace } from './run.js';

/** When and by whom the question is asked. */
export interface Asking {
  /** Milliseconds since 1970, the API server's clock. */
  readonly now: number;
  /** URL of the asking workflow run's attempt. */
  readonly workflow?: string | undefined;
}

/** A run that is over. */
export interface DeadRun extends RunPlace {
  /** Of a release: the `resourceVersion` of its Lease by which it is dead; a step may come for it at any time. */
  readonly version?: string | undefined;
}

/** What is known of the other runs. */
export interface Traces {
  readonly leased: readonly LeasedRun[];
  /** The namespaces of their own that were there before `leased` was asked for. */
  readonly namespaces: readonly OwnNamespace[];
  /** Those that had a policy before `leased` was asked for; only such as would be in `leased` if they had a Lease. */
  readonly withPolicy: readonly RunPlace[];
}

/**
 * The runs that are over by what their Leases say: their time has come, or they belong to an earlier
 * attempt of the workflow run. GitHub starts an attempt only when the one before has ended. A run of the
 * same attempt may be alive: another job of it, or another use of the action in one job. And the
 * namespaces of runs that were killed before they had a Lease, by the same rules. And runs that have a policy and no
 * Lease any more: no namespace takes that along where the run was given one. A release that is in use is no such run,
 * whatever became of its last step.
 */
export function deadRuns(
  { leased, namespaces, withPolicy }: Traces,
  { now, workflow }: Asking,
): DeadRun[] {
  const known = new Set(leased.map(({ id }) => id));
  const bare = namespaces
    .filter(({ id }) => !known.has(id))
    .map((place) => ({
      ...place,
      version: undefined,
      expires: place.created + RUN_LEASE_SECONDS * 1000,
    }));
  const ending = leased.filter(({ kept }) => kept === undefined);
  const over = [...ending, ...bare].filter(
    (run) => run.expires <= now || isEarlierAttempt(run.workflow, workflow),
  );
  const found = new Set([...known, ...over.map(({ id }) => id)]);
  const unleased = withPolicy.filter(({ id }) => !found.has(id));
  return [
    ...over.map(({ id, namespace, version }) => ({ id, namespace, ...(version && { version }) })),
    ...unleased.map(({ id, namespace }) => ({ id, namespace })),
  ];
}

/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
export function isEarlierAttempt(first: string | undefined, second: string | undefined): boolean {
  const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
  return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
