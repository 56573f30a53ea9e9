import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Where blobs lie: account, container and name, as Azure's client takes apart an address with an IP. */
const BLOB_PATH = '/account/container/blob';

/** The calls of the protocol. */
export type CacheCall =
  | 'CreateCacheEntry'
  | 'FinalizeCacheEntryUpload'
  | 'GetCacheEntryDownloadURL';

/** A cache service on loopback that speaks GitHub's protocol version 2. */
export interface CacheService {
  /** What a step needs in its environment to use the service. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the calls that came, in order. */
  readonly calls: string[];
  /** Fulfilled when a call came that is never answered. */
  readonly unanswered: Promise<void>;
  /** Bytes of each entry, by key and version. */
  readonly entries: Map<string, Buffer>;
  close(): Promise<void>;
}

/**
 * Starts a cache service for the real @actions/cache: three twirp calls and one blob store. It
 * keeps what it is given, and lists it by exact key and version, else by key prefix, as GitHub's does.
 *
 * @param silent the call that it takes and never answers
 */
export async function startCacheService(silent?: CacheCall): Promise<CacheService> {
  const { promise: unanswered, resolve: comes } = Promise.withResolvers<void>();
  const calls: string[] = [];
  const entries = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    // A step does not wait for ever until its upload has come, so it may end in the midst of one.
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const origin = `http://${request.headers.host}`;
    const call = url.pathname.split('/').pop() ?? '';
    const blob = decodeURIComponent(url.searchParams.get('entry') ?? '');
    calls.push(`${request.method} ${url.pathname.startsWith('/twirp/') ? call : 'blob'}`);
    if (call === silent) {
      comes();
      return;
    }
    if (url.pathname === BLOB_PATH) {
      serveBlob(request.method ?? '', blob, body, entries, request.headers.range, response);
      return;
    }
    const { key = '', version = '' } = JSON.parse(body.toString() || '{}');
    const entry = `${key} ${version}`;
    const address = `${origin}${BLOB_PATH}?entry=${encodeURIComponent(entry)}&sig=x`;
    const answers: Record<string, () => object> = {
      CreateCacheEntry: () => ({ ok: true, signed_upload_url: address }),
      FinalizeCacheEntryUpload: () => ({ ok: true, entry_id: '1' }),
      GetCacheEntryDownloadURL: () =>
        entries.has(entry)
          ? { ok: true, signed_download_url: address, matched_key: key }
          : { ok: false },
    };
    const answer = answers[call];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ACTIONS_RESULTS_URL: `http://127.0.0.1:${port}/`,
      ACTIONS_RUNTIME_TOKEN: 'token',
    },
    calls,
    unanswered,
    entries,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function serveBlob(
  method: string,
  entry: string,
  body: Buffer,
  entries: Map<string, Buffer>,
  range: string | undefined,
  response: import('node:http').ServerResponse,
): void {
  if (method === 'PUT') {
    entries.set(entry, body);
    response.writeHead(201, { etag: '"1"', 'last-modified': new Date(0).toUTCString() }).end();
    return;
  }
  const bytes = entries.get(entry);
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(range ?? '') ?? [];
  const part = from === undefined ? bytes : bytes.subarray(+from, to ? +to + 1 : undefined);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': part.length,
    etag: '"1"',
    'content-type': 'application/octet-stream',
    'last-modified': new Date(0).toUTCString(),
    ...(from !== undefined && {
      'content-range': `bytes ${from}-${+from + part.length - 1}/${bytes.length}`,
    }),
  });
  response.end(method === 'HEAD' ? undefined : part);
}
