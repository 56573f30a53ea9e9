import type { V1OwnerReference, V1Service } from '@kubernetes/client-node';
import { labelsOf, nameOf, type Run } from '../run/run.js';
import { REGISTRY_PORT } from './pod.js';

/**
 * The Service that opens the registry on each node's loopback. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService(run: Run, owner: V1OwnerReference): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: nameOf.service(run.id),
      labels: labelsOf(run.id, 'service'),
      ownerReferences: [owner],
    },
    spec: {
      type: 'NodePort',
      selector: labelsOf(run.id, 'registry'),
      publishNotReadyAddresses: true,
      ipFamilyPolicy: 'PreferDualStack',
      ports: [{ name: 'registry', port: REGISTRY_PORT, targetPort: REGISTRY_PORT }],
    },
  };
}
