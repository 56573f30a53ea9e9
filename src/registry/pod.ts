import type {
  V1Container,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Probe,
  V1Volume,
} from '@kubernetes/client-node';
import { REGISTRY_READY_PERIOD_SECONDS } from '../lib/limits/pods.js';
import {
  REGISTRY_STORE_OVERHEAD_BYTES,
  RUN_LIFETIME_SECONDS,
  VOLUME_LEAST_BYTES,
  VOLUME_OVERHEAD_BYTES,
  VOLUME_PERCENT,
} from '../lib/limits/run.js';
import { MIB } from '../lib/limits/units.js';
import { placementFor } from '../preflight/affinity.js';
import {
  type BaseCandidate,
  CHUNK_KEY,
  CHUNKS_MOUNT,
  DELIVERY_PORT,
  INJECTOR,
  INJECTOR_VOLUME_MOUNT,
  injectorContainer,
  injectorVolume,
  PROBES,
  podMetadata,
  podSpecOf,
  REGISTRY_PORT,
  USER,
} from '../run/pod.js';
import { type Delivery, labelsFor, nameOf } from '../run/run.js';
import { USUAL_SHAPE } from '../run/shape.js';
import { TOKEN_FILE, TOKEN_MOUNT, tokenVolume } from '../run/token.js';
import { REGISTRY_CONTAINER } from './status.js';

/** Key of the bytes in each of the catalog's ConfigMaps. */
export const CATALOG_KEY = 'catalog';

const CATALOG_MOUNT = '/jackal-catalog';
const STORE_MOUNT = '/jackal-store';

/**
 * The Pod that joins the chunks, verifies them and serves them, or gets catalog and bytes as a stream.
 * Its container needs nothing from its image, so any image will do.
 *
 * @param attempt how many bases were tried before
 * @param chunks path below the chunks directory of each chunk, in order
 * @param storeBytes bytes that the verified blobs will take on the node's disk
 */
export function registryPod(
  delivery: Delivery,
  base: BaseCandidate,
  attempt: number,
  chunks: readonly string[],
  storeBytes: number,
): V1Pod {
  const volumes: V1Volume[] = [
    injectorVolume(delivery, base.architecture),
    ...(takesCatalog(delivery) ? [catalogVolume(delivery)] : []),
    ...(takesDeliveries(delivery) ? [tokenVolume(delivery)] : []),
    storeVolume(delivery, storeBytes),
    ...chunks.map((_, index) => ({
      name: `chunk-${index}`,
      configMap: { name: nameOf.chunk(delivery, index) },
    })),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: podMetadata(delivery, 'registry', nameOf.registry(delivery, attempt)),
    spec: {
      ...placedSpec(delivery, base),
      restartPolicy: 'OnFailure',
      containers: [registryContainer(delivery, base, chunks)],
      volumes,
    },
  };
}

/**
 * A Pod that names its node is no scheduler's business, and a volume that is made for the node of its first Pod comes
 * only with a scheduler.
 */
function placedSpec(delivery: Delivery, base: BaseCandidate) {
  const { hasClaim, nodeSelector, shape = USUAL_SHAPE, unfitToo } = delivery;
  const { architecture, node, taints, notOn } = base;
  if (node !== undefined && hasClaim !== true) {
    // Who may not list nodes knows less of this one than a kubelet does.
    const placement =
      delivery.nodesUnlisted === true && placementFor(architecture, nodeSelector, { unfitToo });
    return { ...podSpecOf({ name: node, taints }, delivery), ...placement };
  }
  const { securityContext, tolerations, ...spec } = podSpecOf({ taints }, delivery);
  const onNode = node === undefined ? { notOn, unfitToo } : { on: [node], unfitToo };
  return {
    ...spec,
    ...placementFor(architecture, nodeSelector, onNode),
    tolerations: node === undefined ? tolerations : [...tolerations, ANYWHERE],
    securityContext: { ...securityContext, ...(hasClaim && shape.user && { fsGroup: USER }) },
  };
}

/** For a Pod whose node was chosen on purpose. */
const ANYWHERE = { operator: 'Exists', effect: 'NoSchedule' };

/** Bytes that the store takes. */
export function storeSize(storeBytes: number): number {
  return storeBytes + REGISTRY_STORE_OVERHEAD_BYTES;
}

/** Bytes of a volume whose file system has room for the store. */
function volumeSize(storeBytes: number): number {
  const size = (storeSize(storeBytes) * VOLUME_PERCENT) / 100 + VOLUME_OVERHEAD_BYTES;
  return Math.max(size, VOLUME_LEAST_BYTES);
}

/** A size as Kubernetes writes it. */
function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}Mi`;
}

function storeVolume(delivery: Delivery, storeBytes: number): V1Volume {
  return delivery.hasClaim
    ? { name: 'store', persistentVolumeClaim: { claimName: nameOf.store(delivery) } }
    : { name: 'store', emptyDir: { sizeLimit: inMebibytes(storeSize(storeBytes)) } };
}

/** The volume of the cluster's default StorageClass that a release's registry keeps its store on. */
export function storeClaim(delivery: Delivery, storeBytes: number): V1PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: nameOf.store(delivery),
      labels: labelsFor(delivery, 'store'),
      ownerReferences: [delivery.owner],
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: inMebibytes(volumeSize(storeBytes)) } },
    },
  };
}

/** The catalog's parts as files of one directory, with the names that the injector looks for. */
function catalogVolume(delivery: Delivery): V1Volume {
  const parts = Array.from({ length: delivery.catalogParts ?? 1 }, (_, part) => ({
    configMap: {
      name: nameOf.catalog(delivery, part),
      items: [{ key: CATALOG_KEY, path: part.toString().padStart(4, '0') }],
    },
  }));
  return { name: 'catalog', projected: { sources: parts } };
}

/** Whether bytes are brought to the registry besides those that it mounts. */
function takesDeliveries({ carrier = 'configmap' }: Delivery): boolean {
  return carrier !== 'configmap';
}

/** Whether the registry mounts its catalog; a stream brings it. */
function takesCatalog({ carrier = 'configmap' }: Delivery): boolean {
  return carrier !== 'stream';
}

function registryContainer(
  delivery: Delivery,
  base: BaseCandidate,
  chunks: readonly string[],
): V1Container {
  const { secret, shape = USUAL_SHAPE } = delivery;
  const delivered = takesDeliveries(delivery);
  return {
    name: REGISTRY_CONTAINER,
    ...injectorContainer(base, shape.registry),
    command: [
      INJECTOR,
      'serve',
      ...['--store', STORE_MOUNT, ...(delivery.hasClaim ? ['--durable'] : [])],
      ...['--listen', `${REGISTRY_PORT}`],
      ...(takesCatalog(delivery) ? ['--catalog', CATALOG_MOUNT, '--chunks', CHUNKS_MOUNT] : []),
      ...(delivered ? ['--deliver', `${DELIVERY_PORT}`, '--token', TOKEN_FILE] : []),
      ...(delivery.kept?.address === undefined ? [] : ['--from', delivery.kept.address]),
    ],
    ports: [
      { name: 'registry', containerPort: REGISTRY_PORT },
      ...(delivered ? [{ name: 'delivery', containerPort: DELIVERY_PORT }] : []),
    ],
    readinessProbe: { ...PROBES.readinessProbe, periodSeconds: REGISTRY_READY_PERIOD_SECONDS },
    startupProbe: untilVerified(secret),
    volumeMounts: [
      INJECTOR_VOLUME_MOUNT,
      ...(takesCatalog(delivery)
        ? [{ name: 'catalog', mountPath: CATALOG_MOUNT, readOnly: true }]
        : []),
      { name: 'store', mountPath: STORE_MOUNT },
      ...(delivered ? [{ name: 'token', mountPath: TOKEN_MOUNT, readOnly: true }] : []),
      ...chunks.map((path, index) => ({
        name: `chunk-${index}`,
        mountPath: `${CHUNKS_MOUNT}/${path.slice(0, -(CHUNK_KEY.length + 1))}`,
        readOnly: true,
      })),
    ],
  };
}

/**
 * The container counts as started, and the Pod then is ready, when all is verified. Asked from inside
 * over the Pod's own loopback, which no mesh, network policy or address family stands before; and not
 * asked any more after that, since each question is a process on the node.
 */
function untilVerified(secret: string): V1Probe {
  const server = `127.0.0.1:${REGISTRY_PORT}`;
  return {
    exec: { command: [INJECTOR, 'probe', '--connect', server, '--path', `/${secret}/readyz`] },
    periodSeconds: 1,
    // The injector holds its answer for 4 s or until all is verified.
    timeoutSeconds: 10,
    failureThreshold: RUN_LIFETIME_SECONDS,
  };
}
