import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { issue } from '../../../cluster/machine/certificates.js';

/** An OpenID Connect issuer on loopback that an API server believes. */
export interface Issuer {
  /** Such as `https://127.0.0.1:34567/realm`. */
  readonly url: string;
  /** Flags of an API server for tokens of this issuer. */
  readonly flags: readonly string[];
  /** Requests for a token so far. */
  readonly asked: number;
  /** A token of this user that is valid for so many seconds from now on. */
  token(user: string, seconds: number): string;
  /** Makes a refresh token, to be used once, of a user; the tokens that it gives live as long. */
  refreshToken(user: string, seconds: number): string;
  close(): void;
}

/** The client that logs in, and its secret. */
export const CLIENT = 'jackal/test';
export const CLIENT_SECRET = 'hush: a+b%';

/**
 * Starts an issuer with a certificate of the authority in `directory`. With `secretInForm` it reads
 * the client's secret nowhere else, as some do.
 */
export async function startIssuer(
  directory: string,
  { secretInForm = false }: { secretInForm?: boolean } = {},
): Promise<Issuer> {
  const addresses = ['IP:127.0.0.1'];
  await issue(directory, [{ file: 'issuer', user: 'issuer', addresses }]);
  const [cert, key] = await Promise.all(
    ['crt', 'key'].map((ending) => readFile(join(directory, `issuer.${ending}`))),
  );
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const refreshTokens = new Map<string, { user: string; seconds: number }>();
  let asked = 0;
  let url = '';

  const token = (user: string, seconds: number) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: url, aud: CLIENT, sub: user, iat: now - 3600, exp: now + seconds };
    const parts = [{ alg: 'RS256', kid: 'one' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = createSign('RSA-SHA256').update(parts.join('.')).sign(privateKey);
    return `${parts.join('.')}.${signature.toString('base64url')}`;
  };
  const refreshToken = (user: string, seconds: number) => {
    const name = `refresh-${randomUUID()}`;
    refreshTokens.set(name, { user, seconds });
    return name;
  };
  const isClient = (authorization: string | undefined, form: URLSearchParams) => {
    if (secretInForm) {
      return form.get('client_id') === CLIENT && form.get('client_secret') === CLIENT_SECRET;
    }
    const pair = [CLIENT, CLIENT_SECRET].map(encodeURIComponent).join(':');
    return authorization === `Basic ${Buffer.from(pair).toString('base64')}`;
  };
  const grant = (
    authorization: string | undefined,
    form: URLSearchParams,
  ): readonly [status: number, json: object] => {
    if (!isClient(authorization, form)) return [401, { error: 'invalid_client' }];
    const known = refreshTokens.get(form.get('refresh_token') ?? '');
    if (form.get('grant_type') !== 'refresh_token' || known === undefined) {
      // As Spring's, which quotes the token that it refuses.
      const description = `the session of ${form.get('refresh_token')} has ended`;
      return [400, { error: 'invalid_grant', error_description: description }];
    }
    const { user, seconds } = known;
    refreshTokens.delete(form.get('refresh_token') ?? '');
    const tokens = { id_token: token(user, seconds), refresh_token: refreshToken(user, seconds) };
    return [200, { ...tokens, access_token: 'x', token_type: 'Bearer' }];
  };

  const server = createServer({ cert, key }, async (request, response) => {
    const answer = (status: number, json: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    const body = await text(request).catch(() => undefined);
    // The client has ended in the midst of its request.
    if (body === undefined) return response.destroy();
    switch (request.url) {
      case '/realm/.well-known/openid-configuration':
        return answer(200, {
          issuer: url,
          jwks_uri: `${url}/keys`,
          token_endpoint: `${url}/token`,
          authorization_endpoint: `${url}/login`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
      case '/realm/keys': {
        const jwk = {
          ...publicKey.export({ format: 'jwk' }),
          kid: 'one',
          alg: 'RS256',
          use: 'sig',
        };
        return answer(200, { keys: [jwk] });
      }
      case '/realm/token':
        asked++;
        return answer(...grant(request.headers.authorization, new URLSearchParams(body)));
      default:
        return answer(404, {});
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  return {
    url,
    flags: [
      `--oidc-issuer-url=${url}`,
      `--oidc-client-id=${CLIENT}`,
      '--oidc-ca-file=ca.crt',
      '--oidc-username-prefix=oidc:',
    ],
    get asked() {
      return asked;
    },
    token,
    refreshToken,
    close: () => server.close(),
  };
}
