import type { V1ContainerStateTerminated, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { ActionError } from '../lib/errors.js';
import { REGISTRY_CRASHES_MAX } from '../lib/limits/run.js';
import { registryStatusOf } from './status.js';

/** The registry's Pod is gone, and with it what it had verified; the part may be done anew. */
export class RegistryLost extends ActionError {}

/** Throws when the registry's Pod cannot serve any more: a RegistryLost where another may do. */
export function failWithRegistry(
  { registryPod, namespace }: { readonly registryPod: string; readonly namespace: string },
  pod: V1Pod | undefined,
): void {
  const fault = registryFaultOf(pod);
  if (fault !== undefined) {
    const Fault = registryLossOf(pod) === undefined ? ActionError : RegistryLost;
    throw new Fault(
      `The registry Pod ${registryPod} cannot serve any more: ${fault}; run the job again, and look at the node's pressure and at who deletes Pods in the namespace ${namespace}.`,
    );
  }
}

/**
 * Why a registry whose container ran cannot serve any more, in words for people; undefined while
 * it can. An injector that ends with an error says so in its last line; one that is killed cannot.
 */
export function registryFaultOf(pod: V1Pod | undefined): string | undefined {
  const loss = registryLossOf(pod);
  if (loss !== undefined) {
    return loss;
  }
  const container = registryStatusOf(pod);
  const ended = lastEndOf(container);
  return isInjectorsWord(ended?.message) ? lastLineOf(ended?.message) : crashFaultOf(container);
}

/**
 * How the registry's Pod was lost with all that it had verified, in words for people: another Pod
 * may do as well as this one did. Undefined while it is there.
 */
export function registryLossOf(pod: V1Pod | undefined): string | undefined {
  if (pod === undefined) {
    return 'its Pod was deleted by someone else';
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return 'its Pod is being deleted by someone else';
  }
  const { phase, reason, message } = pod.status ?? {};
  if (phase === 'Failed' || phase === 'Succeeded') {
    return [reason, message].filter(Boolean).join(': ') || `its Pod ended in phase ${phase}`;
  }
  return undefined;
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

/** Whether a container's last words are the injector's own about what it died of. */
export function isInjectorsWord(message: string | undefined): boolean {
  return /\bjackal fatal\b/.test(message ?? '');
}

/** The last line of a container's last words. */
export function lastLineOf(message: string | undefined): string | undefined {
  return message?.trim().split('\n').at(-1);
}
