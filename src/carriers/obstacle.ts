import type { CarrierWish } from '../host/input-values.js';
import type { CarrierRights } from './rights.js';

/**
 * Why there can be no stream, as words that follow "because"; undefined when there can be one. Who may not
 * forward ports needs the straight way.
 *
 * @param near whether the runner is on the network of the cluster's nodes
 */
export function streamObstacle(
  { way }: CarrierWish,
  { lacksOnSecrets, forward }: CarrierRights,
  near: boolean,
): string | undefined {
  if (lacksOnSecrets !== undefined) {
    return `the kubeconfig's user may not ${lacksOnSecrets} secrets`;
  }
  const mayForward = forward && way !== 'direct';
  const mayDial = near && way !== 'api';
  if (mayForward || mayDial) {
    return undefined;
  }
  return forward || way === 'direct'
    ? "the runner does not reach the nodes' own network"
    : "the kubeconfig's user may not create pods/portforward and the runner does not reach the nodes' own network";
}
