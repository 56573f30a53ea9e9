import { randomBytes } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';
import { collection } from '../../kube/pods.js';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import {
  POLICY_ACTS_SECONDS,
  POLICY_TRIAL_PAUSE_MILLISECONDS,
  POLICY_TRIALS,
} from '../../lib/limits/rewrite.js';
import { rest } from '../../lib/waiting.js';
import { PROBES, podSpecOf, RESTRICTED_CONTAINER } from '../../run/pod.js';
import type { OpenRun } from '../../run/run.js';
import type { PodShape } from '../../run/shape.js';
import { NO_SIDECAR_ANNOTATIONS, NO_SIDECAR_LABELS } from '../../run/sidecars.js';

/** A name that nobody's Pods have and one written policy alone rewrites, so that it is seen whether that one acts. */
export interface Trial {
  readonly name: string;
  readonly pullable: string;
}

/** A new one; what it stands for is not there, and never pulled. */
export function newTrial(registry: string): Trial {
  const name = `jackal-inject.dev/trial:${randomBytes(8).toString('hex')}`;
  return { name, pullable: `${registry}/trial@sha256:${'0'.repeat(64)}` };
}

/** What is tried, and how Pods are made that the cluster takes. */
export interface TrialOf extends TrialPods {
  readonly trial: Trial;
}

/** How they are made. */
interface TrialPods {
  readonly run: Pick<OpenRun, 'id' | 'labels'>;
  readonly shape: PodShape;
}

/**
 * Waits until the API servers rewrite the trial's name in Pods that are created and not stored, in the first of the
 * namespaces that admits such a Pod. Returns why that cannot be seen where none does. Throws an ActionError when it has
 * not come to that in time.
 */
export async function untilActs(
  client: ApiClient,
  of: TrialOf,
  namespaces: readonly string[],
  signal: AbortSignal,
  seconds = POLICY_ACTS_SECONDS,
): Promise<string | undefined> {
  let refused = 'there is no namespace to try a Pod in';
  for (const namespace of namespaces) {
    const answer = await tryPod(client, of, namespace, signal);
    if (answer.refused === undefined) {
      await untilAllAct(client, of, namespace, signal, seconds);
      return undefined;
    }
    refused = `no Pod can be tried in the namespace ${namespace}: ${answer.refused}`;
  }
  return refused;
}

/**
 * An address may stand for several API servers, each of which looks for policies by itself, once a second (apiserver
 * policy_source.go, `policyRefreshIntervalDefault`). Who answers is not told, so several are asked at once, over
 * connections of their own, and all have to know the policy.
 */
async function untilAllAct(
  client: ApiClient,
  of: TrialOf,
  namespace: string,
  signal: AbortSignal,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const ask = () => tryPod(client, of, namespace, signal);
  for (;;) {
    const first = await ask();
    const others = first.acts ? await Promise.all(Array.from({ length: POLICY_TRIALS }, ask)) : [];
    if (first.acts && others.every(({ acts }) => acts)) {
      return;
    }
    if (performance.now() >= end) {
      const words = [first, ...others].find(({ refused }) => refused !== undefined)?.refused;
      throw new ActionError(
        `The API server does not rewrite names ${seconds} s after it was given the policy${words === undefined ? '' : ` (${words})`}; see that its admission plugin MutatingAdmissionPolicy is on, or set the input \`rewrite\` to none.`,
      );
    }
    await rest(POLICY_TRIAL_PAUSE_MILLISECONDS, signal);
  }
}

/**
 * Those of the names that the cluster rewrites to images of a run's registry in Pods of its namespace; none where it admits
 * no such Pod. Throws ApiError.
 */
export async function namesRewritten(
  client: ApiClient,
  run: OpenRun,
  shape: PodShape,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { namespace, registry } = run;
  const { images } = await tryImages(client, { run, shape }, names, namespace, signal);
  return names.filter((_, at) => images[at]?.startsWith(`${registry}/`));
}

/** What one server makes of the images of a Pod. */
interface Admitted {
  readonly images: readonly (string | undefined)[];
  /** Its words, where it admits no such Pod. */
  readonly refused?: string;
}

/** What one server says to a Pod with the trial's name. */
interface Answer {
  readonly acts: boolean;
  /** Its words, where it admits no such Pod. */
  readonly refused?: string;
}

async function tryPod(
  client: ApiClient,
  of: TrialOf,
  namespace: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { name, pullable } = of.trial;
  const { images, ...words } = await tryImages(client, of, [name], namespace, signal);
  return { acts: images.includes(pullable), ...words };
}

async function tryImages(
  client: ApiClient,
  of: TrialPods,
  names: readonly string[],
  namespace: string,
  signal: AbortSignal,
): Promise<Admitted> {
  const options = { query: { dryRun: 'All' }, signal };
  const pod = trialPod(of, names);
  try {
    const { spec } = await client.create<V1Pod>(collection.pods(namespace), pod, options);
    // Others may have added containers.
    const imageOf = (at: number) => spec?.containers.find(({ name }) => name === trialName(at));
    return { images: names.map((_, at) => imageOf(at)?.image) };
  } catch (error) {
    if (isFault(error, ...REFUSALS)) {
      return { images: [], refused: sentenceOf(error).replace(/\.$/, '') };
    }
    throw error;
  }
}

const REFUSALS = [
  ...(['permission', 'policy', 'webhook', 'quota', 'too-large', 'other'] as const),
  ...(['not-found', 'terminating'] as const),
] as const;

/** A Pod as strict as those of a run, whose label it has not: the policy leaves these alone. */
function trialPod({ run, shape }: TrialPods, names: readonly string[]): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `jackal-${run.id}-trial`,
      labels: { ...run.labels, ...NO_SIDECAR_LABELS },
      annotations: { ...NO_SIDECAR_ANNOTATIONS },
    },
    spec: {
      ...podSpecOf({}, { shape }),
      restartPolicy: 'Never',
      containers: names.map((image, at) => ({
        name: trialName(at),
        image,
        imagePullPolicy: 'IfNotPresent',
        ...PROBES,
        resources: shape.proof,
        securityContext: RESTRICTED_CONTAINER,
      })),
    },
  };
}

const trialName = (at: number) => `trial-${at}`;
