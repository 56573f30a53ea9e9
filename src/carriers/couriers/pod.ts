import type { V1Pod, V1Volume } from '@kubernetes/client-node';
import {
  type BaseCandidate,
  CHUNK_KEY,
  CHUNKS_MOUNT,
  chunkPath,
  INJECTOR,
  INJECTOR_VOLUME_MOUNT,
  injectorContainer,
  injectorVolume,
  podMetadata,
  podSpecOf,
} from '../../run/pod.js';
import { type Delivery, nameOf } from '../../run/run.js';
import { USUAL_SHAPE } from '../../run/shape.js';
import { TOKEN_FILE, TOKEN_MOUNT, tokenVolume } from '../../run/token.js';

/** Key of the plan in its ConfigMap. */
export const PLAN_KEY = 'plan';
/** The name of a courier's container in its Pod; admission may have put others beside it. */
export const COURIER_CONTAINER = 'courier';

const PLAN_MOUNT = '/jackal-plan';

/** What a courier brings, and where to. */
export interface CourierTask {
  readonly batch: number;
  /** How many Pods were made for it before. */
  readonly attempt: number;
  /** The ConfigMaps of its pieces, in order. */
  readonly chunks: readonly string[];
  /** `ADDR:PORT` of the registry's Pod. */
  readonly to: string;
}

/**
 * The Pod that mounts a batch of chunks and brings them to the registry. Its container needs nothing from its
 * image, so any image will do. It has what a proof's container has.
 */
export function courierPod(delivery: Delivery, base: BaseCandidate, task: CourierTask): V1Pod {
  const { shape = USUAL_SHAPE } = delivery;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: podMetadata(delivery, 'courier', nameOf.courier(delivery, task.batch, task.attempt)),
    spec: {
      ...podSpecOf({ name: base.node, taints: base.taints }, { shape }),
      restartPolicy: 'OnFailure',
      containers: [
        {
          name: COURIER_CONTAINER,
          ...injectorContainer(base, shape.proof),
          command: [
            INJECTOR,
            'deliver',
            ...['--plan', `${PLAN_MOUNT}/${PLAN_KEY}`],
            ...['--chunks', CHUNKS_MOUNT],
            ...['--to', task.to],
            ...['--token', TOKEN_FILE],
          ],
          volumeMounts: [
            INJECTOR_VOLUME_MOUNT,
            { name: 'plan', mountPath: PLAN_MOUNT, readOnly: true },
            { name: 'token', mountPath: TOKEN_MOUNT, readOnly: true },
            { name: 'chunks', mountPath: CHUNKS_MOUNT, readOnly: true },
          ],
        },
      ],
      volumes: [
        injectorVolume(delivery, base.architecture),
        { name: 'plan', configMap: { name: nameOf.plan(delivery, task.batch) } },
        tokenVolume(delivery),
        chunksVolume(task.chunks),
      ],
    },
  };
}

/**
 * All chunks in one volume, which is there sooner than one for each, and lies in the node's memory: no more than a
 * batch, for a second or two.
 */
function chunksVolume(chunks: readonly string[]): V1Volume {
  const sources = chunks.map((name, index) => ({
    configMap: { name, items: [{ key: CHUNK_KEY, path: chunkPath(index) }] },
  }));
  return { name: 'chunks', projected: { sources } };
}
