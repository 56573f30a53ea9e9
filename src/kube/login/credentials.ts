import { readFile } from 'node:fs/promises';
import { ActionError } from '../../lib/errors.js';
import { CREDENTIAL_LEEWAY_SECONDS, TOKEN_FILE_SECONDS } from '../../lib/limits/kube.js';
import { runPlugin } from './exec-plugin.js';
import type { Kubeconfig, UserEntry } from './kubeconfig.js';
import { expiryOf, type OidcTokens, refreshTokens } from './oidc.js';

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
  /** What an OIDC login has come to; an issuer may take each refresh token only once. */
  private tokens: OidcTokens | undefined;

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
    if (this.tokens !== undefined) this.tokens = { ...this.tokens, idToken: '' };
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
    const { password, 'client-key-data': key, 'auth-provider': provider } = this.config.user;
    const { 'client-secret': clientSecret, 'refresh-token': refreshToken } = provider?.config ?? {};
    const value = credential.authorization?.replace(/^\w+ /, '');
    const given = [password, key, clientSecret, refreshToken];
    for (const secret of [value, ...given, this.tokens?.refreshToken, credential.key?.toString()]) {
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
    if (user['auth-provider']?.name === 'oidc') {
      return { ...certificate, ...(await this.fromLogin(user['auth-provider'].config ?? {})) };
    }
    return user['auth-provider'] ? { ...certificate, ...(await fromProvider(user)) } : forever;
  }

  /** The login's id token while it is valid, then what its issuer gives. */
  private async fromLogin(login: Record<string, string>): Promise<Credential> {
    const idToken = this.tokens?.idToken ?? login['id-token'] ?? '';
    this.tokens ??= {
      idToken,
      ...(login['refresh-token'] && { refreshToken: login['refresh-token'] }),
    };
    if (idToken === '' || expiryOf(idToken) <= Date.now()) {
      const ca = await fileOrData(login, 'idp-certificate-authority');
      this.tokens = await refreshTokens(login, this.tokens.refreshToken, ca, this.env);
    }
    const { idToken: valid } = this.tokens;
    return { authorization: `Bearer ${valid}`, expires: expiryOf(valid) };
  }
}

async function certificateOf(user: UserEntry): Promise<Pick<Credential, 'cert' | 'key'>> {
  const cert = await fileOrData(user, 'client-certificate');
  const key = await fileOrData(user, 'client-key');
  return { ...(cert && { cert }), ...(key && { key }) };
}

/**
 * What a kubeconfig's entry holds as `<field>-data`, base64, or names as the file `<field>`; undefined
 * when it has neither. Throws an ActionError when the file cannot be read.
 */
export async function fileOrData<Field extends string>(
  entry: { readonly [key in Field | `${Field}-data`]?: string },
  field: Field,
): Promise<Buffer | undefined> {
  const data: string | undefined = entry[`${field}-data` as const];
  if (data) {
    return Buffer.from(data, 'base64');
  }
  const file: string | undefined = entry[field];
  return file ? readCredentialFile(file, field) : undefined;
}

/** Reads a file that the kubeconfig names; `field` is the kubeconfig's word for it. */
async function readCredentialFile(file: string, field: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ActionError(
      `The kubeconfig's ${field} names ${file}, which cannot be read; bring the file here or put its content into the kubeconfig.`,
      { cause },
    );
  }
}

/** The token of another legacy auth provider (gcp, azure), which the Kubernetes client refreshes. */
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
