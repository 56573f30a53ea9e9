import type { V1Service } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import { refusedError, tried } from '../preflight/dry-run.js';
import { labelsFor, labelsOf, nameOf, type Run } from '../run/run.js';
import { REGISTRY_PORT } from './pod.js';

/**
 * The Service that opens the registry on each node's loopback. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService(run: Run, owner?: Owner): V1Service {
  const { id } = run;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: nameOf.service(id),
      labels: labelsFor(run, 'service'),
      ...(owner && { ownerReferences: [owner] }),
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

const WHAT = 'the Service of type NodePort';

/**
 * Has the API server admit the Service without storing it. Throws an ActionError with the words of who
 * refuses it.
 */
export async function rehearseService(
  client: ApiClient,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  const query = { dryRun: 'All' };
  const create = client.create<V1Service>(
    collection.services(run.namespace),
    registryService(run),
    { query, signal },
  );
  const { refusal } = await tried(WHAT, create);
  if (refusal !== undefined) {
    throw refusedError(run.namespace, [refusal]);
  }
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
