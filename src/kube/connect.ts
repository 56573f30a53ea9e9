import { ANOTHER_CONTACT_SECONDS } from '../lib/limits/kube.js';
import { ApiClient } from './client.js';
import { isFault } from './error.js';
import { loadKubeconfig } from './login/kubeconfig.js';
import { endpointOf } from './way/endpoint.js';

/** Which cluster to speak to. */
export interface ConnectOptions {
  /** Path or content of a kubeconfig; else KUBECONFIG, ~/.kube/config, in-cluster. */
  readonly kubeconfig?: string;
  /** A context of it; the current one when missing. */
  readonly context?: string;
  /** Address of an API server that has answered this job: it may be away for a restart, where another is wrong. */
  readonly known?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Told of each token, password and key before it is first used, so that logs can hide it. */
  readonly onSecret?: (secret: string) => void;
}

/** A cluster that has answered. */
export interface Connection {
  readonly client: ApiClient;
  /** Address of the API server, for people. */
  readonly server: string;
  /** Name of the context in the kubeconfig. */
  readonly context: string;
  /** The namespace that the context names, if any. */
  readonly namespace?: string;
  /** Kubernetes' version as `v1.37.2`, empty when the server does not tell. */
  readonly version: string;
}

/**
 * Connects to the cluster of a kubeconfig and asks for its version, so that a wrong address or
 * refused credentials are said before anything else. Throws an ActionError of one sentence for a
 * kubeconfig that is missing, malformed or without that context, and for a server that cannot be
 * reached or refuses the credentials.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const config = await loadKubeconfig(options.kubeconfig, options.context, options.env);
  const endpoint = await endpointOf(config, options.env, options.onSecret);
  const client = new ApiClient(endpoint, options.known);
  try {
    return {
      client,
      server: client.server,
      context: config.context,
      ...(config.namespace && { namespace: config.namespace }),
      version: await versionOf(client, options),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function versionOf(client: ApiClient, { known, signal }: ConnectOptions): Promise<string> {
  const patience = known !== undefined && { patienceSeconds: ANOTHER_CONTACT_SECONDS };
  try {
    const options = { signal, ...patience };
    return (await client.get<{ gitVersion: string }>('/version', options)).gitVersion;
  } catch (error) {
    // Some clusters do not tell their version to everyone; that alone is no failure.
    if (isFault(error, 'permission', 'policy', 'not-found')) {
      return '';
    }
    throw error;
  }
}
