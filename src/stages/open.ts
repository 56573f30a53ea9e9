import type { ApiClient } from '../kube/client.js';
import type { Owner } from '../kube/protobuf.js';
import { openService } from '../registry/bootstrap.js';
import { createAnchor } from '../run/anchor.js';
import { joinNamespace } from '../run/namespace.js';
import { nameOf, type Run } from '../run/run.js';

/** A run that has its place in the cluster. */
export interface OpenRun {
  readonly run: Run;
  readonly namespace: string;
  readonly owner: Owner;
  /** `127.0.0.1:<port>/<secret>`: what stands before a repository in a pullable reference. */
  readonly registry: string;
  /** True when the run had to make the namespace. */
  readonly madeNamespace: boolean;
}

/**
 * Gives the run its place: the namespace, the anchor that owns everything, and the Service, so
 * that the port is known and kube-proxy is at work on it while the rest goes on. Throws ApiError.
 */
export async function openRun(
  client: ApiClient,
  run: Run,
  namespace: string,
  signal: AbortSignal,
): Promise<OpenRun> {
  const { anchor: owner, made } = await joinNamespace(
    client,
    { namespace, runId: run.id, signal },
    () => createAnchor(client, namespace, run, signal),
  );
  const port = await openService(client, namespace, run, owner, signal);
  return {
    run,
    namespace,
    owner,
    registry: `127.0.0.1:${port}/${run.secret}`,
    madeNamespace: made,
  };
}

/** Words for the log: where the run is. */
export function placeOf({ run, namespace }: OpenRun): string {
  return `${nameOf.anchor(run.id)} in ${namespace}`;
}
