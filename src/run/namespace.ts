import { type ApiClient, type ApiObject, PARTIAL_OBJECT_LIST } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import type { Owner } from '../kube/protobuf.js';
import { backoff } from '../kube/retry.js';
import { ActionError } from '../lib/errors.js';
import { NAMESPACE_GONE_SECONDS } from '../lib/limits/run.js';
import { rest } from '../lib/waiting.js';
import { WORKFLOW_ANNOTATION } from './lease.js';
import { strangersIn } from './removal/strangers.js';
import {
  isRunId,
  labelsFor,
  ownsNamespace,
  ROLE_LABEL,
  RUN_LABEL,
  type Run,
  type RunPlace,
  selectorOf,
} from './run.js';
import { NO_SIDECAR_NAMESPACE_ANNOTATIONS, NO_SIDECAR_NAMESPACE_LABELS } from './sidecars.js';

/** Pod Security's labels for one of the levels of the Pod Security Standards. */
const levelLabels = (level: string): Record<string, string> =>
  Object.fromEntries(
    ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]),
  );

/**
 * Says that no node selector of the cluster's or of OpenShift's projects is put into the namespace's Pods: these name their
 * nodes, and a kubelet whose node has other labels rejects them (plugin/pkg/admission/podnodeselector, OpenShift's
 * `defaultNodeSelector`).
 */
const NO_NODE_SELECTOR = {
  'openshift.io/node-selector': '',
  'scheduler.alpha.kubernetes.io/node-selector': '',
};

const NAMESPACES = '/api/v1/namespaces';

interface Bounds {
  readonly signal: AbortSignal;
  /** Seconds for which a release waits until its namespace of before is gone. */
  readonly goneSeconds: number;
}

/**
 * Makes the run's own namespace, or makes sure that the one it was given is there. Throws an ActionError
 * that says how to come to one.
 */
export async function findPlace(
  client: ApiClient,
  run: Run,
  signal: AbortSignal,
  goneSeconds = NAMESPACE_GONE_SECONDS,
): Promise<void> {
  if (ownsNamespace(run)) {
    await makeNamespace(client, run, { signal, goneSeconds });
  } else {
    await expectNamespace(client, run.namespace, signal);
  }
}

async function makeNamespace(client: ApiClient, run: Run, bounds: Bounds): Promise<void> {
  const { namespace, workflow } = run;
  const labels = { ...labelsFor(run, 'namespace'), ...NO_SIDECAR_NAMESPACE_LABELS };
  const annotations = {
    ...NO_SIDECAR_NAMESPACE_ANNOTATIONS,
    ...NO_NODE_SELECTOR,
    ...(workflow && { [WORKFLOW_ANNOTATION]: workflow }),
  };
  const make = (more: Readonly<Record<string, string>>) => {
    const metadata = { name: namespace, labels: { ...labels, ...more }, annotations };
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata } as ApiObject;
    return createUnlessThere(client, run, object, bounds);
  };
  try {
    await make(levelLabels('restricted')).catch((error) => {
      // Rancher has these labels of those alone who may `updatepsa` on its projects; our Pods keep to the level without.
      if (!isFault(error, 'policy')) throw error;
      return make({});
    });
  } catch (error) {
    if (isFault(error, 'policy')) {
      throw new ActionError(
        `The cluster's admission takes no namespace that the run makes (${error.words}); make one, name it with the input \`namespace\`, or change the policy.`,
        { cause: error },
      );
    }
    if (isFault(error, 'permission')) {
      throw new ActionError(
        "The kubeconfig's user may not create a namespace for the run; name one that is there with the input `namespace`, or have the README's ClusterRole bound to this user.",
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * A release finds its namespace again; one that is going, since the release was deleted a moment ago, is waited for, but
 * not for ever: one broken APIService keeps it.
 */
async function createUnlessThere(
  client: ApiClient,
  { namespace, id, release }: Run,
  object: ApiObject,
  { signal, goneSeconds }: Bounds,
): Promise<void> {
  const start = performance.now();
  for (let attempts = 1; ; attempts++) {
    try {
      await client.create(NAMESPACES, object, { signal });
      return;
    } catch (error) {
      if (release === undefined || !isFault(error, 'exists')) throw error;
    }
    const path = `${NAMESPACES}/${namespace}`;
    const there = await client.find<ApiObject>(path, { signal });
    if (there !== undefined && there.metadata?.labels?.[RUN_LABEL] !== id) {
      throw new ActionError(
        `The namespace "${namespace}" is there and is not of the release "${release}"; delete it, or give the release another name.`,
      );
    }
    if (there !== undefined && there.metadata?.deletionTimestamp === undefined) {
      return;
    }
    if (there !== undefined && performance.now() - start > goneSeconds * 1000) {
      throw new ActionError(
        `The namespace "${namespace}" of the release "${release}" was deleted and does not go; see by \`kubectl get namespace ${namespace} -o yaml\` what keeps it, and run this step again when it is gone.`,
      );
    }
    await rest(backoff(attempts), signal);
  }
}

/**
 * Has the run's own namespace admit Pods with ports and the network of the host, which Pod Security has under
 * `privileged` alone; a namespace that was given is left as it is. Throws ApiError.
 */
export async function admitHostPods(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  if (ownsNamespace(run)) {
    const labels = levelLabels('privileged');
    await client.patch(`${NAMESPACES}/${run.namespace}`, { metadata: { labels } }, { signal });
  }
}

/** On a run's own namespace: its images are proven, so names may be rewritten. */
export const PROVEN_ANNOTATION = 'jackal-inject.dev/proven';

/** Has the run's own namespace say that the images are proven. Throws ApiError. */
export async function tellProven(
  client: ApiClient,
  { namespace }: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const patch = { metadata: { annotations: { [PROVEN_ANNOTATION]: 'true' } } };
  await client.patch(`${NAMESPACES}/${namespace}`, patch, { signal });
}

async function expectNamespace(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const found = await client.get<ApiObject>(`${NAMESPACES}/${namespace}`, { signal });
    if (found.metadata?.deletionTimestamp !== undefined) {
      throw new ActionError(
        `The namespace "${namespace}" is being deleted; wait until it is gone and make it anew, or leave the input \`namespace\` out.`,
      );
    }
  } catch (error) {
    if (isFault(error, 'not-found')) {
      throw missingNamespace(namespace, error);
    }
    // Rights in a namespace are enough to work in it.
    if (!isFault(error, 'permission')) {
      throw error;
    }
  }
}

/** The error for a namespace that was given and is not there. */
export function missingNamespace(namespace: string, cause: unknown): ActionError {
  return new ActionError(
    `The namespace "${namespace}" does not exist; make it before this step with \`kubectl create namespace ${namespace}\`, or leave the input \`namespace\` out, so that the run makes one of its own.`,
    { cause },
  );
}

/**
 * Begins the removal of the run's own namespace, and does not wait for its end: the namespace controller lets
 * five seconds pass before it acts (kube-controller-manager, `namespaceDeletionGracePeriod`), and one
 * broken APIService keeps every namespace of a cluster for ever. Any other namespace is left alone: one that was given,
 * and one that somebody else has made under the name that a release would give it. Returns what in it is not the run's,
 * for which it stays; later runs look at it again only where another run is in it. Throws ApiError.
 */
export async function removeNamespace(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!ownsNamespace(run)) {
    return [];
  }
  const path = `${NAMESPACES}/${run.namespace}`;
  const { metadata } = (await client.find<DatedObject>(path, { signal })) ?? {};
  if (metadata?.labels?.[RUN_LABEL] !== run.id || metadata.deletionTimestamp !== undefined) {
    return [];
  }
  const { uid = '', creationTimestamp = '' } = metadata;
  const strangers = await strangersIn(client, run, Date.parse(creationTimestamp), signal);
  if (strangers.length === 0) {
    await client.delete(path, { preconditions: { uid }, signal });
  } else if (!strangers.some(({ isOfRun }) => isOfRun)) {
    await leaveNamespace(client, path, signal);
  }
  return strangers.map(({ name }) => name);
}

/** Takes the mark off by which runs find each other's namespaces, where the user may. */
async function leaveNamespace(client: ApiClient, path: string, signal: AbortSignal): Promise<void> {
  const metadata = { labels: { [ROLE_LABEL]: null } };
  await client.patch<ApiObject>(path, { metadata }, { signal }).catch((error) => {
    if (!isFault(error, 'permission', 'not-found')) throw error;
  });
}

/**
 * The run's own namespace as an owner, for what lies in no namespace and is to go with it; undefined for a run that was
 * given one. Throws ApiError.
 */
export async function namespaceAsOwner(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<Owner | undefined> {
  if (!ownsNamespace(run)) {
    return undefined;
  }
  const { metadata } = await client.get<ApiObject>(`${NAMESPACES}/${run.namespace}`, { signal });
  return { apiVersion: 'v1', kind: 'Namespace', name: run.namespace, uid: metadata?.uid ?? '' };
}

/** A namespace that some run has made for itself. */
export interface OwnNamespace extends RunPlace {
  readonly workflow?: string | undefined;
  /** Milliseconds since 1970 by the API server's clock, in whole seconds. */
  readonly created: number;
}

type DatedObject = ApiObject & { readonly metadata?: { readonly creationTimestamp?: string } };

/** The namespaces that other runs have made and nobody is removing. Throws ApiError. */
export async function otherNamespaces(
  client: ApiClient,
  runId: string,
  signal: AbortSignal,
): Promise<OwnNamespace[]> {
  const labelSelector = selectorOf(runId, 'namespace').replace(`${RUN_LABEL}=`, `${RUN_LABEL}!=`);
  const options = { query: { labelSelector }, accept: PARTIAL_OBJECT_LIST, signal };
  const { items } = await client.list<DatedObject>(NAMESPACES, options);
  return items.flatMap(({ metadata }) => {
    const id = metadata?.labels?.[RUN_LABEL] ?? '';
    const place = { id, namespace: metadata?.name ?? '' };
    return isRunId(id) && ownsNamespace(place) && metadata?.deletionTimestamp === undefined
      ? [
          {
            ...place,
            workflow: metadata?.annotations?.[WORKFLOW_ANNOTATION],
            created: Date.parse(metadata?.creationTimestamp ?? ''),
          },
        ]
      : [];
  });
}
