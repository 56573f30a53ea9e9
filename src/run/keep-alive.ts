import type { ApiClient } from '../kube/client.js';
import {
  RUN_LEASE_RENEW_SECONDS,
  RUN_LEASE_SECONDS,
  RUN_LIFETIME_SECONDS,
} from '../lib/limits/run.js';
import { rest } from '../lib/waiting.js';
import { type Held, RunLost, renewLease } from './lease.js';

/**
 * Does the work while the run's Lease says that the run is alive for a few minutes only, time and
 * again, so that what a killed runner leaves can be told from a run that goes on. After the work the
 * Lease gets the lifetime of a run, since the rest of the job needs the registry; after a failure it is
 * left alone. Nothing goes on when it returns. Throws what the work throws, ApiError, and a RunLost as soon as the
 * run is found to be this step's no more.
 *
 * @param work fulfilled with the bytes that it leaves in ConfigMaps, which the Lease then says; it ends by its signal
 * @param renewSeconds how long to wait before each renewal
 */
export async function keepAlive(
  client: ApiClient,
  run: Held,
  work: (signal: AbortSignal) => Promise<number>,
  signal: AbortSignal,
  renewSeconds = RUN_LEASE_RENEW_SECONDS,
): Promise<void> {
  const worked = new AbortController();
  const failed = new AbortController();
  const lost = new AbortController();
  const giveUp = AbortSignal.any([signal, failed.signal]);
  const over = AbortSignal.any([giveUp, worked.signal]);
  const renewals = renew(client, run, renewSeconds, over, giveUp).catch((e) => lost.abort(e));
  try {
    const configMapBytes = await work(AbortSignal.any([signal, lost.signal]));
    worked.abort();
    // One under way is awaited, for the server might carry out what was given up after what follows.
    await renewals;
    // A release lives on without its Lease, which the next step is to have soon.
    const seconds = run.release === undefined ? RUN_LIFETIME_SECONDS : RUN_LEASE_SECONDS;
    const last = { seconds, configMapBytes };
    await renewLease(client, run, last, { signal });
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    failed.abort();
    await renewals;
  }
}

/** Renews until `over`, and gives up what is under way at `giveUp`. Throws a RunLost. */
async function renew(
  client: ApiClient,
  run: Held,
  renewSeconds: number,
  over: AbortSignal,
  giveUp: AbortSignal,
): Promise<void> {
  // Shorter than the usual patience, so that a lease outlives an outage that the run survives.
  const options = { signal: giveUp, patienceSeconds: RUN_LEASE_RENEW_SECONDS };
  for (;;) {
    await rest(renewSeconds * 1000, over).catch(() => undefined);
    if (over.aborted) {
      return;
    }
    await renewLease(client, run, { seconds: RUN_LEASE_SECONDS }, options).catch((error) => {
      // Another failure is not told: the next renewal may do, and the run's own writes say what is wrong.
      if (error instanceof RunLost) throw error;
    });
  }
}
