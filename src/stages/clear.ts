import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import type { RegistryLost } from '../registry/fault.js';
import { clearRun } from '../run/remove.js';
import type { OpenRun } from '../run/run.js';
import type { PreparedJob } from './job.js';

/** Takes away what a lost registry leaves of its delivery, so that another one can begin. Throws ApiError. */
export function clear(job: PreparedJob, run: OpenRun, lost: RegistryLost): Promise<void> {
  warning(`${sentenceOf(lost)} Its part of this run is done anew.`);
  return job.log.group('Clear away', () => clearRun(job.client, run, job.signal));
}
