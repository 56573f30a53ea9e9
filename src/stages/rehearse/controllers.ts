import type { V1PodTemplateSpec, V1ReplicaSet } from '@kubernetes/client-node';
import { warning } from '../../host/runner.js';
import type { ApiClient } from '../../kube/client.js';
import { collection } from '../../kube/pods.js';
import { despiteQuota } from '../../kube/quota.js';
import { waitUntil } from '../../kube/watch.js';
import { ActionError } from '../../lib/errors.js';
import { heardWithin } from '../../lib/heard-within.js';
import { CONTROLLER_SILENCE_SECONDS } from '../../lib/limits/pods.js';
import { settled } from '../../lib/slots.js';
import { placementFor } from '../../preflight/affinity.js';
import { bareWords } from '../../preflight/dry-run.js';
import { proofDaemonSet } from '../../proof/daemonset.js';
import { imagesFor, type ProofImage } from '../../proof/pod.js';
import { registryReplicaSet } from '../../registry/release.js';
import type { BaseCandidate } from '../../run/pod.js';
import { removePods } from '../../run/removal/collections.js';
import {
  DAEMONSET_LABEL,
  type Delivery,
  labelsFor,
  nameOf,
  ownsNamespace,
  type RunPlace,
  selectorOf,
} from '../../run/run.js';

/** The Pods of a release that its controllers will make, as a controller is to make them now. */
export interface Samples {
  /** Where the registry may start; what has no image yet stands for it. */
  readonly base: BaseCandidate;
  /** One of each kind of node. */
  readonly architectures: readonly string[];
  readonly images: readonly ProofImage[];
  /** Bytes that the registry's store takes. */
  readonly storeBytes: number;
}

/** A name that no node has: Pods that are bound to it never start. */
const NO_NODE = 'jackal-inject.invalid';

/** Admission's last word: what else a controller fails with, such as a quota that counts what has gone, may pass. */
const REFUSED =
  /is forbidden: (?!exceeded quota|status unknown for quota|not yet ready|error looking up service account)|denied the request/;

/**
 * Has ReplicaSets make the Pods that a release's controllers will make one day: admission judges those by the
 * controllers and by the service account of their namespace, not by the kubeconfig's user, whom it may let do more. They
 * never start, and are gone on return. A warning tells where no controller says anything in time. Throws an ActionError
 * with the words of who refused, ApiError.
 *
 * @param seconds how long a controller may say nothing, or nothing that stays
 */
export async function rehearseControllers(
  client: ApiClient,
  delivery: Delivery,
  samples: Samples,
  signal: AbortSignal,
  seconds = CONTROLLER_SILENCE_SECONDS,
): Promise<void> {
  const { id, namespace } = delivery;
  let underway = 0;
  const trials = samplesOf(delivery, samples).map(async (set) => {
    const selector = `${selectorOf(id, 'rehearsal')},${DAEMONSET_LABEL}=${set.metadata?.name}`;
    const create = () => client.create(collection.replicaSets(namespace), set, { signal });
    // A release has one, so a quota may have room for no more.
    await despiteQuota(create, { makesRoom: () => underway > 0, signal });
    underway++;
    // Those that wait for the room of others have as long as these.
    const late = heardWithin(seconds * 1000);
    try {
      return await wordsAgainst(client, namespace, set, { signal, late });
    } finally {
      if (!signal.aborted) {
        await removePods(client, { id, namespace, selector }, signal);
      }
      underway--;
    }
  });
  const words = (await settled(trials)).flatMap((said) => said ?? []);
  if (words.length > 0) {
    throw notMade(delivery, words);
  }
}

function samplesOf(
  delivery: Delivery,
  { base, architectures, images, storeBytes }: Samples,
): V1ReplicaSet[] {
  const lasting = { base, nodes: undefined, chunks: [], storeBytes };
  const registry = registryReplicaSet(delivery, lasting).spec?.template;
  const proofs = architectures.map((architecture) => {
    const { template } = proofDaemonSet(
      delivery,
      architecture,
      imagesFor({ architecture }, images),
    ).spec;
    return [architecture, template, nameOf.rehearsedProofs(delivery, architecture)] as const;
  });
  return [
    [base.architecture, registry, nameOf.rehearsedRegistry(delivery)] as const,
    ...proofs,
  ].map((sample) => sampleSet(delivery, ...sample));
}

/** Nothing but itself finds its Pod by the labels, and no node takes it. */
function sampleSet(
  delivery: Delivery,
  architecture: string,
  template: V1PodTemplateSpec | undefined,
  name: string,
): V1ReplicaSet {
  const labels = { ...labelsFor(delivery, 'rehearsal'), [DAEMONSET_LABEL]: name };
  const { nodeSelector, unfitToo } = delivery;
  const placement = placementFor(architecture, nodeSelector, { on: [NO_NODE], unfitToo });
  const { spec } = template ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, ownerReferences: [delivery.owner] },
    spec: {
      replicas: 1,
      selector: { matchLabels: { [DAEMONSET_LABEL]: name } },
      template: {
        metadata: { ...template?.metadata, labels: { ...template?.metadata?.labels, ...labels } },
        ...(spec && { spec: { ...spec, ...placement } }),
      },
    },
  };
}

/** Returns what kept the controller from making the Pod, in the words of who did. */
async function wordsAgainst(
  client: ApiClient,
  namespace: string,
  set: V1ReplicaSet,
  { signal, late }: { readonly signal: AbortSignal; readonly late: AbortSignal },
): Promise<string | undefined> {
  const path = collection.replicaSets(namespace);
  const name = set.metadata?.name ?? '';
  let said: string | undefined;
  const isDecided = (sets: ReadonlyMap<string, V1ReplicaSet>) => {
    const { replicas = 0, conditions = [] } = sets.get(name)?.status ?? {};
    const failure = conditions.find(
      ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
    );
    said = replicas > 0 ? undefined : failure?.message;
    return replicas > 0 || (said !== undefined && REFUSED.test(said));
  };
  try {
    await waitUntil<V1ReplicaSet>(client, path, isDecided, {
      query: { fieldSelector: `metadata.name=${name}` },
      signal: AbortSignal.any([signal, late]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    if (said === undefined) {
      warning(
        `Whether the cluster's controllers may make the release's Pods in the namespace "${namespace}" is not known, for they have not begun in time; see that nodes which join get the images.`,
      );
    }
  }
  return said;
}

/** The error for words of who kept controllers from making a release's Pods, which may be about another matter than who asks. */
export function notMade(run: RunPlace, words: readonly string[]): ActionError {
  const { namespace } = run;
  const refusals = words.filter((one) => REFUSED.test(one));
  const said = [...new Set((refusals.length > 0 ? refusals : words).map(bareWords))].join('; ');
  if (refusals.length === 0) {
    return new ActionError(
      `The cluster's controllers could not make the release's Pods in the namespace "${namespace}" in time (${said}), so nodes that join would get nothing, and a lost registry would not come again; make room where a quota is exceeded, and run the job again when nothing else is in the way.`,
    );
  }
  const right = (where: string) =>
    `give the service account \`default\` there the right to such Pods, on OpenShift by \`oc adm policy add-scc-to-user nonroot-v2 -z default -n ${where}\``;
  const advice = ownsNamespace(run)
    ? `make a namespace, ${right('NAMESPACE')}, and name it by the input \`namespace\``
    : right(namespace);
  return new ActionError(
    `The cluster admits the release's Pods from the kubeconfig's user, but not from the controllers that are to make more of them in the namespace "${namespace}" (${said}), so nodes that join would get nothing, and a lost registry would not come again; ${advice}, or except the namespace from the policy.`,
  );
}
