import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection, createPod } from '../kube/pods.js';
import { observe } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { type Delivery, nameOf, selectorOf } from '../run/run.js';
import { isInjectorsWord, lastLineOf } from './fault.js';
import { type Base, registryPod } from './pod.js';

/** What the registry is started with. */
export interface RegistryPlan extends Delivery {
  /** Where it may start, the surest first; from `basesFor`. */
  readonly bases: readonly Base[];
  /** Path below the chunks directory of each chunk, in order. */
  readonly chunks: readonly string[];
  /** Bytes of all blobs together. */
  readonly storeBytes: number;
}

/** The registry's Pod, whose container runs. */
export interface RegistryPod {
  readonly name: string;
  readonly base: Base;
}

/**
 * Starts the registry Pod on the first base that works and returns once its container runs; it
 * goes on loading then, and holds requests for what it has not read. Throws an ActionError that
 * lists what each base failed with.
 */
export async function startRegistry(
  client: ApiClient,
  plan: RegistryPlan,
  signal: AbortSignal,
): Promise<RegistryPod> {
  const failures: string[] = [];
  for (const [attempt, base] of plan.bases.entries()) {
    const pod = registryPod(plan, base, attempt, plan.chunks, plan.storeBytes);
    const name = nameOf.registry(plan, attempt);
    await createPod(client, plan.namespace, pod, { signal });
    const fault = await startFault(client, plan, name, signal);
    if (fault === undefined) {
      return { name, base };
    }
    if (isInjectorsWord(fault)) {
      throw new ActionError(`The registry in the cluster failed: ${fault}.`);
    }
    failures.push(`${base.image} on ${base.node}: ${fault}`);
    await client.delete(`${collection.pods(plan.namespace)}/${name}`, {
      gracePeriodSeconds: 0,
      signal,
    });
  }
  throw new ActionError(noBase(failures));
}

function noBase(failures: readonly string[]): string {
  return failures.length === 0
    ? 'No node lists an image that the registry could start from; let any Pod run on a node of the cluster first, so that its image is there.'
    : `The registry could not start from any image that is on a node (${failures.join('; ')}).`;
}

/** Undefined when the Pod's container runs or has run; else why it never will. */
async function startFault(
  client: ApiClient,
  plan: RegistryPlan,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = { labelSelector: selectorOf(plan.id, 'registry') };
  const path = collection.pods(plan.namespace);
  for await (const pods of observe<V1Pod>(client, path, { query, signal })) {
    const state = startStateOf(pods.get(name));
    if (state !== 'starting') {
      return state === 'running' ? undefined : state.fault;
    }
  }
  throw new Error('an observation ended');
}

/** Waiting reasons after which a container with pull policy Never cannot start on this image. */
const UNUSABLE =
  /^(ErrImageNeverPull|InvalidImageName|ImageInspectError|ErrImagePull|ImagePullBackOff|CreateContainerError|CreateContainerConfigError|RunContainerError|CrashLoopBackOff)$/;

/** Reads whether the registry's container has come to run. */
export function startStateOf(pod: V1Pod | undefined): 'starting' | 'running' | { fault: string } {
  if (pod === undefined) {
    return { fault: 'its Pod was deleted' };
  }
  const { phase, reason, message, containerStatuses } = pod.status ?? {};
  const { running, waiting, terminated } = containerStatuses?.[0]?.state ?? {};
  if (running !== undefined) {
    return 'running';
  }
  if (terminated !== undefined) {
    return { fault: lastLineOf(terminated.message) ?? terminated.reason ?? 'it ended' };
  }
  if (phase === 'Failed') {
    return { fault: [reason, message].filter(Boolean).join(': ') || 'its Pod failed' };
  }
  if (UNUSABLE.test(waiting?.reason ?? '')) {
    return { fault: [waiting?.reason, waiting?.message].filter(Boolean).join(': ') };
  }
  return 'starting';
}
