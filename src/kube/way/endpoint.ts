import { type Agent, type OutgoingHttpHeaders, validateHeaderValue } from 'node:http';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import type { Access } from '../exchange.js';
import { fileOrData } from '../login/credential-file.js';
import { type Credential, Credentials } from '../login/credentials.js';
import type { ClusterEntry, Kubeconfig, UserEntry } from '../login/kubeconfig-file.js';
import { FIELD_MANAGER } from '../request.js';
import { agentFor } from './agent.js';
import { proxyFor } from './proxy.js';
import { secureContextOf, type TlsFacts } from './trust.js';

/** An API server and all that is needed to send it a request. */
export interface Endpoint {
  readonly server: URL;
  /**
   * What a request made now is sent with; may run a credential plugin or ask an OIDC issuer. Throws an
   * ActionError when there is no credential to be had, or the signal's reason.
   */
  authorize(signal?: AbortSignal): Promise<Authorized>;
  /** Closes idle connections. */
  close(): void;
}

/** What a request is sent with, with the user's credential. */
export interface Authorized extends Access {
  /** Tells that the server refused the credential; true when another may be had. */
  refused(): boolean;
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
  const fixed = { 'user-agent': FIELD_MANAGER, ...impersonation(config.user) };
  let agent: Agent | undefined;
  let agentCredential: Credential | undefined;
  return {
    server,
    async authorize(signal) {
      const credential = await credentials.get(signal);
      if (credential !== agentCredential) tryOut(credential, server);
      if (agent === undefined || !sameCertificate(credential, agentCredential)) {
        // The agent before is dropped, not destroyed: requests under way on it shall end well.
        agent = agentFor(server, { ...facts, ...certificateOf(credential) }, proxy);
      }
      agentCredential = credential;
      const { authorization } = credential;
      const headers = { ...fixed, ...(authorization && { authorization }) };
      return { server, agent, headers, refused: () => credentials.forget(credential) };
    },
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

/** Throws an ActionError for what would fail inside a connection, where it looks like a fault of the network. */
function tryOut({ authorization, cert, key }: Credential, { protocol }: URL): void {
  const attempt = (field: string, use: () => unknown) => {
    try {
      use();
    } catch (cause) {
      throw new ActionError(
        `The kubeconfig's ${field} cannot be used (${sentenceOf(cause)}); give the whole of it as it was issued, and a key without a passphrase.`,
        { cause },
      );
    }
  };
  if (authorization) {
    attempt('token', () => validateHeaderValue('authorization', authorization));
  }
  if (protocol === 'https:') {
    // Without authorities, for those of the machine take a while.
    const ca = Buffer.alloc(0);
    if (cert) attempt('client-certificate', () => secureContextOf({ ca, cert }));
    if (key) attempt('client-key', () => secureContextOf({ ca, ...(cert && { cert }), key }));
  }
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
