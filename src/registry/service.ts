import type { V1Service } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { collection } from '../kube/pods.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import type { Carrier } from '../payload/payload.js';
import { type Refusal, refusedError, tried } from '../preflight/dry-run.js';
import { labelsFor, labelsOf, nameOf, type OpenRun, type Run, type RunPlace } from '../run/run.js';
import { DELIVERY_PORT, REGISTRY_PORT } from './pod.js';

/** Path of a run's Service. */
export function servicePath({ id, namespace }: RunPlace): string {
  return `${collection.services(namespace)}/${nameOf.service(id)}`;
}

/** Of which type the Service is: open on every node's addresses, or on the cluster's own network alone. */
export type ServiceType = 'NodePort' | 'ClusterIP';

/**
 * The Service that opens the registry on each node's loopback, where it is of type NodePort. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService(
  run: Run,
  { carrier, type = 'NodePort' }: ServicePlan,
  owner?: Owner,
): V1Service {
  const { id, release } = run;
  const ports = [portOf('registry', REGISTRY_PORT)];
  // What a release's next images travel by nobody knows.
  if (carrier === 'stream' || release !== undefined) {
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
      type,
      selector: labelsOf(id, 'registry'),
      publishNotReadyAddresses: true,
      ipFamilyPolicy: 'PreferDualStack',
      ports,
    },
  };
}

const portOf = (name: string, port: number) => ({ name, port, targetPort: port });

/** What the Service is for. */
export interface ServicePlan {
  readonly carrier: Carrier;
  readonly type?: ServiceType;
}

/**
 * Has the API server admit the Service without storing it, and returns the first of the types that it admits.
 * Throws an ActionError with the words of who refuses all of them.
 */
export async function rehearseService(
  client: ApiClient,
  run: Run,
  { carrier, types }: Pick<ServicePlan, 'carrier'> & { readonly types: readonly ServiceType[] },
  signal: AbortSignal,
): Promise<ServiceType> {
  const refusals: Refusal[] = [];
  for (const type of types) {
    const service = registryService(run, { carrier, type });
    const path = collection.services(run.namespace);
    const create = client.create<V1Service>(path, service, { query: { dryRun: 'All' }, signal });
    const { refusal } = await tried(`the Service of type ${type}`, create);
    if (refusal === undefined) {
      return type;
    }
    refusals.push(refusal);
  }
  throw refusedError(run.namespace, refusals);
}

/** The ports on the nodes' addresses; none without a NodePort. */
export interface NodePorts {
  /** Where the registry is. */
  readonly registry?: number | undefined;
  /** Where a stream may bring it bytes. */
  readonly delivery?: number | undefined;
}

/** Creates the Service and returns its ports on the nodes. Throws ApiError. */
export async function openService(
  client: ApiClient,
  run: Run,
  plan: ServicePlan,
  owner: Owner,
  signal: AbortSignal,
): Promise<NodePorts> {
  const service = registryService(run, plan, owner);
  const created = await client.create<V1Service>(collection.services(run.namespace), service, {
    signal,
  });
  const { registry, delivery } = portsOf(created);
  if (plan.type !== 'ClusterIP' && registry === undefined) {
    throw new ActionError(
      'The cluster gave the registry Service no node port; set the input `route` to hostport or hostnetwork.',
    );
  }
  return { registry, delivery };
}

function portsOf({ spec }: V1Service): NodePorts {
  const [registry, delivery] = (spec?.ports ?? []).map(({ nodePort }) => nodePort);
  return { registry, delivery };
}

/** The Service of a release, made anew where somebody has deleted it. Throws ApiError, and as `openService` does. */
export async function findService(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner'>,
  { carrier, types }: Pick<ServicePlan, 'carrier'> & { readonly types: readonly ServiceType[] },
  signal: AbortSignal,
): Promise<{ readonly type: ServiceType; readonly ports: NodePorts }> {
  const there = await client.find<V1Service>(servicePath(run), { signal });
  if (there !== undefined) {
    return { type: there.spec?.type as ServiceType, ports: portsOf(there) };
  }
  const type = await rehearseService(client, run, { carrier, types }, signal);
  return { type, ports: await openService(client, run, { carrier, type }, run.owner, signal) };
}

/** The address of the run's Service on the cluster's own network. Throws ApiError. */
export async function serviceAddress(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<string> {
  return (await client.get<V1Service>(servicePath(run), { signal })).spec?.clusterIP ?? '';
}
