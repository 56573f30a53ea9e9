import { hide, info, warning } from '../host/runner.js';
import { connect } from '../kube/connect.js';
import { takeRelease } from '../run/release/lease.js';
import { removeRun, removeTokenOf } from '../run/remove.js';
import { newRun } from '../run/run.js';
import type { Job } from './job.js';

/**
 * Takes a release out of the cluster. One that is not there is nothing to be done about, so that a step may be repeated.
 * Throws an ActionError while another step has it, ApiError.
 */
export function deleteRelease({ inputs, log, signal }: Job): Promise<void> {
  return log.group('Delete the release', async (notes) => {
    const options = { ...inputs, env: process.env, signal, onSecret: hide };
    const { client, server } = await connect(options);
    try {
      const run = newRun(inputs);
      const taken = await takeRelease(client, run, 0, signal);
      if (taken === undefined) {
        const where = inputs.namespace === undefined ? '' : ` in the namespace "${run.namespace}"`;
        info(`There is no release "${run.release}"${where} on ${server}.`);
        notes.outcome = 'there was none';
        return;
      }
      // The Lease tells of this step from now on, and of what is in use.
      await removeTokenOf(client, run, taken.firstDelivery - 1, signal);
      const strangers = await removeRun(client, run, signal);
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
