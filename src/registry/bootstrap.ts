import type {
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1OwnerReference,
  V1Pod,
  V1Service,
} from '@kubernetes/client-node';
import type { ApiClient } from '../cluster/http.js';
import { collection, createPod } from '../cluster/pods.js';
import { observe } from '../cluster/watch.js';
import { ActionError } from '../errors.js';
import { REGISTRY_CRASHES_MAX } from '../limits.js';
import { nameOf, type Run, selectorOf } from '../run.js';
import { type Base, registryPod, registryService } from './objects.js';

/** What the registry is started with. */
export interface RegistryPlan {
  readonly run: Run;
  readonly namespace: string;
  readonly owner: V1OwnerReference;
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
 * Creates the Service and returns the port that is the registry's on every node's loopback.
 * Throws ApiError.
 */
export async function openService(
  client: ApiClient,
  namespace: string,
  run: Run,
  owner: V1OwnerReference,
  signal: AbortSignal,
): Promise<number> {
  const service = registryService(run, owner);
  const created = await client.create<V1Service>(collection.services(namespace), service, {
    signal,
  });
  const port = created.spec?.ports?.[0]?.nodePort;
  if (port === undefined) {
    throw new ActionError(
      'The cluster gave the registry Service no node port; the action needs Services of type NodePort.',
    );
  }
  return port;
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
    const pod = registryPod(plan.run, plan.owner, base, attempt, plan.chunks, plan.storeBytes);
    const name = nameOf.registry(plan.run.id, attempt);
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
  const query = { labelSelector: selectorOf(plan.run.id, 'registry') };
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

/**
 * Why a registry whose container ran cannot serve any more, in words for people; undefined while
 * it can. An injector that ends with an error says so in its last line; one that is killed cannot.
 */
export function registryFaultOf(pod: V1Pod | undefined): string | undefined {
  if (pod === undefined) {
    return 'its Pod was deleted by someone else';
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return 'its Pod is being deleted by someone else';
  }
  const { phase, reason, message, containerStatuses } = pod.status ?? {};
  if (phase === 'Failed' || phase === 'Succeeded') {
    return [reason, message].filter(Boolean).join(': ') || `its Pod ended in phase ${phase}`;
  }
  const container = containerStatuses?.[0];
  const ended = lastEndOf(container);
  return isInjectorsWord(ended?.message) ? lastLineOf(ended?.message) : crashFaultOf(container);
}

/**
 * Why a container that ends without a word of the injector is given up. One crash is no fault, since
 * the container finds its blobs again; one that is killed again and again, for its memory say, never
 * gets further.
 */
function crashFaultOf(container: V1ContainerStatus | undefined): string | undefined {
  const { restartCount = 0, state } = container ?? {};
  const ended = lastEndOf(container);
  const backsOff = state?.waiting?.reason === 'CrashLoopBackOff';
  const endedBadly = ended !== undefined && ended.exitCode !== 0;
  if (!backsOff && !(endedBadly && restartCount >= REGISTRY_CRASHES_MAX)) {
    return undefined;
  }
  const again = `its container crashes again and again (restarts: ${restartCount})`;
  return ended === undefined
    ? [again, state?.waiting?.message].filter(Boolean).join(': ')
    : `${again}, at last with ${wordsOfEnd(ended)}`;
}

/** Reason, exit code and last line of a container's end, as far as the kubelet knows them. */
function wordsOfEnd({ reason, exitCode, message }: V1ContainerStateTerminated): string {
  const how = [reason, `exit code ${exitCode}`].filter(Boolean).join(', ');
  return [how, lastLineOf(message)].filter(Boolean).join(': ');
}

/** How the container ended the last time: just now, or before it was started again. */
function lastEndOf(
  container: V1ContainerStatus | undefined,
): V1ContainerStateTerminated | undefined {
  return container?.state?.terminated ?? container?.lastState?.terminated;
}

function isInjectorsWord(message: string | undefined): boolean {
  return /\bjackal fatal\b/.test(message ?? '');
}

function lastLineOf(message: string | undefined): string | undefined {
  return message?.trim().split('\n').at(-1);
}
