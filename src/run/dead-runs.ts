import { RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import type { LeasedRun } from './lease.js';
import type { OwnNamespace } from './namespace.js';
import { MANAGED_BY, type RunPlace } from './run.js';

/** Who has the Lease of a dead release, or of one whose last step is dead, while another run takes away what that left. */
export const REMOVER = `${MANAGED_BY}-removal`;

/** When and by whom the question is asked. */
export interface Asking {
  /** Milliseconds since 1970, the API server's clock. */
  readonly now: number;
  /** URL of the asking workflow run's attempt. */
  readonly workflow?: string | undefined;
}

/**
 * A run that is over; the last step alone of a release of which a delivery is in use. A step may come for a release at any
 * time, which by its `version` nobody has done yet.
 */
export type DeadRun = RunPlace & Pick<LeasedRun, 'kept' | 'lastDelivery' | 'release' | 'version'>;

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
 * Lease any more: no namespace takes that along where the run was given one. Of a release that is in use
 * only a step that still has it may be over, not what waits for the next one.
 */
export function deadRuns(
  { leased, namespaces, withPolicy }: Traces,
  { now, workflow }: Asking,
): DeadRun[] {
  const known = new Set(leased.map(({ id }) => id));
  const bare = namespaces
    .filter(({ id }) => !known.has(id))
    .map((place) => ({ ...place, expires: place.created + RUN_LEASE_SECONDS * 1000 }));
  const ending = leased.filter(({ kept, holder }) => kept === undefined || holder !== undefined);
  const over = [...ending, ...bare].filter(
    (run: DeadRun & Partial<LeasedRun> & { readonly expires: number }) =>
      run.expires <= now || (run.holder !== REMOVER && isEarlierAttempt(run.workflow, workflow)),
  );
  const found = new Set([...known, ...over.map(({ id }) => id)]);
  const unleased = withPolicy.filter(({ id }) => !found.has(id));
  return [
    ...over.map(({ id, namespace, version, kept, lastDelivery, release }: DeadRun) => ({
      ...{ id, namespace, version, kept, lastDelivery, release },
    })),
    ...unleased.map(({ id, namespace }) => ({ id, namespace })),
  ];
}

/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
export function isEarlierAttempt(first: string | undefined, second: string | undefined): boolean {
  const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
  return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
