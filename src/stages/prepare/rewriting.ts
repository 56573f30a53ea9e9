import type { Inputs } from '../../host/inputs.js';
import { info } from '../../host/runner.js';
import type { ApiClient } from '../../kube/client.js';
import { ActionError } from '../../lib/errors.js';
import { policyObstacle } from '../../preflight/rewriting.js';
import { parseScope, type Scope } from '../../rewrite/admission/scope.js';

/** What a connection tells, as far as rewriting needs it. */
interface Connected {
  readonly client: ApiClient;
  readonly version: string;
  /** The namespace that the kubeconfig's context names. */
  readonly contextNamespace: string | undefined;
}

/**
 * Where a policy is to rewrite the names of images; undefined where none is to, or where there can be none, of which a
 * line tells. Throws an ActionError where one was asked for and cannot be.
 */
export async function planRewriting(
  { rewrite, rewriteNamespaces }: Pick<Inputs, 'rewrite' | 'rewriteNamespaces'>,
  { client, version, contextNamespace: namespace = 'default' }: Connected,
  signal: AbortSignal,
): Promise<Scope | undefined> {
  const scope = parseScope(rewriteNamespaces, { namespace, since: client.now() });
  if (rewrite === 'none') {
    return undefined;
  }
  const obstacle = await policyObstacle(client, version, signal);
  if (obstacle === undefined) {
    return scope;
  }
  if (rewrite === 'policy') {
    throw new ActionError(
      `The input \`rewrite\` is policy, and ${obstacle}; set it to auto, which goes on without one, where that cannot be mended.`,
    );
  }
  tellNotRewritten(obstacle);
  return undefined;
}

/** Says why manifests have to name something else than they do, and where that is found. */
export function tellNotRewritten(reason: string): void {
  info(
    `Names of images are not rewritten by the cluster, for ${reason}: use the outputs \`images\`, \`metadata\`, \`kustomization\` or \`post-renderer\`.`,
  );
}
