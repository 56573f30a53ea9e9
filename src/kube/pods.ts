import type { V1Pod } from '@kubernetes/client-node';
import { ActionError } from '../lib/errors.js';
import { SERVICE_ACCOUNT_PATIENCE_SECONDS } from '../lib/limits/kube.js';
import { rest } from '../lib/waiting.js';
import type { ApiClient, RequestOptions } from './client.js';
import { isFault } from './error.js';

/** The paths of a namespace's collections; those of ConfigMaps and Leases are where these are written. */
export const collection = {
  pods: (namespace: string) => `/api/v1/namespaces/${namespace}/pods`,
  events: (namespace: string) => `/api/v1/namespaces/${namespace}/events`,
  secrets: (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`,
  services: (namespace: string) => `/api/v1/namespaces/${namespace}/services`,
  replicaSets: (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/replicasets`,
  claims: (namespace: string) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  daemonSets: (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
  networkPolicies: (namespace: string) =>
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
} as const;

/** How to create a Pod; with `dryRun` the server admits it and stores nothing. */
export interface CreatePodOptions extends Pick<RequestOptions, 'signal'> {
  readonly dryRun?: boolean;
  /**
   * Until when the namespace may not be whole, since it was made a moment ago: milliseconds of `performance.now()`. The
   * same for all that is tried in it, for some words of a namespace that is not whole are said of others, too.
   */
  readonly unfinishedUntil?: number | undefined;
}

/** Words of the ServiceAccount admission plugin for a namespace that has no `default` one yet. */
const NO_SERVICE_ACCOUNT = /serviceaccount "[^"]*" not found/;

/**
 * Words of OpenShift's admission for a namespace to which its controller has not given a range of users yet, and, at other
 * times, for a user whom it lets do nothing (apiserver-library-go `securitycontextconstraints`).
 */
const NO_USER_RANGE =
  /unable to validate against any security context constraint: \[\]|unable to find (?:pre-allocated \S+ )?annotation/;

/**
 * Creates a Pod. A namespace that was made a moment ago has no `default` ServiceAccount yet, and
 * the API server refuses Pods until the controller manager has made it; that moment is waited for
 * by trying again, since not every user who may create Pods may watch ServiceAccounts. So is OpenShift's
 * controller, in a namespace that may be unfinished. Throws an ActionError when no ServiceAccount comes, which no other
 * Pod would mend, and when the cluster's admission put another image in place of one that was asked for.
 */
export async function createPod(
  client: ApiClient,
  namespace: string,
  pod: V1Pod,
  { signal, dryRun, unfinishedUntil = 0 }: CreatePodOptions = {},
): Promise<V1Pod> {
  const options = { signal, ...(dryRun && { query: { dryRun: 'All' } }) };
  const patience = performance.now() + SERVICE_ACCOUNT_PATIENCE_SECONDS * 1000;
  for (let delay = 50; ; delay = Math.min(2 * delay, 1000)) {
    try {
      const created = await client.create<V1Pod>(collection.pods(namespace), pod, options);
      expectImages(namespace, pod, created);
      return created;
    } catch (error) {
      const says = (words: RegExp) => isFault(error, 'policy') && words.test(error.message);
      const now = performance.now();
      if (says(NO_SERVICE_ACCOUNT)) {
        if (now > patience) throw withoutServiceAccount(namespace, error);
      } else if (!says(NO_USER_RANGE) || now > unfinishedUntil) {
        throw error;
      }
    }
    await rest(delay, signal);
  }
}

function withoutServiceAccount(namespace: string, cause: unknown): ActionError {
  return new ActionError(
    `The namespace "${namespace}" still has no ServiceAccount "default" after ${SERVICE_ACCOUNT_PATIENCE_SECONDS} s, so no Pod can be made in it; see that the cluster's controller manager runs, which makes it.`,
    { cause },
  );
}

/** A container that runs proves nothing about an image that it was not made from. */
function expectImages(namespace: string, asked: V1Pod, created: V1Pod): void {
  for (const { name, image } of asked.spec?.containers ?? []) {
    const given = created.spec?.containers.find((container) => container.name === name)?.image;
    if (given !== image) {
      throw new ActionError(
        `A policy of the cluster replaces the image ${image} by ${given} in the namespace "${namespace}"; except the namespace from that policy or use another one.`,
      );
    }
  }
}
