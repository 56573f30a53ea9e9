import { type ApiClient, type ApiObject, PARTIAL_OBJECT_LIST } from '../../kube/client.js';
import { ifAnswered } from '../../kube/error.js';
import {
  isRunId,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  nameOf,
  ROLE_LABEL,
  RUN_LABEL,
  type RunPlace,
} from '../run.js';
import { removeOwn } from './collections.js';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** The collections of the policy that rewrites names, and of its binding. */
export const policiesPath = `${ADMISSION}/mutatingadmissionpolicies`;
/** Without a binding a policy does nothing. */
export const bindingsPath = `${ADMISSION}/mutatingadmissionpolicybindings`;

/** On a policy, which lies in no namespace: that of the run, where its Lease is looked for. */
export const NAMESPACE_ANNOTATION = 'jackal-inject.dev/namespace';

/**
 * Takes away the run's policy, where it has one: first its binding, after which no name is rewritten any more as soon as
 * the API servers have looked, which they do once a second. Returns false where the user may not delete the binding: who
 * may not has made none, but somebody else may have, of a release. Throws ApiError.
 */
export async function removePolicy(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<boolean> {
  const name = nameOf.policy(id);
  // Its Lease may be forged, by somebody who may write Leases in another namespace.
  const isOwn = ({ metadata }: ApiObject) =>
    metadata?.labels?.[RUN_LABEL] === id &&
    metadata.annotations?.[NAMESPACE_ANNOTATION] === namespace;
  const isUnbound = await removeOwn(client, `${bindingsPath}/${name}`, isOwn, signal);
  await removeOwn(client, `${policiesPath}/${name}`, isOwn, signal);
  return isUnbound;
}

/**
 * The runs that have a policy or a binding, by what these say; none where the user may not list them, or Kubernetes has
 * none. Throws the signal's reason.
 */
export async function runsWithPolicy(client: ApiClient, signal: AbortSignal): Promise<RunPlace[]> {
  const query = { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY},${ROLE_LABEL}=policy` };
  const options = { query, accept: PARTIAL_OBJECT_LIST, signal };
  const lists = await Promise.all(
    [policiesPath, bindingsPath].map((path) =>
      ifAnswered(client.list<ApiObject>(path, options), signal),
    ),
  );
  const places = lists.flatMap((list) => list?.items ?? []).flatMap(placeOf);
  return [...new Map(places.map((place) => [place.id, place])).values()];
}

/** Nothing for an object that this action has not written. */
function placeOf({ metadata }: ApiObject): RunPlace[] {
  const id = metadata?.labels?.[RUN_LABEL] ?? '';
  const namespace = metadata?.annotations?.[NAMESPACE_ANNOTATION];
  return !isRunId(id) || namespace === undefined || metadata?.name !== nameOf.policy(id)
    ? []
    : [{ id, namespace }];
}
