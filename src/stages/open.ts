import type { RouteName } from '../host/input-values.js';
import { hide } from '../host/runner.js';
import { type CleanupFacts, saveCleanup } from '../host/state.js';
import { isFault } from '../kube/error.js';
import { absoluteFiles } from '../kube/login/kubeconfig.js';
import { RUN_LEASE_SECONDS } from '../lib/limits/run.js';
import { settled } from '../lib/slots.js';
import { keptAddress } from '../registry/addresses.js';
import {
  findService,
  type NodePorts,
  openAdmitted,
  rehearseService,
  type ServiceOffer,
  type ServiceShape,
  type ServiceType,
} from '../registry/service.js';
import { relayPortFor } from '../routes/relay-pod.js';
import { createLease, renewLease } from '../run/lease.js';
import { findPlace, missingNamespace } from '../run/namespace.js';
import { inOtherHands, takeRelease, untilRemoved } from '../run/release/lease.js';
import { readRecord } from '../run/release/record.js';
import { returnTo } from '../run/release/service.js';
import { nameOf, newRun, type OpenRun, type Run } from '../run/run.js';
import { createToken } from '../run/token.js';
import type { PreparedJob } from './job.js';

/**
 * Gives the run its place in the cluster: the namespace, the Lease that owns everything, and the
 * Service, whose admission is asked for beside the Lease's, so that the port is known and kube-proxy is at work on it while
 * the rest goes on. A release finds all of them again. What the post step needs is saved before the first write. Throws
 * ApiError, and an ActionError while another step has the release.
 */
export function open(job: PreparedJob): Promise<OpenRun> {
  return job.log.group('Open the run', async (notes) => {
    const { client, inputs, signal } = job;
    const run = newRun(inputs);
    hide(run.token);
    saveCleanup(factsOf(job, run));
    const { id, namespace, release } = run;
    if (release !== undefined) await untilRemoved(client, run, signal);
    await findPlace(client, run, signal);
    const opened = (await reopen(job, run)) ?? (await openAnew(job, run));
    notes.outcome = `${nameOf.lease(id)} in the namespace ${namespace}`;
    return opened;
  });
}

/** What the post step needs. A later step may have made its cluster the current one by then, in the same file or another. */
function factsOf({ client, context, rewriteIn }: PreparedJob, run: Run): CleanupFacts {
  const { id, namespace, workflow, release, holder } = run;
  // Content has secrets and is not saved: where a later step changes it, the post step can only say so.
  const kubeconfig = absoluteFiles(process.env);
  const where = { server: client.server, kubeconfig, context };
  const policy = rewriteIn !== undefined;
  return { id, namespace, workflow, policy, ...where, ...(release && { release, holder }) };
}

async function openAnew(job: PreparedJob, run: Run): Promise<OpenRun> {
  const { client, plan, signal } = job;
  const { carrier } = plan;
  const offer = offerOf(job, job.inputs.route);
  const [owner, admitted] = await settled([
    leaseFor(job, run),
    rehearseService(client, run, offer, signal),
  ]);
  const [{ shape, ports }] = await settled([
    openAdmitted(client, { ...run, owner }, admitted, offer, signal),
    carrier === 'configmap' ? undefined : createToken(client, { ...run, owner }, signal),
  ]);
  return openedBy({ ...run, owner, firstDelivery: 0 }, shape, ports);
}

/** A release that is there; undefined when this step is the first. */
async function reopen(job: PreparedJob, run: Run): Promise<OpenRun | undefined> {
  const { client, plan, configMapBytes, signal } = job;
  const { release } = run;
  const taken =
    release === undefined ? undefined : await takeRelease(client, run, configMapBytes, signal);
  if (taken === undefined) {
    return undefined;
  }
  const { kept: delivery, since, route, ...found } = taken;
  const { id, namespace } = run;
  const place = { id, namespace };
  const { carrier } = plan;
  // Who has come by a NodePort so far finds nothing behind a Service of another type.
  const offer = offerOf(job, route === 'nodeport' ? route : job.inputs.route);
  const { shape, ports } = await findService(client, { ...run, ...found }, offer, signal);
  const last = found.firstDelivery - 1;
  // One that is made anew has to be led to what is in use, too.
  await returnTo(client, run, { kept: delivery, last }, signal);
  const [record, address] = await settled([
    delivery === undefined ? undefined : readRecord(client, { ...place, delivery }, signal),
    delivery === undefined ? undefined : addressOf(job, run, delivery),
    carrier === 'configmap' ? undefined : createToken(client, { ...run, ...found }, signal),
  ]);
  const kept = { delivery, since, route, record, address };
  return openedBy({ ...run, ...found, kept }, shape, ports);
}

/** Where the registry in use answers; one that is lost and comes again is waited for. */
async function addressOf(
  { client, log, signal }: PreparedJob,
  run: Run,
  delivery: number,
): Promise<string | undefined> {
  const who = 'the registry in use';
  let hasWaited = false;
  const onWaiting = () => {
    hasWaited = true;
    log.waiting(who, 'its Pod was lost, and another one is to start');
  };
  const address = await keptAddress(client, { ...run, delivery }, signal, { onWaiting });
  if (hasWaited) {
    log.ready(who);
    // Nobody else says yet that the step is alive.
    await renewLease(client, run, { seconds: RUN_LEASE_SECONDS }, { signal });
  }
  return address;
}

function openedBy(
  run: Omit<OpenRun, 'registry'>,
  { type, leadsLater }: ServiceShape,
  { registry: port = relayPortFor(run.id), delivery: deliveryPort }: NodePorts,
): OpenRun {
  const registry = `127.0.0.1:${port}/${run.secret}`;
  return { ...run, registry, deliveryPort, relaysOnly: type !== 'NodePort', leadsLater };
}

/** What may open the registry on the nodes by a route. */
function offerOf({ plan, leadsLater }: PreparedJob, route: RouteName | 'auto'): ServiceOffer {
  const shapes = SERVICE_TYPES[route].flatMap((type) =>
    type === 'NodePort' && leadsLater ? [{ type, leadsLater }, { type }] : [{ type }],
  );
  return { carrier: plan.carrier, shapes };
}

/** Which types of Service do for a route, the better first. */
const SERVICE_TYPES: Readonly<Record<RouteName | 'auto', readonly ServiceType[]>> = {
  auto: ['NodePort', 'ClusterIP'],
  nodeport: ['NodePort'],
  hostport: ['ClusterIP'],
  hostnetwork: ['ClusterIP'],
};

/** Who may not look at a namespace learns by the first write that it is missing. */
async function leaseFor({ client, configMapBytes, signal }: PreparedJob, run: Run) {
  try {
    return await createLease(client, run, configMapBytes, signal);
  } catch (error) {
    if (run.release !== undefined && isFault(error, 'exists')) {
      throw inOtherHands(run);
    }
    throw isFault(error, 'not-found') ? missingNamespace(run.namespace, error) : error;
  }
}
