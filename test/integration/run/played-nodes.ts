import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { isFault } from '../../../src/kube/error.js';
import { collection } from '../../../src/kube/pods.js';
import { observe } from '../../../src/kube/watch.js';
import { type RunPlace, selectorOf } from '../../../src/run/run.js';

const NODES = '/api/v1/nodes';

/** Nodes that nobody is behind: what a kubelet would say of them and of their Pods, the test says. */
export class PlayedNodes {
  private readonly names = new Set<string>();

  constructor(private readonly client: ApiClient) {}

  async add(
    name: string,
    { ready = true, architecture = 'amd64', labels = {} } = {},
  ): Promise<void> {
    await this.client.create(NODES, { metadata: { name, labels } } as ApiObject);
    this.names.add(name);
    const nodeInfo = { operatingSystem: 'linux', architecture };
    await this.client.patch(`${NODES}/${name}/status`, { status: { nodeInfo } });
    await this.setReady(name, ready);
  }

  async setReady(name: string, ready: boolean): Promise<void> {
    const condition = ready
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady' }
      : { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' };
    await this.client.patch(`${NODES}/${name}/status`, { status: { conditions: [condition] } });
  }

  /** Has a Ready node be under a pressure, in which its kubelet takes no Pod. */
  async press(name: string, type: string): Promise<void> {
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'KubeletReady' },
      { type, status: 'True', reason: 'KubeletHasPressure' },
    ];
    await this.client.patch(`${NODES}/${name}/status`, { status: { conditions } });
  }

  async remove(name: string): Promise<void> {
    await this.client.delete(`${NODES}/${name}`);
    this.names.delete(name);
  }

  async removeAll(): Promise<void> {
    for (const name of this.names) await this.remove(name);
  }
}

/** Says what a Pod's kubelet would say. */
export async function sayStatus(client: ApiClient, pod: V1Pod, status: object): Promise<void> {
  const { name, namespace } = pod.metadata ?? {};
  await client.patch(`${collection.pods(namespace as string)}/${name}/status`, { status });
}

/** The status of a Pod whose containers are all in this state. */
export function allIn(pod: V1Pod, state: object, more: object = {}): object {
  const running = 'running' in state;
  return {
    phase: running ? 'Running' : 'Pending',
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: (pod.spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: running,
      restartCount: 0,
      state,
      ...more,
    })),
  };
}

export const RUNNING = { running: { startedAt: '2026-01-01T00:00:01Z' } };
export const CREATING = { waiting: { reason: 'ContainerCreating' } };
/** The status of a Pod whose containers wait for an init container that does not start. */
export const keptBack = (pod: V1Pod) => ({
  ...allIn(pod, { waiting: { reason: 'PodInitializing' } }),
  initContainerStatuses: [
    {
      ...{ name: 'mesh', image: 'mesh:1', imageID: '', ready: false, restartCount: 0 },
      state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } },
    },
  ],
});
export const refusedOf = (pod: V1Pod) => ({
  waiting: {
    reason: 'ErrImagePull',
    message: `failed to pull and unpack image "${pod.spec?.containers[0]?.image}": dial tcp 127.0.0.1:30000: connect: connection refused`,
  },
});

/**
 * Plays the kubelets of a run's Pods: each Pod gets, once, what `say` returns for it, and nothing when that
 * is nothing. Ends with `over`. What `say` throws, such as what a test expects in it, aborts `over`, so that nobody waits
 * for that Pod any more, and is thrown at the end.
 */
export async function playKubelets(
  client: ApiClient,
  { id, namespace }: RunPlace,
  say: (pod: V1Pod) => object | undefined | Promise<object | undefined>,
  over: AbortController,
): Promise<void> {
  const heard = new Set<string>();
  const query = { labelSelector: selectorOf(id) };
  const { signal } = over;
  const saying: Promise<void>[] = [];
  const failures: unknown[] = [];
  const fail = (failure: unknown) => {
    failures.push(failure);
    over.abort(failure);
  };
  const speak = async (pod: V1Pod) => {
    const status = await say(pod);
    // A Pod that has been replaced meanwhile is not spoken of.
    if (status !== undefined) await sayStatus(client, pod, status).catch(() => undefined);
  };
  const speakUnlessGone = (pod: V1Pod) =>
    speak(pod).catch(async (error) => {
      const isLate = isFault(error, 'not-found', 'conflict') && (await isGone(client, pod));
      if (!isLate) fail(error);
    });
  try {
    for await (const pods of observe<V1Pod>(client, collection.pods(namespace), {
      query,
      signal,
    })) {
      for (const pod of pods.values()) {
        const uid = pod.metadata?.uid as string;
        if (heard.has(uid)) continue;
        heard.add(uid);
        saying.push(speakUnlessGone(pod));
      }
    }
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
  await Promise.all(saying);
  if (failures.length > 0) throw failures[0];
}

/** Whether a Pod is there no more, or about to go. */
async function isGone(client: ApiClient, { metadata }: V1Pod): Promise<boolean> {
  const path = collection.pods(metadata?.namespace as string);
  const { items } = await client.list<V1Pod>(path);
  const now = items.find(({ metadata: one }) => one?.uid === metadata?.uid);
  return now === undefined || now.metadata?.deletionTimestamp !== undefined;
}
