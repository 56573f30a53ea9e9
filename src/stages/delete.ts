import { hide, warning } from '../host/runner.js';
import type { ApiClient } from '../kube/client.js';
import { connect } from '../kube/connect.js';
import { CLEANUP_TIMEOUT_SECONDS } from '../lib/limits/run.js';
import { leaveRelease, type TakenRelease, takeRelease } from '../run/release/lease.js';
import { removeRun, removeTokenOf } from '../run/remove.js';
import { newRun, type Run } from '../run/run.js';
import type { Job } from './job.js';

/**
 * Takes a release out of the cluster. One that is not there is told, as its name or namespace may be wrong, and no
 * failure, so that a step may be repeated. Throws an ActionError while another step has it, ApiError.
 */
export function deleteRelease({ inputs, log, signal }: Job): Promise<void> {
  return log.group('Delete the release', async (notes) => {
    const options = { ...inputs, env: process.env, signal, onSecret: hide };
    const { client, server } = await connect(options);
    try {
      const run = newRun(inputs);
      const taken = await takeRelease(client, run, 0, signal);
      if (taken === undefined) {
        warning(
          `There is no release "${run.release}" in the namespace "${run.namespace}" on ${server}, so nothing was deleted; give \`release\` and \`namespace\` as the steps had them that made it, if it is still there.`,
        );
        notes.outcome = 'there was none';
        return;
      }
      const strangers = await remove(client, run, taken, signal);
      if (strangers.length > 0) {
        warning(
          `The namespace ${run.namespace} stays, because it holds what is not the release's (${strangers.join(', ')}); delete it when nobody needs that any more.`,
        );
      }
      notes.outcome = `nothing of ${run.release} is left on ${server}`;
    } finally {
      client.close();
    }
  });
}

/** Removes a release that this step has. One that it leaves half-way is left to whoever comes next, at once. */
async function remove(
  client: ApiClient,
  run: Run,
  { firstDelivery }: TakenRelease,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    // The Lease tells of this step from now on, and of what is in use.
    await removeTokenOf(client, run, firstDelivery - 1, signal);
    return await removeRun(client, run, signal);
  } catch (error) {
    const patience = AbortSignal.timeout(CLEANUP_TIMEOUT_SECONDS * 1000);
    await leaveRelease(client, run, patience).catch(() => undefined);
    throw error;
  }
}
