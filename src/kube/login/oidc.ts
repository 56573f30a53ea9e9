import { ActionError, sentenceOf } from '../../lib/errors.js';
import {
  CREDENTIAL_LEEWAY_SECONDS,
  REFUSAL_MAX_BYTES,
  REQUEST_DEADLINE_SECONDS,
  TOKEN_FILE_SECONDS,
} from '../../lib/limits/kube.js';
import { type Answer, exchange } from '../exchange.js';
import { agentFor } from '../way/agent.js';
import { proxyFor } from '../way/proxy.js';
import { unvouchedIn } from '../way/trust.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A kubeconfig's `auth-provider` of the name `oidc`: what `kubectl` knows of the user's login. */
export interface OidcLogin {
  readonly 'idp-issuer-url'?: string;
  readonly 'client-id'?: string;
  readonly 'client-secret'?: string;
  readonly 'id-token'?: string;
  readonly 'refresh-token'?: string;
  readonly 'idp-certificate-authority'?: string;
  readonly 'idp-certificate-authority-data'?: string;
}

/** The id token that stands for the user, and what the next one is to be had with. */
export interface OidcTokens {
  readonly idToken: string;
  readonly refreshToken?: string;
}

/** How an issuer is reached. */
export interface IssuerWay {
  /** The authority that its certificate is from, where the kubeconfig names one. */
  readonly ca?: Buffer;
  /** For its proxy variables. */
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/**
 * A new id token from the login's issuer (OpenID Connect Core 1.0, section 12, found by Discovery
 * 1.0, section 4). Our own, for reasons that docs/design/api-client.md gives. Throws an ActionError when the
 * issuer gives none, or the signal's reason.
 */
export async function refreshTokens(
  login: OidcLogin,
  refreshToken: string | undefined,
  way: IssuerWay,
): Promise<OidcTokens> {
  const issuer = URL.parse(login['idp-issuer-url'] ?? '');
  const client = login['client-id'];
  if (issuer === null || !client || !refreshToken) {
    throw new ActionError(
      `The kubeconfig's OIDC token has expired, and without idp-issuer-url, client-id and refresh-token there is no way to another; log in anew or use a kubeconfig with a token.`,
    );
  }
  try {
    const ask = (url: URL, options?: Asking) => askIssuer(url, way, options);
    const path = `${issuer.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const found = granted(await ask(new URL(path, issuer)));
    const endpoint = URL.parse(String(found.token_endpoint));
    if (endpoint === null) throw new Error('it names no token_endpoint');
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const secret = login['client-secret'];
    const first = await ask(endpoint, asClient(form, client, secret));
    // Some take the secret in the form alone, and say so with either status (RFC 6749, 5.2).
    const again = secret && [400, 401].includes(first.status) && first.error === 'invalid_client';
    const body = { ...form, client_id: client, client_secret: secret ?? '' };
    const tokens = granted(again ? await ask(endpoint, { form: body }) : first);
    if (typeof tokens.id_token !== 'string') throw new Error('its answer has no id_token');
    const next = typeof tokens.refresh_token === 'string' ? tokens.refresh_token : refreshToken;
    return { idToken: tokens.id_token, refreshToken: next };
  } catch (cause) {
    way.signal.throwIfAborted();
    const distrust = way.ca === undefined ? unvouchedIn(cause) : undefined;
    const why = distrust === undefined ? sentenceOf(cause) : `its ${distrust}`;
    throw new ActionError(
      `The kubeconfig's OIDC issuer ${issuer.origin} gave no new token (${why}); log in anew or use a kubeconfig with a token.`,
      { cause },
    );
  }
}

/** The client says who it is in a header when it has a secret (RFC 6749, 2.3.1), else in the form. */
function asClient(form: Record<string, string>, client: string, secret?: string): Asking {
  if (!secret) return { form: { ...form, client_id: client } };
  const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
  return { form, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

interface Asking {
  readonly form?: Readonly<Record<string, string>>;
  readonly authorization?: string;
}

/** What an issuer answered: the JSON's members beside the status. */
type Said = Record<string, unknown> & { readonly status: number };

async function askIssuer(
  url: URL,
  { ca, env, signal }: IssuerWay,
  { form, authorization }: Asking = {},
): Promise<Said> {
  const agent = agentFor(url, ca ? { ca } : {}, proxyFor(url, undefined, env));
  const access = { server: new URL(url.origin), agent, headers: {} };
  try {
    const answer = await exchange(access, {
      method: form ? 'POST' : 'GET',
      path: url.pathname + url.search,
      headers: {
        accept: 'application/json',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(authorization && { authorization }),
      },
      ...(form && { body: [Buffer.from(new URLSearchParams(form).toString())] }),
      deadlineSeconds: REQUEST_DEADLINE_SECONDS,
      maxBytes: REFUSAL_MAX_BYTES,
      signal,
    });
    return { ...parsed(answer), status: answer.status };
  } finally {
    agent.destroy();
  }
}

function parsed({ body }: Answer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The answer, when it is a good one; else its own words are the error. */
function granted(said: Said): Said {
  if (said.status === 200) return said;
  const words = [said.error, said.error_description].filter((word) => typeof word === 'string');
  throw new Error([`status ${said.status}`, ...words].join(': '));
}

/**
 * Milliseconds since 1970 at which a JSON Web Token expires by its own word, less our leeway; soon,
 * for a token of another kind.
 */
export function expiryOf(token: string): number {
  try {
    const payload = token.split('.')[1] ?? '';
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown };
    if (typeof exp === 'number') return (exp - CREDENTIAL_LEEWAY_SECONDS) * 1000;
  } catch {
    // An opaque token.
  }
  return Date.now() + TOKEN_FILE_SECONDS * 1000;
}
