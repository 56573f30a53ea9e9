import type { V1Service } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import { labelsOf, nameOf, type Run } from '../run/run.js';
import { REGISTRY_PORT } from './pod.js';

/**
 * The Service that opens the registry on each node's loopback. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService({ id }: Run, owner: Owner): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: nameOf.service(id),
      labels: labelsOf(id, 'service'),
      ownerReferences: [owner],
    },
    spec: {
      type: 'NodePort',
      selector: labelsOf(id, 'registry'),
      publishNotReadyAddresses: true,
      ipFamilyPolicy: 'PreferDualStack',
      ports: [{ name: 'registry', port: REGISTRY_PORT, targetPort: REGISTRY_PORT }],
    },
  };
}

/**
 * Creates the Service and returns the port that is the registry's on every node's loopback.
 * Throws ApiError.
 */
export async function openService(
  client: ApiClient,
  run: Run,
  owner: Owner,
  signal: AbortSignal,
): Promise<number> {
  const service = registryService(run, owner);
  const created = await client.create<V1Service>(collection.services(run.namespace), service, {
    signal,
  });
  const port = created.spec?.ports?.[0]?.nodePort;
  if (port === undefined) {
    throw new ActionError(
      'The cluster gave the registry Service no node port; the action needs Services of type NodePort.',
    );
  }
  return port;
}
