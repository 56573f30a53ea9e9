import type { Agent, OutgoingHttpHeaders } from 'node:http';
import { ActionError } from '../../lib/errors.js';
import { type Credential, Credentials, fileOrData } from '../login/credentials.js';
import type { ClusterEntry, Kubeconfig, UserEntry } from '../login/kubeconfig.js';
import { proxyFor } from './proxy.js';
import { agentFor, type TlsFacts } from './tunnel.js';

/** An API server and all that is needed to send it a request. */
export interface Endpoint {
  readonly server: URL;
  /** Connections and headers for a request made now; may run a credential plugin. */
  authorize(): Promise<{ readonly agent: Agent; readonly headers: OutgoingHttpHeaders }>;
  /** Forgets a credential that the server refused; true when another may be had. */
  forget(): boolean;
  /** Closes idle connections. */
  close(): void;
}

/** The endpoint of a kubeconfig. Throws an ActionError for unusable addresses and files. */
export async function endpointOf(
  config: Kubeconfig,
  env: Readonly<Record<string, string | undefined>>,
  onSecret?: (secret: string) => void,
): Promise<Endpoint> {
  const server = serverOf(config.cluster);
  const proxy = proxyFor(server, config.cluster['proxy-url'], env);
  const facts = await tlsFacts(config.cluster);
  const credentials = new Credentials(config, env, onSecret);
  const fixed = { 'user-agent': 'jackal-inject', ...impersonation(config.user) };
  let agent: Agent | undefined;
  let agentCredential: Credential | undefined;
  return {
    server,
    async authorize() {
      const credential = await credentials.get();
      if (agent === undefined || !sameCertificate(credential, agentCredential)) {
        // The agent before is dropped, not destroyed: requests under way on it shall end well.
        agent = agentFor(server, { ...facts, ...certificateOf(credential) }, proxy);
      }
      agentCredential = credential;
      const { authorization } = credential;
      return { agent, headers: { ...fixed, ...(authorization && { authorization }) } };
    },
    forget: () => credentials.forget(),
    close: () => agent?.destroy(),
  };
}

function serverOf(cluster: ClusterEntry): URL {
  const server = URL.parse(cluster.server);
  if (server === null || !/^https?:$/.test(server.protocol)) {
    throw new ActionError(
      `The kubeconfig's server address "${cluster.server}" is not usable; it must start with https:// or http://.`,
    );
  }
  return server;
}

async function tlsFacts(cluster: ClusterEntry): Promise<TlsFacts> {
  const ca = await fileOrData(cluster, 'certificate-authority');
  const servername = cluster['tls-server-name'];
  return {
    ...(ca && { ca }),
    ...(servername && { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
  };
}

function certificateOf({ cert, key }: Credential): TlsFacts {
  return { ...(cert && { cert }), ...(key && { key }) };
}

function sameCertificate(one: Credential, other: Credential | undefined): boolean {
  return String(one.cert) === String(other?.cert) && String(one.key) === String(other?.key);
}

function impersonation(user: UserEntry): OutgoingHttpHeaders {
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`,
    [...values],
  ]);
  return {
    ...(user.as && { 'impersonate-user': user.as }),
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'] && { 'impersonate-group': [...user['as-groups']] }),
    ...Object.fromEntries(extra),
  };
}
