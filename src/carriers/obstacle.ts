import type { CarrierWish } from '../host/inputs.js';
import type { ApiClient } from '../kube/client.js';
import { missingAmong } from '../preflight/access.js';
import { permissionsOf } from '../preflight/permissions.js';

/** What the ways of a stream are asked with. */
export interface StreamFacts {
  /** The namespace that is given; without it the run makes one of its own. */
  readonly namespace?: string | undefined;
  /** The only way that may be taken. */
  readonly way?: CarrierWish['way'];
  /** Whether the runner is on the network of the cluster's nodes. */
  readonly near: Promise<boolean>;
}

/**
 * Why there can be no stream, as words that follow "because", before anything is written; undefined when
 * there can be one. Who may not forward ports needs the straight way. Throws ApiError.
 */
export async function streamObstacle(
  client: ApiClient,
  { namespace, way, near }: StreamFacts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const wanted = permissionsOf(namespace !== undefined).filter(({ resource }) =>
    ['secrets', 'pods/portforward'].includes(resource),
  );
  const missing = await missingAmong(client, namespace, wanted, { signal });
  const lacks = (resource: string) => missing.find((one) => one.resource === resource);
  const secret = lacks('secrets');
  if (secret !== undefined) {
    return `the kubeconfig's user may not ${secret.verb} secrets`;
  }
  const forward = lacks('pods/portforward');
  const mayForward = forward === undefined && way !== 'direct';
  const mayDial = way !== 'api' && (await near);
  if (mayForward || mayDial) {
    return undefined;
  }
  return forward === undefined || way === 'direct'
    ? "the runner does not reach the nodes' own network"
    : "the kubeconfig's user may not create pods/portforward and the runner does not reach the nodes' own network";
}
