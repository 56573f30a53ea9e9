import type { V1Pod } from '@kubernetes/client-node';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { failWithRegistry } from '../../registry/fault.js';
import { hasVerifiedAll } from '../../registry/status.js';
import { type Delivery, selectorOf } from '../../run/run.js';
import type { PreparedJob } from '../job.js';

/**
 * Waits, behind the proof, until a release's registry copies nothing any more from the one that it replaces: that one has
 * to stay until then. A copy that gets nothing for 30 s is given up, so that has an end, or the step's timeout says that it
 * was waited for. Throws what the proof throws, a RegistryLost or ActionError when the registry cannot serve any more,
 * ApiError.
 */
export async function untilCopied(
  { client, log }: Pick<PreparedJob, 'client' | 'log'>,
  { id, kept, namespace }: Delivery,
  { registry: { name }, proven }: { registry: Pick<RegistryPod, 'name'>; proven: Promise<unknown> },
  signal: AbortSignal,
): Promise<void> {
  await proven;
  if (kept?.address === undefined) return;
  const who = 'the registry';
  log.waiting(who, 'it copies from the one that it replaces');
  const hasCopied = (pods: ReadonlyMap<string, V1Pod>) => {
    failWithRegistry({ registryPod: name, namespace }, pods.get(name));
    return hasVerifiedAll(pods.get(name));
  };
  const query = { labelSelector: selectorOf(id, 'registry') };
  await waitUntil<V1Pod>(client, collection.pods(namespace), hasCopied, { query, signal });
  log.ready(who);
}
