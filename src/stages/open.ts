import { hide } from '../host/runner.js';
import { saveCleanup } from '../host/state.js';
import { isFault } from '../kube/error.js';
import { openService, rehearseService } from '../registry/service.js';
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
    const run = newRun(inputs);
    hide(run.token);
    saveCleanup({ id: run.id, namespace: run.namespace, workflow: run.workflow });
    await findPlace(client, run, signal);
    const [owner] = await settled([
      leaseFor(job, run),
      rehearseService(client, run, plan.carrier, signal),
    ]);
    const [ports] = await settled([
      openService(client, run, plan.carrier, owner, signal),
      plan.carrier === 'configmap' ? undefined : createToken(client, { ...run, owner }, signal),
    ]);
    notes.outcome = `${nameOf.lease(run.id)} in the namespace ${run.namespace}`;
    const registry = `127.0.0.1:${ports.registry}/${run.secret}`;
    return { ...run, owner, registry, deliveryPort: ports.delivery };
  });
}

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
