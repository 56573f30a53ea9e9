import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, RequestOptions } from '../kube/client.js';
import { createConfigMap } from '../kube/configmaps.js';
import { isFault } from '../kube/error.js';
import { createPod } from '../kube/pods.js';
import type { ConfigMapSpec } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';

/** Samples of what a run will create in a namespace. */
export interface Samples {
  readonly namespace: string;
  /** As large as the largest that will come. */
  readonly configMap: ConfigMapSpec;
  readonly pods: readonly V1Pod[];
}

/**
 * Has the API server admit samples without storing them, so that policy engines, Pod Security,
 * limit ranges and quotas speak before the first chunk travels. Throws an ActionError with
 * everything that was refused.
 */
export async function rehearse(
  client: ApiClient,
  { namespace, configMap, pods }: Samples,
  options: Pick<RequestOptions, 'signal'> = {},
): Promise<void> {
  const trials = [
    refusal('the ConfigMaps', createConfigMap(client, configMap, { ...options, dryRun: true })),
    ...pods.map((pod) =>
      refusal(
        `the Pod ${pod.metadata?.name}`,
        createPod(client, namespace, pod, { ...options, dryRun: true }),
      ),
    ),
  ];
  const refusals = (await Promise.all(trials)).flat();
  if (refusals.length > 0) {
    throw new ActionError(
      `The cluster refuses what this run would create in the namespace "${namespace}": ${refusals.map(({ words }) => words).join(' ')}`,
      { cause: refusals[0]?.error },
    );
  }
}

async function refusal(what: string, trial: Promise<unknown>) {
  try {
    await trial;
    return [];
  } catch (error) {
    if (isFault(error, 'policy', 'webhook', 'quota', 'permission', 'too-large', 'other')) {
      return [{ words: `${what}: ${error.message}`, error }];
    }
    throw error;
  }
}
