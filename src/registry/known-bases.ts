import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { KNOWN_BASES_MAX, RUNNING_BASES_MAX } from '../lib/limits/pods.js';
import type { BaseCandidate } from '../run/pod.js';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../run/run.js';
import { givenBases, needsNoSecret } from './base.js';

/** Sandbox images of one kind of cluster. */
interface Known {
  /** What the version of all of these clusters looks like, and of no others. */
  readonly version?: RegExp;
  readonly images: readonly string[];
}

/**
 * The sandbox images that nodes have on every one of them and kubelets keep, by who makes the nodes. OpenShift's is a
 * digest of its own with each release, so there a Pod in the namespace has to do.
 */
const KNOWN: readonly Known[] = [
  // k3s and RKE2 (k3s `pkg/agent/config`, the file `config.toml` of their containerd).
  {
    version: /\+(?:k3s|rke2)/,
    images: ['docker.io/rancher/mirrored-pause:3.6', 'docker.io/rancher/mirrored-pause:3.10.2'],
  },
  // Amazon's images of 2024 and later, and Bottlerocket's (amazon-eks-ami `cache-pause-container`).
  {
    version: /-eks-/,
    images: ['localhost/kubernetes/pause:latest', 'localhost/kubernetes/pause:0.1.0'],
  },
  // Google's (kubelet's flag `--pod-infra-container-image` on its nodes).
  { version: /-gke\./, images: ['gke.gcr.io/pause:3.8'] },
  // kubeadm, kind, minikube, Talos, k0s: kubeadm's `PauseVersion` (3.9 up to 1.30, 3.10 up to 1.33, 3.10.1 up to
  // 1.35, 3.10.2 since), containerd's `DefaultSandboxImage` (3.8 in 1.7, 3.10.1 in 2.2, 3.10.2 since 2.3), and
  // CRI-O's `DefaultPauseImage` (3.10 in 1.34).
  {
    images: ['3.10.1', '3.10', '3.10.2', '3.9', '3.8'].map((tag) => `registry.k8s.io/pause:${tag}`),
  },
  // Microsoft's (AgentBaker `components.json`).
  {
    images: ['3.6', '3.9', '3.10.2'].map((tag) => {
      const repository = tag === '3.6' ? 'oss/kubernetes/pause' : 'oss/v2/kubernetes/pause';
      return `mcr.microsoft.com/${repository}:${tag}`;
    }),
  },
];

/** What is known of the cluster where its nodes cannot be listed. */
export interface Unlisted {
  readonly namespace: string;
  /** Those that there is an injector for. */
  readonly architectures: readonly string[];
  /** Kubernetes' version as the server tells it; empty when it does not. */
  readonly version: string;
  /** What the user has the run's own Pods start from, in place of all else. */
  readonly image?: string | undefined;
}

/**
 * Where the registry may start while nobody may list nodes: from images of Pods that run in the namespace and need no
 * pull secret, on their nodes, and else from the sandbox images that clusters use, on whatever node a scheduler
 * picks. The architecture of a node is not known, so each is tried for all. Throws ApiError.
 */
export async function unlistedBases(
  client: ApiClient,
  { namespace, architectures, version, image }: Unlisted,
  signal: AbortSignal,
): Promise<BaseCandidate[]> {
  if (image !== undefined) {
    return architectures.flatMap((architecture) => givenBases({ architecture }, image));
  }
  const query = { fieldSelector: 'status.phase=Running' };
  const pods = await client
    .list<V1Pod>(collection.pods(namespace), { query, signal })
    .then(({ items }) => items)
    .catch((error: unknown) => {
      if (isFault(error, 'permission')) return [];
      throw error;
    });
  const running = runningBases(pods).slice(0, RUNNING_BASES_MAX);
  const known = knownImages(version).slice(0, KNOWN_BASES_MAX);
  return [
    ...running.flatMap((base) => architectures.map((architecture) => ({ ...base, architecture }))),
    ...architectures.flatMap((architecture) => known.map((image) => ({ image, architecture }))),
  ];
}

/** Images that run on a node and that a kubelet gives to any Pod; Pods of other runs are gone too soon. */
function runningBases(pods: readonly V1Pod[]): { node: string; image: string }[] {
  const bases = pods
    .filter(({ metadata }) => metadata?.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY)
    .filter(needsNoSecret)
    .flatMap(({ spec }) =>
      (spec?.containers ?? []).flatMap(({ image }) =>
        spec?.nodeName && image ? { node: spec.nodeName, image } : [],
      ),
    );
  return [...new Map(bases.map((base) => [`${base.node} ${base.image}`, base])).values()];
}

/** The sandbox images of the table but for those of clusters that the version rules out; all when there is none. */
export function knownImages(version: string): string[] {
  return KNOWN.filter(
    (known) => known.version === undefined || version === '' || known.version.test(version),
  ).flatMap(({ images }) => images);
}
