import { readFile } from 'node:fs/promises';
import { ActionError } from '../errors.js';
import { CREDENTIAL_LEEWAY_SECONDS, TOKEN_FILE_SECONDS } from '../limits.js';
import { runPlugin } from './exec-plugin.js';
import type { Kubeconfig, UserEntry } from './kubeconfig.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What makes a request the user's: a bearer token or password, a client certificate. */
export interface Credential {
  readonly authorization?: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Milliseconds since 1970 from which on it must be fetched anew. */
  readonly expires: number;
}

/**
 * The user's credential, kept as long as it is valid: static ones for ever, token files and
 * plugins until they run out. Requests that ask at the same time share one fetch.
 */
export class Credentials {
  private current: Promise<Credential> | undefined;
  private expires = 0;

  constructor(
    private readonly config: Kubeconfig,
    private readonly env: Environment,
    private readonly onSecret: (secret: string) => void = () => undefined,
  ) {}

  /** The credential for a request made now. Throws an ActionError when there is none to be had. */
  async get(): Promise<Credential> {
    if (this.current === undefined || Date.now() >= this.expires) {
      this.expires = Number.POSITIVE_INFINITY;
      const fetched = this.fetch().then((credential) => this.hide(credential));
      this.current = fetched;
      fetched.then(
        ({ expires }) => this.settle(fetched, expires),
        () => this.settle(fetched, 0),
      );
    }
    return this.current;
  }

  /** Forgets the credential, since the server refused it; true when a new one can be had. */
  forget(): boolean {
    this.current = undefined;
    const { user } = this.config;
    return Boolean(user.exec ?? user.tokenFile ?? user['auth-provider']);
  }

  private settle(fetched: Promise<Credential>, expires: number): void {
    if (this.current === fetched) {
      this.expires = expires;
    }
  }

  /** Tells of what must not be read in a log: also of what the header's value is made from. */
  private hide(credential: Credential): Credential {
    const { password, 'client-key-data': key } = this.config.user;
    const value = credential.authorization?.replace(/^\w+ /, '');
    for (const secret of [value, password, key, credential.key?.toString()]) {
      if (secret) {
        this.onSecret(secret);
      }
    }
    return credential;
  }

  private async fetch(): Promise<Credential> {
    const { user, cluster } = this.config;
    const certificate = await certificateOf(user);
    const forever = { ...certificate, expires: Number.POSITIVE_INFINITY };
    // The order of client-go: a token file goes before a token, which it may rotate.
    if (user.tokenFile) {
      const token = await readCredentialFile(user.tokenFile, 'tokenFile');
      const expires = Date.now() + TOKEN_FILE_SECONDS * 1000;
      return { ...certificate, authorization: `Bearer ${token.toString().trim()}`, expires };
    }
    if (user.token) {
      return { ...forever, authorization: `Bearer ${user.token}` };
    }
    if (user.username) {
      const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
      return { ...forever, authorization: `Basic ${pair}` };
    }
    if (user.exec) {
      const { token, clientCertificateData, clientKeyData, expires } = await runPlugin(
        user.exec,
        cluster,
        this.env,
      );
      return {
        ...certificate,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(clientCertificateData && { cert: clientCertificateData }),
        ...(clientKeyData && { key: clientKeyData }),
        expires:
          expires === undefined
            ? Number.POSITIVE_INFINITY
            : expires - CREDENTIAL_LEEWAY_SECONDS * 1000,
      };
    }
    return user['auth-provider'] ? { ...certificate, ...(await fromProvider(user)) } : forever;
  }
}

async function certificateOf(user: UserEntry): Promise<Pick<Credential, 'cert' | 'key'>> {
  const cert = await fileOrData(user, 'client-certificate');
  const key = await fileOrData(user, 'client-key');
  return { ...(cert && { cert }), ...(key && { key }) };
}

function fileOrData(user: UserEntry, field: 'client-certificate' | 'client-key') {
  const data = user[`${field}-data`];
  if (data) {
    return Buffer.from(data, 'base64');
  }
  const file = user[field];
  return file ? readCredentialFile(file, field) : undefined;
}

/** Reads a file that the kubeconfig names; `field` is the kubeconfig's word for it. */
export async function readCredentialFile(file: string, field: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ActionError(
      `The kubeconfig's ${field} names ${file}, which cannot be read; bring the file here or put its content into the kubeconfig.`,
      { cause },
    );
  }
}

/**
 * The token of a legacy auth provider (oidc, gcp, azure), which the Kubernetes client refreshes.
 * Kept here until it expires: the client's own bookkeeping refreshes an OIDC token, once it has
 * been refreshed, with every single request.
 */
async function fromProvider(user: UserEntry): Promise<Credential> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const provider = user['auth-provider'];
  const config = new KubeConfig();
  const nowhere = { name: 'cluster', server: 'https://localhost', skipTLSVerify: false };
  config.loadFromClusterAndUser(nowhere, { name: 'user', authProvider: provider });
  const options: { headers: Record<string, string> } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw new ActionError(
      `The kubeconfig's auth provider "${provider?.name}" gave no token; log in anew or use a kubeconfig with a token.`,
      { cause },
    );
  }
  const authorization = options.headers.Authorization;
  if (authorization === undefined) {
    throw new ActionError(
      `The kubeconfig's auth provider "${provider?.name}" has no valid token and no way to refresh it; log in anew or use a kubeconfig with a token.`,
    );
  }
  return { authorization, expires: expiryOf(authorization) };
}

/** When a JSON Web Token says that it expires, less our leeway; soon, for a token of another kind. */
function expiryOf(authorization: string): number {
  try {
    const payload = authorization.split('.')[1] ?? '';
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown };
    if (typeof exp === 'number') {
      return (exp - CREDENTIAL_LEEWAY_SECONDS) * 1000;
    }
  } catch {
    // An opaque token.
  }
  return Date.now() + TOKEN_FILE_SECONDS * 1000;
}
