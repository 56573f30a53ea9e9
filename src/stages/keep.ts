import type { V1Pod } from '@kubernetes/client-node';
import type { RouteName } from '../host/input-values.js';
import { info, warning } from '../host/runner.js';
import { collection } from '../kube/pods.js';
import { waitUntil } from '../kube/watch.js';
import {
  CLEANUP_TIMEOUT_SECONDS,
  NODES_NAMED_MAX,
  READY_PATIENCE_SECONDS,
  REMOVE_PHASE_SECONDS,
  SERVICE_CHANGE_SECONDS,
} from '../lib/limits/run.js';
import { counted, enumerated } from '../lib/sentences.js';
import { settled } from '../lib/slots.js';
import { rest } from '../lib/waiting.js';
import { catalogText } from '../payload/catalog.js';
import { contentsIn, replacedBy } from '../payload/replaced.js';
import { proofDaemonSet } from '../proof/daemonset.js';
import { imagesFor, type ProofImage } from '../proof/pod.js';
import type { RegistryPod } from '../registry/bootstrap.js';
import { verifiedBy } from '../registry/log.js';
import {
  type LastingRegistry,
  placesToComeAgain,
  registryReplicaSet,
} from '../registry/release.js';
import { inMegabytes } from '../report/units.js';
import { isForNodesOf, RelaySets, relaySets } from '../routes/relay-sets.js';
import { expectHeld, leasedRun } from '../run/lease.js';
import type { BaseCandidate } from '../run/pod.js';
import { leaveRelease, putInUse } from '../run/release/lease.js';
import { writeRecord } from '../run/release/record.js';
import { pointService, settleService } from '../run/release/service.js';
import { clearDeliveries, removeProofs, removeTokenOf } from '../run/remove.js';
import { type Delivery, knownDeliveries, type OpenRun, ofDelivery } from '../run/run.js';
import type { PreparedJob, RehearsedJob } from './job.js';
import { portOf } from './prove/node-port.js';
import { relayedTo } from './prove/routes.js';
import { injectedImages } from './publish/publish.js';
import { storeBytesOf } from './rehearse/delivery.js';
import type { Uploaded } from './upload.js';

/** What a delivery has that is to be kept. */
export interface Keeping {
  readonly registry: RegistryPod;
  readonly uploaded: Uploaded;
  /** The route in use. */
  readonly route: RouteName;
  /** When the Service was led to the registry, in milliseconds of `performance.now()`. */
  readonly since: number;
}

/**
 * Has a release's nodes pull from this delivery's registry, which has the images of the one before it, too, and is found
 * before it is ready, since it holds what is on its way. Returns when
 * that was, in milliseconds of `performance.now()`. Throws ApiError.
 */
export async function takeOver({ client, signal }: RehearsedJob, delivery: Delivery) {
  if (delivery.release !== undefined) {
    await pointService(client, delivery, delivery.delivery, signal);
  }
  return performance.now();
}

/** What it takes to keep relays. */
type RelayJob = Pick<
  RehearsedJob,
  'bases' | 'candidates' | 'client' | 'nodes' | 'nodesUnlisted' | 'signal'
> & { readonly injectors: readonly { readonly architecture: string }[] };

/**
 * Takes away what this step has delivered of a release that another one has by now, which cannot know of what came after
 * its beginning. Throws ApiError.
 */
export async function withdraw({ client }: PreparedJob, run: OpenRun): Promise<void> {
  const signal = AbortSignal.timeout(CLEANUP_TIMEOUT_SECONDS * 1000);
  const { kept } = (await leasedRun(client, run, signal)) ?? {};
  const selector = knownDeliveries({ ...run, kept: undefined }, kept);
  await clearDeliveries(client, { ...run, selector }, signal);
}

/** Leaves a release to the next step, when this one has come to its end. */
export async function leave({ client, signal }: PreparedJob, run: OpenRun): Promise<void> {
  if (run.release !== undefined) {
    await leaveRelease(client, run, signal);
  }
}

/**
 * Keeps the proven images as long as the user asked for: a release beyond the job, others until its end or not any longer.
 * A release gets controllers for its Pods, so that nodes that come later get the images and a lost registry comes again;
 * from then on it is this delivery that is in use, and the one before goes. Returns what a release holds, in words. Throws
 * ApiError.
 */
export async function keep(
  job: RehearsedJob,
  delivery: Delivery,
  keeping: Keeping,
): Promise<string | undefined> {
  const { client, inputs, log, signal } = job;
  if (delivery.release !== undefined) {
    return await log.group('Keep the release', async (notes) => {
      const held = await keepRelease(job, delivery, keeping);
      notes.outcome = held;
      return held;
    });
  }
  if (inputs.keep === 'none') {
    await removeProofs(client, delivery, signal);
  }
  return undefined;
}

async function keepRelease(
  job: RehearsedJob,
  delivery: Delivery,
  keeping: Keeping,
): Promise<string> {
  const { client, signal } = job;
  const laid = await job.laid;
  const own = catalogText(delivery.secret, laid.payload.served, []);
  const images = injectedImages(laid, delivery);
  const replaced = replacedBy(own, delivery.kept?.record);
  // What follows changes relays, which are the release's.
  await expectHeld(client, delivery, signal);
  // One that fails does not leave another half done: relays may be without their DaemonSets for a moment.
  const [uncopied] = await settled([
    tellUncopied(job, delivery, keeping.registry, replaced),
    writeRecord(client, delivery, own, signal),
    keepRegistry(job, delivery, keeping),
    keepProofs(job, delivery, images),
    keepRelays(job, delivery, keeping),
    settleService(client, delivery, delivery.delivery, signal, READY_PATIENCE_SECONDS),
  ]);
  const inUse = { delivery: delivery.delivery, route: keeping.route };
  await putInUse(client, delivery, inUse, signal);
  if (delivery.kept?.delivery !== undefined) {
    await rest(keeping.since + SERVICE_CHANGE_SECONDS * 1000 - performance.now(), signal);
  }
  const selector = knownDeliveries(delivery, delivery.delivery);
  await clearDeliveries(client, { ...delivery, selector }, signal);
  if (delivery.kept?.delivery !== undefined) {
    await removeTokenOf(client, delivery, delivery.kept.delivery, signal);
  }
  const besides = sum(replaced.contents.values()) - uncopied;
  const held = `${delivery.release} holds ${counted(images.length, 'image')} with ${inMegabytes(sum(contentsIn(own).values()))}`;
  return besides === 0
    ? held
    : `${held}, and ${inMegabytes(besides)} of those that it replaces, until the next step`;
}

const sum = (sizes: Iterable<number>) => [...sizes].reduce((all, size) => all + size, 0);

/**
 * Warns of what the registry has not of the images that are replaced: all where the one that had them is away, else what
 * its log tells. Returns the bytes of that.
 */
export async function tellUncopied(
  { client, rights, signal }: Pick<RehearsedJob, 'client' | 'rights' | 'signal'>,
  { kept, namespace, release }: Delivery,
  { name }: Pick<RegistryPod, 'name'>,
  { contents, names }: ReturnType<typeof replacedBy>,
): Promise<number> {
  const isAway = kept?.address === undefined;
  const asked = contents.size > 0 && rights.hear && !isAway;
  const copied = asked ? await verifiedBy(client, namespace, name, signal) : undefined;
  const lost = [...contents].filter(([digest]) => isAway || copied?.has(digest) === false);
  const bytes = sum(lost.map(([, size]) => size));
  if (bytes > 0) {
    const of = names.length > 0 ? ` (${enumerated(names, NODES_NAMED_MAX)})` : '';
    warning(
      `The registry of the release "${release}" could not copy ${inMegabytes(bytes)} of the images that this step replaces${of} from the one that had them${isAway ? ', which does not run' : ''}: what still runs of these cannot start on nodes that lack them, so roll out now.`,
    );
  }
  return bytes;
}

/** Has a lost registry come again with all that it held, where that outlives its Pod. */
async function keepRegistry(
  job: RehearsedJob,
  delivery: Delivery,
  { registry, uploaded }: Keeping,
): Promise<void> {
  const { client, plan, signal } = job;
  if (delivery.hasClaim !== true && plan.carrier !== 'configmap') {
    warning(
      `What the release "${delivery.release}" holds ends with the node ${registry.base.node}, since it is on no volume, for want of a default StorageClass or of the right to use it, and not in ConfigMaps, as far as \`carrier\` and \`configmap-budget\` go: nodes keep what they have, and those that come then get nothing until the next step with this release.`,
    );
    return;
  }
  const places = placesToComeAgain(job, registry.base, delivery.hasClaim === true);
  const lasting: LastingRegistry = {
    base: registry.base,
    ...places,
    chunks: uploaded.paths,
    storeBytes: storeBytesOf(job, delivery),
  };
  const replicaSet = registryReplicaSet(delivery, lasting);
  await client.create(collection.replicaSets(delivery.namespace), replicaSet, { signal });
  const where = delivery.hasClaim ? 'a PersistentVolumeClaim' : 'ConfigMaps';
  info(`What the registry holds is in ${where}, so it outlives the registry's Pod.`);
  const { nodes } = places;
  if (nodes !== undefined && job.nodes.length !== 1) {
    info(
      `A lost registry comes again on ${enumerated(nodes, NODES_NAMED_MAX)} alone, where the image is that it starts from, and on none of the nodes that come in their place; set the input \`injector-image\` to one that all nodes can pull to have it come on any.`,
    );
  }
}

/** Has every node that comes run the images, and those that are proven go on; they are taken over by DaemonSets. */
async function keepProofs(
  { client, injectors, nodesUnlisted, signal }: RehearsedJob,
  delivery: Delivery,
  images: readonly ProofImage[],
): Promise<void> {
  if (nodesUnlisted) {
    return;
  }
  const path = collection.daemonSets(delivery.namespace);
  const creates = injectors
    .map(({ architecture }) => ({ architecture, some: imagesFor({ architecture }, images) }))
    .filter(({ some }) => some.length > 0)
    .map(({ architecture, some }) =>
      client.create(path, proofDaemonSet(delivery, architecture, some), { signal }),
    );
  await Promise.all(creates);
  await untilControlled(client, delivery, signal);
}

/** Has a relay on every node that comes, also on those that steps before were not for. Throws ApiError. */
export async function keepRelays(
  job: RelayJob,
  delivery: Delivery,
  { registry, route }: Pick<Keeping, 'registry' | 'route'>,
): Promise<void> {
  const { bases, candidates, client, injectors, nodes, nodesUnlisted, signal } = job;
  if (route === 'nodeport' || nodesUnlisted) {
    return;
  }
  const to = await relayedTo(client, delivery, registry, signal);
  const sets = new RelaySets(client, delivery, { route, port: portOf(delivery), to });
  const there = await relaySets(client, delivery, signal);
  const started = new Map<string, BaseCandidate>();
  for (const { architecture } of injectors.filter((one) => !there.has(one.architecture))) {
    const alike = nodes.filter((node) => node.architecture === architecture);
    const known =
      [registry.base, ...bases].find((one) => one.architecture === architecture) ??
      (await candidates.among(alike))[0];
    // An image that nodes may pull is one for those that join, too.
    const base = known ?? (registry.base.pulled ? { ...registry.base, architecture } : undefined);
    if (base === undefined) {
      warning(
        `Nodes of ${architecture} that join get no images of the release "${delivery.release}", since no image is known from which a relay starts there; set the input \`injector-image\` to one that they can pull.`,
      );
    } else {
      started.set(architecture, base);
    }
  }
  if ([...there.values()].every((set) => isForNodesOf(delivery, set))) {
    await sets.putBack(started, signal);
    return;
  }
  // Whatever ends the step meanwhile: without their DaemonSet relays that are lost never come again.
  const putBack = () => sets.putBack(started, AbortSignal.timeout(REMOVE_PHASE_SECONDS * 1000));
  await sets.takeOff(signal).catch(async (error) => {
    await putBack().catch(() => undefined);
    throw error;
  });
  await putBack();
  signal.throwIfAborted();
}

/** Waits until every proof of this delivery has a controller. */
async function untilControlled(
  client: RehearsedJob['client'],
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const query = { labelSelector: ofDelivery(delivery, 'proof') };
  const hasController = ({ metadata }: V1Pod) =>
    // One that is going is adopted by nobody.
    metadata?.deletionTimestamp !== undefined ||
    metadata?.ownerReferences?.some(({ controller }) => controller === true) === true;
  const areControlled = (pods: ReadonlyMap<string, V1Pod>) =>
    [...pods.values()].every(hasController);
  await waitUntil<V1Pod>(client, collection.pods(delivery.namespace), areControlled, {
    query,
    signal,
  });
}
