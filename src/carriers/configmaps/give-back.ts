import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../kube/client.js';
import { deleteConfigMaps } from '../../kube/configmaps.js';
import { collection } from '../../kube/pods.js';
import { waitUntil } from '../../kube/watch.js';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { READY_PATIENCE_SECONDS } from '../../lib/limits/run.js';
import { rest } from '../../lib/waiting.js';
import { type RunPlace, selectorOf } from '../../run/run.js';
import type { Pace } from './pace.js';

/** A chunk's ConfigMap. */
export interface LaidChunk {
  readonly name: string;
  readonly bytes: number;
}

/** What is given back, and when. */
export interface GiveBackPlan extends RunPlace {
  readonly registryPod: string;
  /** Whether the registry's Pod says that it has verified all chunks. */
  readonly hasVerifiedAll: (pod: V1Pod | undefined) => boolean;
  readonly chunks: readonly LaidChunk[];
  readonly pace: Pick<Pace, 'concurrency' | 'restMilliseconds'>;
  /** Fulfilled when nobody waits for the registry any more. */
  readonly proven: Promise<unknown>;
  /** Told, as a sentence, of what could not be given back. */
  readonly warn: (sentence: string) => void;
  /** How long, in seconds, the registry is waited for after the proof. */
  readonly patienceSeconds?: number;
}

/**
 * Deletes the chunks as soon as the registry says that it has verified them all, since each byte
 * of theirs costs the control plane about eleven of memory, and at the pace at which it took them, so
 * that others get their answers meanwhile. A registry container that restarts finds what it verified
 * in its emptyDir. Returns the bytes that are left: a courtesy that fails, or whose moment does not come
 * soon after the proof, is told to `warn`, and the post step does it. Throws the signal's reason.
 */
export async function giveBack(
  client: ApiClient,
  plan: GiveBackPlan,
  signal: AbortSignal,
): Promise<number> {
  const { namespace, chunks, pace, warn } = plan;
  const left = new Map(chunks.map(({ name, bytes }) => [name, bytes]));
  if (left.size === 0) {
    return 0;
  }
  try {
    await verified(client, plan, signal);
    const onDeleted = (name: string) => void left.delete(name);
    await deleteConfigMaps(client, namespace, [...left.keys()], { signal, pace, onDeleted });
  } catch (error) {
    signal.throwIfAborted();
    warn(`${sentenceOf(error)} The images' chunks stay in ConfigMaps until the post step.`);
  }
  return [...left.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Fulfilled when the registry has verified all; throws an ActionError when it has not long after the proof. */
async function verified(
  client: ApiClient,
  { id, namespace, registryPod, hasVerifiedAll, proven, patienceSeconds }: GiveBackPlan,
  signal: AbortSignal,
): Promise<void> {
  const seconds = patienceSeconds ?? READY_PATIENCE_SECONDS;
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal]);
  // A proof that fails is told by whoever awaits it.
  proven
    .then(() => rest(seconds * 1000, until))
    .then(
      () => enough.abort(),
      () => undefined,
    );
  const query = { labelSelector: selectorOf(id, 'registry') };
  const done = (pods: ReadonlyMap<string, V1Pod>) => hasVerifiedAll(pods.get(registryPod));
  try {
    await waitUntil<V1Pod>(client, collection.pods(namespace), done, { query, signal: until });
  } catch (error) {
    if (!enough.signal.aborted) {
      throw error;
    }
    throw new ActionError(
      `The registry Pod ${registryPod} has not become ready within ${seconds} s after every node had the images; look at its readiness probe and at who changes it.`,
    );
  } finally {
    enough.abort();
  }
}
