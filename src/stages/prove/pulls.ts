import { PULLS_READ_SECONDS } from '../../lib/limits/couriers.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { readLog } from '../../registry/log.js';
import { type Delivery, isFirst } from '../../run/run.js';
import type { RehearsedJob } from '../job.js';

/**
 * Books, when all is proven, what nodes pulled by the registry's log: who hears of demands stops then, wherever they are.
 * Only a stream is believed without it: the registry tells of a pull on the stream itself. Of an earlier registry, which is
 * lost, nobody reads any more. Throws what the proof throws, and the signal's reason.
 */
export async function bookPulls(
  { client, plan, rights, traffic }: Pick<RehearsedJob, 'client' | 'plan' | 'rights' | 'traffic'>,
  delivery: Delivery,
  { registry, proven }: { registry: Pick<RegistryPod, 'name'>; proven: Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  await proven;
  const { namespace } = delivery;
  const onPulled = (digest: string, size: number, from: string) =>
    traffic.pulled(from, digest, size);
  const isWhole =
    rights.hear &&
    (await readLog(client, namespace, registry.name, { onPulled }, signal, PULLS_READ_SECONDS));
  if (plan.carrier !== 'stream' && !(isWhole && isFirst(delivery))) {
    traffic.cannotCount();
  }
}
