import type { Cluster } from '../../cluster/cluster.js';
import { peakOf, type Runner, type Step, type StepResult } from '../runner.js';
import { type Counted, countRequests } from './requests.js';

/** A whole job, and what it took. */
export interface CountedRun {
  readonly main: StepResult;
  readonly post: StepResult;
  /** Requests of both steps. */
  readonly requests: readonly Counted[];
  /** The most memory that the main step has had resident, in bytes. */
  readonly peakBytes: number;
}

/**
 * Runs the main step and the post step of a job over a way that counts its requests.
 *
 * @param during called when the main step has started
 */
export async function countedRun(
  runner: Runner,
  cluster: Cluster,
  given: Readonly<Record<string, string>>,
  during: (step: Step) => Promise<void> = async () => undefined,
): Promise<CountedRun> {
  const way = await countRequests(cluster);
  try {
    const inputs = { kubeconfig: way.kubeconfig, ...given };
    const step = await runner.start({ inputs });
    const peak = peakOf(step.process.pid as number, step.ended);
    await during(step);
    const main = await step.ended;
    const post = await runner.run({ inputs, state: main.state });
    return { main, post, requests: way.requests, peakBytes: await peak };
  } finally {
    await way.close();
  }
}
