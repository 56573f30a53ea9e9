import type { V1Volume } from '@kubernetes/client-node';
import { RUN_LIFETIME_SECONDS } from '../lib/limits/run.js';
import { type Delivery, nameOf } from './run.js';

/** Key of the binary in the injector's ConfigMap, and its name where that is mounted. */
export const INJECTOR_KEY = 'injector';
/** Where the injector's ConfigMap is mounted in every Pod of a run. */
export const INJECTOR_MOUNT = '/jackal';
/** A user that no image relies on: `restricted` Pod Security asks for one that is not root. */
const USER = 65532;

/** What a Pod's container may do under the Pod Security level `restricted`: nothing but run. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};

/** What every Pod of a run has in common; `restricted` Pod Security admits it. */
export function podSpecOf(node: string) {
  return {
    nodeName: node,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostname: 'jackal',
    activeDeadlineSeconds: RUN_LIFETIME_SECONDS,
    terminationGracePeriodSeconds: 2,
    // The node was chosen on purpose: a taint on it says nothing about where images may lie.
    tolerations: [{ operator: 'Exists' }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** The volume that carries the injector for an architecture, executable for everyone. */
export function injectorVolume(
  delivery: Pick<Delivery, 'id' | 'delivery'>,
  architecture: string,
): V1Volume {
  return {
    name: 'injector',
    configMap: { name: nameOf.injector(delivery, architecture), defaultMode: 0o555 },
  };
}
