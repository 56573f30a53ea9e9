import type { RouteName } from '../host/input-values.js';
import { hide } from '../host/runner.js';
import { saveCleanup } from '../host/state.js';
import { isFault } from '../kube/error.js';
import { openService, rehearseService, type ServiceType } from '../registry/service.js';
import { relayPortFor } from '../routes/relay-pod.js';
import { createLease } from '../run/lease.js';
import { findPlace, missingNamespace } from '../run/namespace.js';
import { nameOf, newRun, type OpenRun, type Run } from '../run/run.js';
import { createToken } from '../run/token.js';
import type { PreparedJob } from './job.js';

/**
 * Gives the run its place in the cluster: the namespace, the Lease that owns everything, and the
 * Service, whose admission is asked for beside the Lease's, so that the port is known and kube-proxy is at work on it while the rest goes on. What the
 * post step needs is saved before the first write. Throws ApiError.
 */
export function open(job: PreparedJob): Promise<OpenRun> {
  return job.log.group('Open the run', async (notes) => {
    const { client, inputs, plan, signal } = job;
    const { carrier } = plan;
    const run = newRun(inputs);
    hide(run.token);
    const policy = job.rewriteIn !== undefined;
    saveCleanup({ id: run.id, namespace: run.namespace, workflow: run.workflow, policy });
    await findPlace(client, run, signal);
    const types = SERVICE_TYPES[inputs.route];
    const [owner, type] = await settled([
      leaseFor(job, run),
      rehearseService(client, run, { carrier, types }, signal),
    ]);
    const [ports] = await settled([
      openService(client, run, { carrier, type }, owner, signal),
      carrier === 'configmap' ? undefined : createToken(client, { ...run, owner }, signal),
    ]);
    notes.outcome = `${nameOf.lease(run.id)} in the namespace ${run.namespace}`;
    const { registry: port = relayPortFor(run.id), delivery: deliveryPort } = ports;
    const registry = `127.0.0.1:${port}/${run.secret}`;
    return { ...run, owner, registry, deliveryPort, relaysOnly: type !== 'NodePort' };
  });
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
    throw isFault(error, 'not-found') ? missingNamespace(run.namespace, error) : error;
  }
}

/** What all of them give, when none goes on any more. Throws the first failure. */
async function settled<Works extends readonly unknown[]>(works: readonly [...Works]) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}
