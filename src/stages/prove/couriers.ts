import { bringByCouriers } from '../../carriers/couriers/bring.js';
import { CourierError } from '../../carriers/couriers/error.js';
import { Orders } from '../../carriers/couriers/orders.js';
import { Places } from '../../carriers/couriers/places.js';
import { WatchedCouriers } from '../../carriers/couriers/watched.js';
import { info, warning } from '../../host/runner.js';
import { layersAbove } from '../../images/oci/layers.js';
import { hostAndPort } from '../../lib/host-port.js';
import {
  KUBELET_TAKES_SECONDS,
  NODE_LOOK_SECONDS,
  POD_STARTS_SECONDS,
} from '../../lib/limits/run.js';
import { parcelOf } from '../../payload/payload.js';
import { registryAddresses } from '../../registry/addresses.js';
import type { RegistryPod } from '../../registry/bootstrap.js';
import { hearRegistry } from '../../registry/log.js';
import { troubleOf } from '../../registry/nodes.js';
import { copiedBy } from '../../registry/release.js';
import { booked } from '../../report/traffic.js';
import { type Base, type BaseCandidate, DELIVERY_PORT } from '../../run/pod.js';
import type { Delivery } from '../../run/run.js';
import type { RehearsedJob } from '../job.js';
import type { Uploaded } from '../upload.js';

/** What couriers bring to, beside what, and until when. */
export interface Supplying {
  readonly registry: RegistryPod;
  /** What the registry mounts. */
  readonly uploaded: Uploaded;
  /** Settled when nobody waits for anything any more. */
  readonly proven: Promise<unknown>;
}

/**
 * Has couriers bring the registry what nodes ask for, or everything where nobody can hear that, until they are proven;
 * nothing where it travels otherwise. Returns the bytes that are left in ConfigMaps. Throws a CourierError, and what a
 * content's source throws.
 */
export async function couriers(
  job: RehearsedJob,
  delivery: Delivery,
  { registry, uploaded, proven }: Supplying,
  signal: AbortSignal,
): Promise<number> {
  const { client, plan, pace, traffic } = job;
  if (plan.carrier !== 'courier') {
    return 0;
  }
  const { images, payload } = await job.laid;
  const { entries } = parcelOf(payload, plan.carrier);
  const onDemand = payload.entries.filter((entry) => !entries.includes(entry));
  const orders = new Orders(onDemand, layersAbove(images.images));
  const over = new AbortController();
  const hearing = takeOrders(
    job,
    delivery,
    registry,
    orders,
    AbortSignal.any([signal, over.signal]),
  );
  // It ends before anybody waits for it when the signal ends both.
  hearing.catch(() => undefined);
  try {
    const to = await addressOf(job, delivery, registry, signal);
    const brought = await booked(traffic, { carrier: 'courier' }, job.log.progress, (onProgress) =>
      bringByCouriers(
        client,
        {
          ...{ delivery, orders, pace, over: proven, warn: warning, to, onProgress },
          places: new Places(placesBeside(registry.base, job.bases)),
          watched: new WatchedCouriers({
            takeSeconds: KUBELET_TAKES_SECONDS,
            lookSeconds: NODE_LOOK_SECONDS,
            startSeconds: POD_STARTS_SECONDS,
          }),
          nodeTrouble: (node) => troubleOf(client, node, delivery, signal),
          window: {
            bytes: job.configMapBytes - plan.chunkBytes,
            // One at least: where even that is too many the quota says so.
            count: Math.max(1, job.configMaps - uploaded.chunks.length),
          },
          all: delivery.release !== undefined,
        },
        signal,
      ),
    );
    return brought.leftBytes;
  } finally {
    over.abort();
    await Promise.allSettled([hearing]);
  }
}

/**
 * Where couriers start. An image that has to be pulled is certain to be there on the registry's node alone: elsewhere its
 * pull waits for the proof's, as kubelets pull one image after the other, and that waits for couriers. Without a list of
 * the nodes most candidates are guesses, and the registry's own place does, too.
 */
function placesBeside(registry: Base, bases: readonly BaseCandidate[]): Base[] {
  return [registry, ...(registry.pulled ? [] : bases.filter(isPlaced))];
}

function isPlaced(base: BaseCandidate): base is Base {
  return base.node !== undefined;
}

/** Orders what the registry's log asks for; everything where it cannot be heard. */
async function takeOrders(
  { client, rights }: RehearsedJob,
  { namespace, release, kept }: Delivery,
  { name }: RegistryPod,
  orders: Orders,
  signal: AbortSignal,
): Promise<void> {
  if (!rights.hear) {
    info("All is sent, not just what nodes lack: the kubeconfig's user may not get pods/log.");
    orders.demandAll();
    return;
  }
  if (release !== undefined) {
    // Nodes that come later lack everything; what has not changed is copied.
    orders.demandAll(copiedBy(kept));
  }
  const listener = {
    onHeld: (digest: string) => orders.demand(digest),
    onVerified: (digest: string) => orders.hasCome(digest),
    // What could not be copied is missing for good otherwise: the registry it was in is going.
    onReady: () => release !== undefined && orders.demandAll(),
  };
  const words = await hearRegistry(client, namespace, name, listener, signal);
  warning(`${words} All is sent, not just what nodes lack.`);
  orders.demandAll();
}

/** Where couriers find the registry. */
async function addressOf(
  { client }: RehearsedJob,
  delivery: Delivery,
  registry: RegistryPod,
  signal: AbortSignal,
): Promise<string> {
  const [address] = await registryAddresses(client, delivery, registry, signal);
  if (address === undefined) {
    throw new CourierError(
      'failing',
      "The registry's Pod has no address to which couriers could go.",
    );
  }
  return hostAndPort(address, DELIVERY_PORT);
}
