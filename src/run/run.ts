import { randomBytes } from 'node:crypto';

/** The value of `app.kubernetes.io/managed-by` on everything that this action creates. */
export const MANAGED_BY = 'jackal-inject';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const RUN_LABEL = 'jackal-inject.dev/run';
export const ROLE_LABEL = 'jackal-inject.dev/role';
/** On an anchor: the moment (ISO 8601, the API server's clock) from which anyone may take the run away. */
export const EXPIRES_ANNOTATION = 'jackal-inject.dev/expires';
/** On an anchor: the URL of the attempt of a workflow run that the run belongs to. */
export const WORKFLOW_ANNOTATION = 'jackal-inject.dev/workflow';

/** What an object of a run is there for; the value of its role label. */
export type Role = 'anchor' | 'injector' | 'catalog' | 'chunk' | 'registry' | 'service' | 'proof';

/** One use of the action. */
export interface Run {
  /** Eight hex digits, part of every object's name and label. */
  readonly id: string;
  /**
   * 32 hex digits: the path under which the registry answers. A NodePort is open on every address
   * of a node, so this path is the key.
   */
  readonly secret: string;
  /** URL of the workflow run's attempt, where there is one. */
  readonly workflow?: string | undefined;
}

/** A new run with random id (32 bits) and secret (128 bits), of this attempt of a workflow run. */
export function newRun(workflow?: string): Run {
  return { id: randomBytes(4).toString('hex'), secret: randomBytes(16).toString('hex'), workflow };
}

/** The labels of an object of the run. */
export function labelsOf(runId: string, role: Role): Record<string, string> {
  return { [MANAGED_BY_LABEL]: MANAGED_BY, [RUN_LABEL]: runId, [ROLE_LABEL]: role };
}

/** The label selector for every object of the run, or for those of one role. */
export function selectorOf(runId: string, role?: Role): string {
  const run = `${MANAGED_BY_LABEL}=${MANAGED_BY},${RUN_LABEL}=${runId}`;
  return role === undefined ? run : `${run},${ROLE_LABEL}=${role}`;
}

/** The names of the run's objects. */
export const nameOf = {
  anchor: (runId: string) => `jackal-${runId}`,
  service: (runId: string) => `jackal-${runId}`,
  injector: (runId: string, architecture: string) => `jackal-${runId}-injector-${architecture}`,
  catalog: (runId: string) => `jackal-${runId}-catalog`,
  chunk: (runId: string, index: number) =>
    `jackal-${runId}-chunk-${index.toString().padStart(4, '0')}`,
  registry: (runId: string, attempt: number) => `jackal-${runId}-registry-${attempt}`,
  proof: (runId: string, node: number, attempt: number) =>
    `jackal-${runId}-proof-${node}-${attempt}`,
} as const;
