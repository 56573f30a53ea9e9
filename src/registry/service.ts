import type { V1Service } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import type { Carrier } from '../payload/payload.js';
import { refusedError, tried } from '../preflight/dry-run.js';
import { labelsFor, labelsOf, nameOf, type Run } from '../run/run.js';
import { DELIVERY_PORT, REGISTRY_PORT } from './pod.js';

/**
 * The Service that opens the registry on each node's loopback. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService(run: Run, carrier: Carrier, owner?: Owner): V1Service {
  const { id } = run;
  const ports = [portOf('registry', REGISTRY_PORT)];
  if (carrier === 'stream') {
    ports.push(portOf('delivery', DELIVERY_PORT));
  }
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
      ports,
    },
  };
}

const portOf = (name: string, port: number) => ({ name, port, targetPort: port });

const WHAT = 'the Service of type NodePort';

/**
 * Has the API server admit the Service without storing it. Throws an ActionError with the words of who
 * refuses it.
 */
export async function rehearseService(
  client: ApiClient,
  run: Run,
  carrier: Carrier,
  signal: AbortSignal,
): Promise<void> {
  const query = { dryRun: 'All' };
  const create = client.create<V1Service>(
    collection.services(run.namespace),
    registryService(run, carrier),
    { query, signal },
  );
  const { refusal } = await tried(WHAT, create);
  if (refusal !== undefined) {
    throw refusedError(run.namespace, [refusal]);
  }
}

/** The ports on the nodes' addresses. */
export interface NodePorts {
  /** Where the registry is on every node's loopback. */
  readonly registry: number;
  /** Where a stream may bring it bytes. */
  readonly delivery?: number | undefined;
}

/** Creates the Service and returns its ports on the nodes. Throws ApiError. */
export async function openService(
  client: ApiClient,
  run: Run,
  carrier: Carrier,
  owner: Owner,
  signal: AbortSignal,
): Promise<NodePorts> {
  const service = registryService(run, carrier, owner);
  const created = await client.create<V1Service>(collection.services(run.namespace), service, {
    signal,
  });
  const [registry, delivery] = (created.spec?.ports ?? []).map(({ nodePort }) => nodePort);
  if (registry === undefined) {
    throw new ActionError(
      'The cluster gave the registry Service no node port; the action needs Services of type NodePort.',
    );
  }
  return { registry, delivery };
}
