import { saveState, stateOf } from './runner.js';

/** The facts that the post step needs to remove a run. No secret is among them. */
export interface CleanupFacts {
  readonly id: string;
  readonly namespace: string;
  /** Address of the API server that it is on. */
  readonly server?: string | undefined;
  /** Where kubeconfigs were looked for, as KUBECONFIG has it: empty where it was not set, undefined where it is no paths but the content. */
  readonly kubeconfig?: string | undefined;
  /** Name of the kubeconfig's context that leads there. */
  readonly context?: string | undefined;
  /** URL of the workflow run's attempt, where there is one. */
  readonly workflow?: string | undefined;
  /** The name of the release that the run makes or replaces. */
  readonly release?: string | undefined;
  /** By what its Lease tells that it is this step which has it. */
  readonly holder?: string | undefined;
  /** Whether it may have a policy that rewrites names. */
  readonly policy?: boolean | undefined;
}

const BEGUN = 'begun';
/** The key of the facts that post needs. */
export const CLEANUP = 'cleanup';
const OUTPUT_DIRECTORY = 'output-directory';

/** Saves that main has begun, before it does anything: throws an ActionError where the runner takes no state. */
export function saveBegun(): void {
  saveState(BEGUN, 'true');
}

/** What post needs, in a state by its keys; undefined when nothing was written to the cluster. */
export function cleanupIn(state: (key: string) => string | undefined): CleanupFacts | undefined {
  const saved = state(CLEANUP);
  return saved ? (JSON.parse(saved) as CleanupFacts) : undefined;
}

/** Saves what post needs; called before the first write to the cluster. */
export function saveCleanup(facts: CleanupFacts): void {
  saveState(CLEANUP, JSON.stringify(facts));
}

/** What main saved, or undefined when main wrote nothing to the cluster. */
export function loadCleanup(): CleanupFacts | undefined {
  return cleanupIn(stateOf);
}

/** Saves where the files lie that outputs name, for the post step. */
export function saveOutputDirectory(path: string): void {
  saveState(OUTPUT_DIRECTORY, path);
}

/** Where these files lie, or undefined when main wrote none. */
export function loadOutputDirectory(): string | undefined {
  return stateOf(OUTPUT_DIRECTORY) || undefined;
}
