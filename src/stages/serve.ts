import { type RegistryPod, startRegistry } from '../registry/bootstrap.js';
import { createClaim } from '../registry/claim.js';
import { leadService } from '../registry/service.js';
import type { Delivery } from '../run/run.js';
import type { RehearsedJob } from './job.js';
import { storeBytesOf } from './rehearse/delivery.js';
import type { Uploaded } from './upload.js';

/** Starts the registry on the first base that works; it goes on loading then. Throws ActionError. */
export function serve(
  job: RehearsedJob,
  delivery: Delivery,
  { paths }: Uploaded,
): Promise<RegistryPod> {
  return job.log.group('Start the registry', async (notes) => {
    const { client, bases, log, signal } = job;
    const storeBytes = storeBytesOf(job, delivery);
    if (delivery.hasClaim) {
      await createClaim(client, { ...delivery, storeBytes }, signal);
    }
    const onWaiting = (node: string, words: string) => log.waiting(node, words);
    const plan = { ...delivery, bases, chunks: paths, storeBytes, onWaiting };
    const pod = await startRegistry(client, plan, signal);
    job.traffic.servedFrom(pod.base.node);
    if (delivery.leadsLater) {
      await leadService(client, delivery, signal);
    }
    notes.outcome = `on ${pod.base.node}, started from ${pod.base.image}`;
    return pod;
  });
}
