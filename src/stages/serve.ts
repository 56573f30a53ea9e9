import { type RegistryPod, startRegistry } from '../registry/bootstrap.js';
import type { Delivery } from '../run/run.js';
import type { RehearsedJob } from './job.js';
import type { Uploaded } from './upload.js';

/** Starts the registry on the first base that works; it goes on loading then. Throws ActionError. */
export function serve(
  job: RehearsedJob,
  delivery: Delivery,
  { paths }: Uploaded,
): Promise<RegistryPod> {
  return job.log.group('Start the registry', async (notes) => {
    const { client, bases, plan, signal } = job;
    const chunks = { chunks: paths, storeBytes: plan.storeBytes };
    const pod = await startRegistry(client, { ...delivery, bases, ...chunks }, signal);
    notes.outcome = `on ${pod.base.node}, started from ${pod.base.image}`;
    return pod;
  });
}
