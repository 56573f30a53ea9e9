import type { V1Service } from '@kubernetes/client-node';
import { info } from '../host/runner.js';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import type { Owner } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import type { Carrier } from '../payload/payload.js';
import { type Refusal, refusedError, tried } from '../preflight/dry-run.js';
import { DELIVERY_PORT, REGISTRY_PORT } from '../run/pod.js';
import { labelsFor, labelsOf, nameOf, type OpenRun, type Run, type RunPlace } from '../run/run.js';

/** Path of a run's Service. */
function servicePath({ id, namespace }: RunPlace): string {
  return `${collection.services(namespace)}/${nameOf.service(id)}`;
}

/** Of which type the Service is: open on every node's addresses, or on the cluster's own network alone. */
export type ServiceType = 'NodePort' | 'ClusterIP';

/** How the Service comes to the cluster. */
export interface ServiceShape {
  readonly type: ServiceType;
  /**
   * Whether it leads nowhere until `leadService`. From Kubernetes 1.34 on kube-proxy rests for a second behind each turn (its
   * runner's `minInterval`): the first is the Service's, and the list of no endpoints that a Service with a selector is given
   * at once would take the second, for which the registry's address is mostly just too late.
   */
  readonly leadsLater?: boolean;
}

/**
 * The Service that opens the registry on each node's loopback, where it is of type NodePort. It takes the Pod in before it is
 * ready, so that kube-proxy has programmed the way while the chunks are still being read; the
 * injector holds a request for content that has not arrived.
 */
export function registryService(
  run: Run,
  { carrier, type = 'NodePort', leadsLater = false }: ServicePlan,
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
      ...(!leadsLater && { selector: labelsOf(id, 'registry') }),
      publishNotReadyAddresses: true,
      ipFamilyPolicy: 'PreferDualStack',
      ports,
    },
  };
}

const portOf = (name: string, port: number) => ({ name, port, targetPort: port });

/** What the Service is for. */
export interface ServicePlan extends Partial<ServiceShape> {
  readonly carrier: Carrier;
}

/** What the Service is for, and the shapes that do, the better first. */
export interface ServiceOffer {
  readonly carrier: Carrier;
  readonly shapes: readonly ServiceShape[];
}

/**
 * Has the API server admit the Service without storing it, and returns the first of the shapes that it admits.
 * Throws an ActionError with the words of who refuses all of them.
 */
export async function rehearseService(
  client: ApiClient,
  run: Run,
  { carrier, shapes }: ServiceOffer,
  signal: AbortSignal,
): Promise<ServiceShape> {
  const refusals = new Map<ServiceType, Refusal>();
  for (const shape of shapes) {
    const service = registryService(run, { carrier, ...shape });
    const path = collection.services(run.namespace);
    const create = client.create<V1Service>(path, service, { query: { dryRun: 'All' }, signal });
    const { refusal } = await tried(`the Service of type ${shape.type}`, create);
    if (refusal === undefined) {
      return shape;
    }
    refusals.set(shape.type, refusal);
  }
  throw refusedError(run.namespace, [...refusals.values()]);
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

/** What the Service is in the cluster. */
export interface OpenedService {
  readonly shape: ServiceShape;
  readonly ports: NodePorts;
}

/**
 * Creates the Service in the shape that was admitted; where the cluster has no node port left, which no dry run tells, in
 * the next one of the offer that needs none. Throws ApiError, and as `openService` does.
 */
export async function openAdmitted(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner'>,
  shape: ServiceShape,
  { carrier, shapes }: ServiceOffer,
  signal: AbortSignal,
): Promise<OpenedService> {
  const opened = async (one: ServiceShape) => ({
    shape: one,
    ports: await openService(client, run, { carrier, ...one }, run.owner, signal),
  });
  try {
    return await opened(shape);
  } catch (error) {
    const other = shapes.find(({ type }) => type !== 'NodePort');
    if (!isFault(error, 'no-port') || other === undefined) {
      throw error;
    }
    info('The cluster has no node port left, so its nodes come to the registry by relays.');
    return await opened(other);
  }
}

/** Has the Service lead to the registry Pods of its run. Throws ApiError. */
export async function leadService(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  const selector = labelsOf(run.id, 'registry');
  await client.patch<V1Service>(servicePath(run), { spec: { selector } }, { signal });
}

function portsOf({ spec }: V1Service): NodePorts {
  const [registry, delivery] = (spec?.ports ?? []).map(({ nodePort }) => nodePort);
  return { registry, delivery };
}

/** The Service of a release, made anew where somebody has deleted it. Throws ApiError, and as `openService` does. */
export async function findService(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner'>,
  offer: ServiceOffer,
  signal: AbortSignal,
): Promise<OpenedService> {
  const there = await client.find<V1Service>(servicePath(run), { signal });
  if (there !== undefined) {
    return { shape: { type: there.spec?.type as ServiceType }, ports: portsOf(there) };
  }
  const shape = await rehearseService(client, run, offer, signal);
  return await openAdmitted(client, run, shape, offer, signal);
}

/** The address of the run's Service on the cluster's own network. Throws ApiError. */
export async function serviceAddress(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<string> {
  return (await client.get<V1Service>(servicePath(run), { signal })).spec?.clusterIP ?? '';
}
