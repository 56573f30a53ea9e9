import type { ApiClient } from '../kube/client.js';
import { ifAnswered } from '../kube/error.js';
import { missingAmong } from './access.js';
import { POLICY_RESOURCES, permissionsOf } from './permissions.js';

interface Discovery {
  readonly resources?: readonly { readonly name: string }[];
}

/**
 * Why the cluster cannot be given a policy that rewrites the names of images, as the middle of a sentence; undefined where
 * it can. Asks the API server what it serves and what the user may do. Throws ApiError.
 *
 * @param version Kubernetes' version as the server tells it
 */
export async function policyObstacle(
  client: ApiClient,
  version: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const group = client.get<Discovery>('/apis/admissionregistration.k8s.io/v1', { signal });
  // Who may not list policies leaves those of dead runs, and can have one all the same.
  const needed = permissionsOf(false).filter(
    ({ resource, verb }) => POLICY_RESOURCES.includes(resource) && verb !== 'list',
  );
  const [served, missing] = await Promise.all([
    ifAnswered(group, signal),
    missingAmong(client, undefined, needed, { signal }),
  ]);
  const has = (name: string) => served?.resources?.some((one) => one.name === name) ?? true;
  if (!POLICY_RESOURCES.every(has)) {
    return `Kubernetes ${version} serves no MutatingAdmissionPolicy (admissionregistration.k8s.io/v1 has it from 1.36 on, unless a feature gate is off)`;
  }
  const [first] = missing;
  return first === undefined
    ? undefined
    : `the kubeconfig's user may not ${first.verb} ${first.resource} in the cluster, which the README's ClusterRole grants`;
}
