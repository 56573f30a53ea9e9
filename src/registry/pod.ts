import type { V1Container, V1Pod, V1Volume } from '@kubernetes/client-node';
import { REGISTRY_MEMORY, REGISTRY_STORE_OVERHEAD_BYTES } from '../lib/limits/run.js';
import {
  INJECTOR_KEY,
  INJECTOR_MOUNT,
  injectorVolume,
  podSpecOf,
  RESTRICTED_CONTAINER,
} from '../run/pod.js';
import { type Delivery, labelsOf, nameOf } from '../run/run.js';

/** Key of the table in the catalog's ConfigMap. */
export const CATALOG_KEY = 'catalog';
/** Key of the bytes in a chunk's ConfigMap. */
export const CHUNK_KEY = 'chunk';

const CATALOG_MOUNT = '/jackal-catalog';
const CHUNKS_MOUNT = '/jackal-chunks';
const STORE_MOUNT = '/jackal-store';

/** The port that the registry listens on inside its Pod. */
export const REGISTRY_PORT = 5000;

/** Where a Pod can start without pulling anything: a node, and an image that is on it. */
export interface Base {
  readonly node: string;
  readonly architecture: string;
  readonly image: string;
}

/**
 * The Pod that joins the chunks, verifies them and serves them. Its container needs nothing from
 * its image, so any image that is on the node will do; it is never pulled.
 *
 * @param attempt how many bases were tried before
 * @param chunks path below the chunks directory of each chunk, in order
 * @param storeBytes bytes that the verified blobs will take on the node's disk
 */
export function registryPod(
  delivery: Delivery,
  base: Base,
  attempt: number,
  chunks: readonly string[],
  storeBytes: number,
): V1Pod {
  const storeLimit = Math.ceil((storeBytes + REGISTRY_STORE_OVERHEAD_BYTES) / 1024 / 1024);
  const volumes: V1Volume[] = [
    injectorVolume(delivery, base.architecture),
    { name: 'catalog', configMap: { name: nameOf.catalog(delivery) } },
    { name: 'store', emptyDir: { sizeLimit: `${storeLimit}Mi` } },
    ...chunks.map((_, index) => ({
      name: `chunk-${index}`,
      configMap: { name: nameOf.chunk(delivery, index) },
    })),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nameOf.registry(delivery, attempt),
      labels: labelsOf(delivery.id, 'registry'),
      ownerReferences: [delivery.owner],
    },
    spec: {
      ...podSpecOf(base.node),
      restartPolicy: 'OnFailure',
      containers: [registryContainer(delivery, base, chunks)],
      volumes,
    },
  };
}

function registryContainer(
  { secret }: Delivery,
  base: Base,
  chunks: readonly string[],
): V1Container {
  return {
    name: 'registry',
    image: base.image,
    imagePullPolicy: 'Never',
    command: [
      `${INJECTOR_MOUNT}/${INJECTOR_KEY}`,
      'serve',
      ...['--catalog', `${CATALOG_MOUNT}/${CATALOG_KEY}`],
      ...['--chunks', CHUNKS_MOUNT],
      ...['--store', STORE_MOUNT],
      ...['--listen', `0.0.0.0:${REGISTRY_PORT}`],
    ],
    workingDir: '/',
    ports: [{ name: 'registry', containerPort: REGISTRY_PORT }],
    readinessProbe: {
      httpGet: { path: `/${secret}/readyz`, port: REGISTRY_PORT },
      periodSeconds: 1,
      // The injector holds its answer for 4 s or until all is verified.
      timeoutSeconds: 10,
    },
    resources: {
      requests: { cpu: '10m', memory: '16Mi' },
      limits: { memory: REGISTRY_MEMORY },
    },
    securityContext: RESTRICTED_CONTAINER,
    // The injector's last line says why it ended; this hands it to whoever reads the Pod.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'injector', mountPath: INJECTOR_MOUNT, readOnly: true },
      { name: 'catalog', mountPath: CATALOG_MOUNT, readOnly: true },
      { name: 'store', mountPath: STORE_MOUNT },
      ...chunks.map((path, index) => ({
        name: `chunk-${index}`,
        mountPath: `${CHUNKS_MOUNT}/${path.slice(0, -(CHUNK_KEY.length + 1))}`,
        readOnly: true,
      })),
    ],
  };
}

/** The path of a chunk below the chunks directory: its volume's mount and the ConfigMap's key. */
export function chunkPath(index: number): string {
  return `${index.toString().padStart(4, '0')}/${CHUNK_KEY}`;
}
