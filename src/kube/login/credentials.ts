import { ActionError } from '../../lib/errors.js';
import {
  CREDENTIAL_LEEWAY_SECONDS,
  RETRY_PATIENCE_SECONDS,
  TOKEN_FILE_SECONDS,
} from '../../lib/limits/kube.js';
import { rest } from '../../lib/waiting.js';
import { backoff } from '../retry.js';
import { fileOrData, readCredentialFile } from './credential-file.js';
import { runPlugin } from './exec-plugin.js';
import type { Kubeconfig, UserEntry } from './kubeconfig-file.js';
import { expiryOf, type OidcLogin, type OidcTokens, refreshTokens } from './oidc.js';
import { secretsOf } from './secrets.js';
import { SharedWork } from './shared-work.js';

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
 * plugins until they run out. Requests that ask at the same time share one fetch, which ends when
 * all of them have given up.
 */
export class Credentials {
  private current: Credential | undefined;
  private fetching: SharedWork<Credential> | undefined;
  /** What an OIDC login has come to; an issuer may take each refresh token only once. */
  private tokens: OidcTokens | undefined;
  /** The last fetch gave one, so that where the next fails it may be for a moment. */
  private given = false;

  /** @param patienceSeconds for how long the next credential is tried to be had when there was one before */
  constructor(
    private readonly config: Kubeconfig,
    private readonly env: Environment,
    private readonly onSecret: (secret: string) => void = () => undefined,
    private readonly patienceSeconds = RETRY_PATIENCE_SECONDS,
  ) {
    // Before anything is asked: whoever refuses the login may quote what it was tried with.
    for (const secret of secretsOf(config)) onSecret(secret);
  }

  /**
   * The credential for a request made now. Throws an ActionError when there is none to be had, and the
   * signal's reason when that ends the wait.
   */
  async get(signal?: AbortSignal): Promise<Credential> {
    if (this.current !== undefined && Date.now() < this.current.expires) {
      return this.current;
    }
    if (this.fetching === undefined || this.fetching.givenUp) {
      this.fetching = this.begin();
    }
    return await this.fetching.wait(signal);
  }

  /**
   * Forgets a credential that the server refused, unless another has taken its place since then; true
   * when a new one can be had.
   */
  forget(refused: Credential): boolean {
    if (this.current === refused) {
      this.current = undefined;
      if (this.tokens !== undefined) this.tokens = { ...this.tokens, idToken: '' };
    }
    const { user } = this.config;
    return Boolean(user.exec ?? user.tokenFile ?? user['auth-provider']);
  }

  private begin(): SharedWork<Credential> {
    const fetching: SharedWork<Credential> = new SharedWork(async (signal) => {
      try {
        const credential = this.hide(await this.fetchPatiently(signal));
        this.current = credential;
        return credential;
      } finally {
        if (this.fetching === fetching) this.fetching = undefined;
      }
    });
    return fetching;
  }

  /** Tells of what must not be read in a log, besides what the kubeconfig itself has. */
  private hide(credential: Credential): Credential {
    const value = credential.authorization?.replace(/^\w+ /, '');
    for (const secret of [value, this.tokens?.refreshToken, credential.key?.toString()]) {
      if (secret) {
        this.onSecret(secret);
      }
    }
    return credential;
  }

  /**
   * Whoever gave a credential may be away for a moment when the next one is due, as an API server may: an issuer, a cloud's
   * token service behind a plugin, a token file that is being replaced. A first one that is not given is nearly always for good.
   */
  private async fetchPatiently(signal: AbortSignal): Promise<Credential> {
    const end = performance.now() + this.patienceSeconds * 1000;
    for (let attempts = 1; ; attempts++) {
      try {
        const credential = await this.fetch(signal);
        this.given = true;
        return credential;
      } catch (error) {
        signal.throwIfAborted();
        const delay = backoff(attempts);
        this.given &&= performance.now() + delay < end;
        if (!this.given) throw error;
        await rest(delay, signal);
      }
    }
  }

  private async fetch(signal: AbortSignal): Promise<Credential> {
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
      const given = await runPlugin(user.exec, cluster, this.env, signal);
      const { token, clientCertificateData, clientKeyData, expires } = given;
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
    const provider = user['auth-provider'];
    if (provider === undefined) {
      return forever;
    }
    if (provider.name !== 'oidc') {
      throw noProvider(provider.name);
    }
    return { ...certificate, ...(await this.fromLogin(provider.config ?? {}, signal)) };
  }

  /** The login's id token while it is valid, then what its issuer gives. */
  private async fromLogin(login: OidcLogin, signal: AbortSignal): Promise<Credential> {
    const idToken = this.tokens?.idToken ?? login['id-token'] ?? '';
    this.tokens ??= {
      idToken,
      ...(login['refresh-token'] && { refreshToken: login['refresh-token'] }),
    };
    if (idToken === '' || expiryOf(idToken) <= Date.now()) {
      const ca = await fileOrData(login, 'idp-certificate-authority');
      const way = { ...(ca && { ca }), env: this.env, signal };
      this.tokens = await refreshTokens(login, this.tokens.refreshToken, way);
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

/** What to do instead of the logins that kubectl has dropped with 1.26. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  gcp: 'install gke-gcloud-auth-plugin and get the kubeconfig anew with `gcloud container clusters get-credentials`',
  azure: 'install kubelogin and convert the kubeconfig with `kubelogin convert-kubeconfig`',
};

function noProvider(name: string): ActionError {
  const successor = SUCCESSORS[name];
  const other = 'use a kubeconfig with a token';
  return new ActionError(
    `The kubeconfig logs in with the auth provider "${name}", which kubectl ${successor ? 'has not had since 1.26' : 'does not know'}; ${successor ? `${successor}, or ${other}` : other}.`,
  );
}
