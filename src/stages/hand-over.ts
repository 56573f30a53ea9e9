import { deliverCatalog } from '../carriers/stream/errands.js';
import { isOfWay, StreamError } from '../carriers/stream/error.js';
import {
  type Address,
  directPatience,
  directWay,
  type Way,
  wayByApi,
} from '../carriers/stream/way.js';
import { warning } from '../host/runner.js';
import { sentenceOf } from '../lib/errors.js';
import { REACH_NODES_MAX } from '../lib/limits/carriers.js';
import { catalogText } from '../payload/catalog.js';
import { catalogWith } from '../payload/replaced.js';
import { registryAddresses } from '../registry/addresses.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { RegistryLost } from '../registry/fault.js';
import { copiedCatalog } from '../registry/release.js';
import { DELIVERY_PORT } from '../run/pod.js';
import { pointService } from '../run/release/service.js';
import type { Delivery } from '../run/run.js';
import type { PreparedJob } from './job.js';
import { injectedImages } from './publish/publish.js';

/** Ways of a stream that may be taken, the best first. */
export type Ways = readonly Way[];

/**
 * Finds the ways to a registry that waits for its catalog, and hands that over as soon as the images are
 * read; where all lies in ConfigMaps there is nothing to do. Returns the ways that are left. Throws a
 * StreamError when there is none, and what is wrong with the images.
 */
export async function handOver(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
): Promise<Ways> {
  if (job.plan.carrier !== 'stream') {
    return [];
  }
  return job.log.group('Hand over the catalog', async (notes) => {
    const { ways, instead } = await findWays(job, delivery, registry);
    const laid = await job.laid;
    injectedImages(laid, delivery);
    const { kept, secret, token } = delivery;
    const own = catalogText(secret, laid.payload.served, []);
    const catalog = Buffer.from(catalogWith(own, copiedCatalog(kept)));
    const taken = await byOneOf(ways, (way) => deliverCatalog({ way, token, catalog }, job.signal));
    notes.outcome = `${wordsOf(taken[0] as Way)}${instead === undefined ? '' : ` (not straight: ${instead})`}`;
    return taken;
  });
}

/**
 * Does work by the first way, and by the next when one breaks for good, with a warning. Returns the way by
 * which it was done and those behind it. Throws what the work throws.
 */
export async function byOneOf(ways: Ways, work: (way: Way) => Promise<unknown>): Promise<Ways> {
  for (let left = ways; ; left = left.slice(1)) {
    try {
      await work(left[0] as Way);
      return left;
    } catch (error) {
      if (left.length < 2 || !isOfWay(error)) {
        throw error;
      }
      warning(sentenceOf(error));
    }
  }
}

/** Such as `straight to 10.0.0.7:5001`. */
export function wordsOf({ kind, target }: Way): string {
  return kind === 'direct' ? `straight to ${target}` : 'through the API server';
}

/**
 * The straight way where there is one, and that through the API server, as far as they may be taken; and why it is
 * only the latter where both might have been. Throws a StreamError when there is none, and a
 * RegistryLost.
 */
export async function findWays(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
): Promise<{ ways: Ways; instead?: string }> {
  const { client, inputs, near, signal } = job;
  const only = inputs.carrier.way;
  const through = wayByApi(client, delivery.namespace, registry.name, DELIVERY_PORT);
  if (only === 'api') {
    return { ways: [through] };
  }
  if (only === undefined && !near) {
    return { ways: [through], instead: "the runner reaches no node's kubelet" };
  }
  try {
    const straight = await straightWay(job, delivery, registry);
    return { ways: only === 'direct' ? [straight] : [straight, through] };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryLost) throw error;
    if (only === 'direct') {
      throw new StreamError(
        'refused',
        `The runner reaches the registry's delivery port neither at its Pod nor at a node (${sentenceOf(error)}); set the input \`carrier\` to auto or stream:api.`,
        { cause: error },
      );
    }
    return { ways: [through], instead: sentenceOf(error) };
  }
}

/**
 * The straight way, at the registry's Pod or at a node. The ports on nodes are those of the release's Service, which leads
 * to another registry while that is in use: only who has no other way has it led here before this one has its catalog, for
 * until then it has no pull port, and a node that pulls has to try again. Throws an Error that says what each is like.
 */
async function straightWay(
  job: PreparedJob,
  delivery: Delivery,
  registry: RegistryPod,
): Promise<Way> {
  const { client, inputs, rights, signal } = job;
  const { release, kept, token } = delivery;
  const atPods = podAddresses(await registryAddresses(client, delivery, registry, signal));
  const atNodes = nodeAddresses(job, delivery);
  const isOnly = inputs.carrier.way === 'direct' || !rights.forward;
  const patience = directPatience(release !== undefined, isOnly);
  if (release === undefined) {
    return await directWay([...atPods, ...atNodes], token, signal, patience);
  }
  if (kept?.delivery !== undefined) {
    try {
      return await directWay(atPods, token, signal);
    } catch (error) {
      if (!isOnly) throw error;
    }
    await job.laid;
  }
  await pointService(client, delivery, delivery.delivery, signal);
  return await directWay([...atPods, ...atNodes], token, signal, patience);
}

function podAddresses(pods: readonly string[]): Address[] {
  return pods.map((host) => ({ host, port: DELIVERY_PORT }));
}

function nodeAddresses({ nodes }: PreparedJob, { deliveryPort: port }: Delivery): Address[] {
  if (port === undefined) return [];
  const hosts = nodes.slice(0, REACH_NODES_MAX).flatMap(({ addresses }) => addresses);
  return hosts.map((host) => ({ host, port }));
}
