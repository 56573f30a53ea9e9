import type { ApiClient, ApiObject } from '../kube/client.js';
import { type NamespaceOptions, otherAnchors } from './namespace.js';
import { EXPIRES_ANNOTATION, RUN_LABEL, WORKFLOW_ANNOTATION } from './run.js';

/** A run that looks for dead ones in its namespace. */
export interface Seeker extends NamespaceOptions {
  /** As `Run` has it. */
  readonly workflow?: string | undefined;
}

/**
 * Ids of the other runs in the namespace whose runner is gone and did not clean up; whoever comes
 * by takes them away. Throws ApiError.
 */
export async function deadRuns(client: ApiClient, seeker: Seeker): Promise<string[]> {
  const anchors = await otherAnchors(client, seeker);
  return deadAmong(anchors, { now: client.now(), workflow: seeker.workflow });
}

/**
 * Ids of the runs that are over by what their anchors say: their time has come at `now` (milliseconds
 * since 1970, the API server's clock), or they belong to an earlier attempt of the workflow run
 * whose attempt is `workflow`. GitHub starts an attempt only when the one before has ended. A run of
 * the same attempt may be alive: another job of it, or another use of the action in one job.
 */
export function deadAmong(
  anchors: readonly ApiObject[],
  { now, workflow }: { readonly now: number; readonly workflow?: string | undefined },
): string[] {
  return anchors.flatMap(({ metadata }) => {
    const id = metadata?.labels?.[RUN_LABEL];
    const expires = Date.parse(metadata?.annotations?.[EXPIRES_ANNOTATION] ?? '');
    const theirs = metadata?.annotations?.[WORKFLOW_ANNOTATION];
    const dead = expires <= now || isEarlierAttempt(theirs, workflow);
    return id !== undefined && dead ? [id] : [];
  });
}

/** Whether two URLs name attempts of one workflow run, and the first one came before the second. */
function isEarlierAttempt(first: string | undefined, second: string | undefined): boolean {
  const [one, other] = [first, second].map((url) => /^(.+\/attempts\/)(\d+)$/.exec(url ?? ''));
  return one?.[1] !== undefined && one[1] === other?.[1] && Number(one[2]) < Number(other[2]);
}
