import type { ApiClient, ApiObject } from '../kube/client.js';
import { listConfigMaps } from '../kube/configmaps.js';
import { isFault } from '../kube/error.js';
import { waitUntil } from '../kube/watch.js';
import { ActionError } from '../lib/errors.js';
import { MANAGED_BY, MANAGED_BY_LABEL, ROLE_LABEL, RUN_LABEL } from './run.js';

/** The annotation by which a run that joins a namespace makes its presence known. */
export const JOINED_ANNOTATION = 'jackal-inject.dev/joined';

/** Who joins which namespace. */
export interface NamespaceOptions {
  readonly namespace: string;
  readonly runId: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a run found or made. */
export interface JoinedNamespace<Anchor> {
  /** What `createAnchor` returned, for the anchor that stands. */
  readonly anchor: Anchor;
  /** This run created the namespace. */
  readonly made: boolean;
  /** The namespace carries our label: a run of this action made it, and the last one removes it. */
  readonly ours: boolean;
}

/** Pod Security's label; the levels are those of the Pod Security Standards. */
const POD_SECURITY = 'pod-security.kubernetes.io';

/**
 * Makes sure that the namespace is there and that the run's anchor stands in it, safely against
 * another run that removes the namespace at the same time: the anchor comes first, then a touch of
 * the namespace, which changes its resourceVersion, so that a removal decided before fails (see
 * `leaveNamespace`). A namespace that is being deleted is waited for and made anew. Throws an
 * ActionError when it does not exist and may not be created.
 */
export async function joinNamespace<Anchor>(
  client: ApiClient,
  options: NamespaceOptions,
  createAnchor: () => Promise<Anchor>,
): Promise<JoinedNamespace<Anchor>> {
  let made = false;
  for (;;) {
    const found = await findNamespace(client, options);
    if (found === undefined) {
      made = (await makeNamespace(client, options)) || made;
      continue;
    }
    if (found.metadata?.deletionTimestamp !== undefined) {
      made = false;
      await waitUntilNamespaceGone(client, options);
      continue;
    }
    const anchor = await anchorIn(createAnchor, found === UNREADABLE);
    if (anchor === undefined) {
      made = found === UNREADABLE && (await makeNamespace(client, options));
      continue;
    }
    const ours = found.metadata?.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
    if (!ours || (await touch(client, options))) {
      return { ...anchor, made, ours };
    }
  }
}

/**
 * Runs `createAnchor`; undefined when the namespace is not there or going, which the next look at
 * it tells apart. Without the right to look, waiting for its end is not possible.
 */
async function anchorIn<Anchor>(createAnchor: () => Promise<Anchor>, unreadable: boolean) {
  try {
    return { anchor: await createAnchor() };
  } catch (error) {
    if (isFault(error, 'not-found') || (isFault(error, 'terminating') && !unreadable)) {
      return undefined;
    }
    throw error;
  }
}

/** Stands for a namespace that the user may not look at; rights in it are enough to work in it. */
const UNREADABLE: ApiObject = {};

/** The anchors of the other runs in the namespace. Throws ApiError. */
export async function otherAnchors(
  client: ApiClient,
  { namespace, runId, signal }: NamespaceOptions,
): Promise<ApiObject[]> {
  const selector = `${MANAGED_BY_LABEL}=${MANAGED_BY},${ROLE_LABEL}=anchor,${RUN_LABEL}!=${runId}`;
  return listConfigMaps(client, namespace, selector, { signal });
}

/**
 * Removes the namespace when a run of this action made it and no other run has an anchor in it;
 * the caller's own objects are gone or go with it. True when the removal has begun. A run that
 * joined since the namespace was read has changed its resourceVersion, and the removal fails.
 */
export async function leaveNamespace(
  client: ApiClient,
  options: NamespaceOptions,
): Promise<boolean> {
  const { namespace, signal } = options;
  const found = await findNamespace(client, options);
  const { uid, resourceVersion, labels } = found?.metadata ?? {};
  if (labels?.[MANAGED_BY_LABEL] !== MANAGED_BY || uid === undefined || !resourceVersion) {
    return false;
  }
  if ((await otherAnchors(client, options)).length > 0) {
    return false;
  }
  try {
    const preconditions = { uid, resourceVersion };
    return await client.delete(pathOf(namespace), { preconditions, signal });
  } catch (error) {
    if (isFault(error, 'conflict')) {
      return false;
    }
    throw error;
  }
}

/** Waits until the namespace is gone, as the API server says. */
export async function waitUntilNamespaceGone(
  client: ApiClient,
  { namespace, signal }: Pick<NamespaceOptions, 'namespace' | 'signal'>,
): Promise<void> {
  const query = { fieldSelector: `metadata.name=${namespace}` };
  let uid: string | undefined;
  // Another run may make it anew at once, which then is another one.
  await waitUntil<ApiObject>(
    client,
    '/api/v1/namespaces',
    (objects) => {
      const found = objects.get(namespace)?.metadata;
      uid ??= found?.uid;
      return found === undefined || found.uid !== uid || found.deletionTimestamp === undefined;
    },
    { query, signal, metadataOnly: true },
  );
}

async function findNamespace(
  client: ApiClient,
  { namespace, signal }: NamespaceOptions,
): Promise<ApiObject | undefined> {
  try {
    return await client.get<ApiObject>(pathOf(namespace), { signal });
  } catch (error) {
    if (isFault(error, 'not-found')) {
      return undefined;
    }
    if (isFault(error, 'permission')) {
      return UNREADABLE;
    }
    throw error;
  }
}

/** Creates the namespace; false when another run was quicker. */
async function makeNamespace(
  client: ApiClient,
  { namespace, runId, signal }: NamespaceOptions,
): Promise<boolean> {
  const labels = {
    [MANAGED_BY_LABEL]: MANAGED_BY,
    [`${POD_SECURITY}/enforce`]: 'restricted',
    [`${POD_SECURITY}/warn`]: 'restricted',
  };
  const annotations = { [JOINED_ANNOTATION]: runId };
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels, annotations },
  };
  try {
    await client.create('/api/v1/namespaces', object, { signal });
    return true;
  } catch (error) {
    if (isFault(error, 'exists')) {
      return false;
    }
    if (isFault(error, 'permission')) {
      throw new ActionError(
        `The namespace "${namespace}" does not exist and the kubeconfig's user may not create it; create it or grant "create" on namespaces with a ClusterRole.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** Marks the namespace with this run; false when it is gone or going. */
async function touch(
  client: ApiClient,
  { namespace, runId, signal }: NamespaceOptions,
): Promise<boolean> {
  const patch = { metadata: { annotations: { [JOINED_ANNOTATION]: runId } } };
  try {
    const touched = await client.patch<ApiObject>(pathOf(namespace), patch, { signal });
    return touched.metadata?.deletionTimestamp === undefined;
  } catch (error) {
    if (isFault(error, 'not-found')) {
      return false;
    }
    throw error;
  }
}

function pathOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}`;
}
