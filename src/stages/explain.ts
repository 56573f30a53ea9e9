import { info } from '../host/runner.js';
import { WARNINGS_ASK_SECONDS } from '../lib/limits/run.js';
import type { OpenRun } from '../run/run.js';
import { clusterWarnings } from '../run/warnings.js';
import type { PreparedJob } from './job.js';

/** Tells, after a failure, what the cluster has warned of about the run's objects; never throws. */
export async function explain({ client }: PreparedJob, run: OpenRun): Promise<void> {
  const signal = AbortSignal.timeout(WARNINGS_ASK_SECONDS * 1000);
  for (const warning of await clusterWarnings(client, run, signal)) {
    info(`The cluster warned: ${warning}`);
  }
}
