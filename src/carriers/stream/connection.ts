import type { IncomingMessage } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isDigest } from '../../images/image.js';
import { ActionError } from '../../lib/errors.js';
import { FEED_SILENCE_SECONDS, SLICE_STALL_SECONDS } from '../../lib/limits/stream.js';
import { sha256Of } from '../../lib/sha256.js';
import { StreamError } from './error.js';
import { StreamHttp } from './exchange.js';
import { isNonce, isProof, type Matter, newNonce, proofOf } from './proof.js';
import { linesOf, type Told, toldIn } from './told.js';

/** Bytes of a blob from an offset on. */
export interface Slice {
  readonly digest: string;
  /** Bytes of the whole blob. */
  readonly size: number;
  readonly first: number;
  readonly length: number;
}

/** What the registry made of a slice, and how many bytes of the blob it has now. */
export interface Taken {
  readonly outcome: 'taken' | 'whole' | 'behind' | 'wrong';
  readonly offset: number;
}

const OUTCOMES: Readonly<Record<number, Taken['outcome']>> = {
  200: 'taken',
  201: 'whole',
  409: 'behind',
  422: 'wrong',
};

/** A connection to the registry's delivery port on which both sides have proven that they know the token. */
export class DeliveryConnection {
  private constructor(
    private readonly http: StreamHttp,
    private readonly proofOf: (matter: Matter) => string,
  ) {}

  /**
   * Proves both sides to each other over a stream. Throws a StreamError `refused` when the other side does
   * not know the token, or does not take it from us; the signal's reason; else the stream's error. Then the
   * stream is closed.
   */
  static async prove(
    stream: Duplex,
    token: string,
    signal?: AbortSignal,
  ): Promise<DeliveryConnection> {
    const http = new StreamHttp(stream);
    const abort = () => http.close(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      return new DeliveryConnection(http, await introduce(http, token));
    } catch (error) {
      http.close();
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Nothing can be asked any more. */
  get isOver(): boolean {
    return this.http.isOver;
  }

  /** Bytes of the blob that the registry has; undefined when its catalog does not list it. */
  async offsetOf(digest: string): Promise<number | undefined> {
    const answer = await this.http.ask('HEAD', pathOf(digest));
    await text(answer);
    if (answer.statusCode === 404) return undefined;
    if (answer.statusCode !== 200) throw unexpected(answer, 'HEAD');
    return offsetIn(answer);
  }

  /** Digests of what the registry's catalog lists, and it neither has whole nor copies. */
  async missing(): Promise<ReadonlySet<string>> {
    const answer = await this.http.ask('GET', '/missing');
    if (answer.statusCode !== 200) throw unexpected(answer, 'GET');
    const stall = this.http.watch(SLICE_STALL_SECONDS, 'the registry does not end an answer');
    try {
      const digests = new Set<string>();
      for await (const line of linesOf(answer)) {
        const [digest = ''] = line.split(' ');
        if (isDigest(digest)) digests.add(digest);
      }
      return digests;
    } finally {
      stall.end();
    }
  }

  /** Sends a slice, whose bytes come in pieces. Throws what the pieces throw, else the stream's error. */
  async put(slice: Slice, pieces: AsyncIterable<Buffer>): Promise<Taken> {
    const { digest, size, first, length } = slice;
    const headers = { 'content-range': `bytes ${first}-${first + length - 1}/${size}` };
    const { response, isWhole } = await this.http.put(pathOf(digest), headers, { length, pieces });
    const outcome = OUTCOMES[response.statusCode ?? 0];
    if (outcome === undefined) throw unexpected(response, 'PUT');
    const taken = { outcome, offset: offsetIn(response) };
    if (isWhole) await text(response);
    else this.close();
    return taken;
  }

  /**
   * Hands over the catalog, with what shows that it comes from here: whoever stands between may have done no more than
   * pass on the proofs of both sides. Throws a StreamError `refused` when another one came, an ActionError when
   * the registry does not take it, else the stream's error.
   */
  async putCatalog(catalog: Buffer): Promise<void> {
    const proof = this.proofOf(`catalog sha256:${sha256Of(catalog)}`);
    const body = { length: catalog.length, pieces: Readable.from([catalog]) };
    const { response } = await this.http.put('/catalog', { 'jackal-proof': proof }, body);
    response.resume();
    if (response.statusCode === 201) return;
    if (response.statusCode === 403) {
      throw new StreamError(
        'refused',
        "The run's catalog did not reach the registry as it was sent, so nothing of it is served; look for what stands between this machine and the registry and changes what is sent.",
      );
    }
    throw new ActionError(
      `The registry does not take the run's catalog (status ${response.statusCode}); look at its log, and whether another run has its place.`,
    );
  }

  /** Tells the registry that nothing more is going to be delivered, so that it holds nobody for what has not come. */
  async end(): Promise<void> {
    const answer = await this.http.ask('PUT', '/end');
    await text(answer);
    if (answer.statusCode !== 204) throw unexpected(answer, 'PUT');
  }

  /** What the registry tells, as long as the connection lasts; ends by the stream's error. */
  async *demands(): AsyncGenerator<Told> {
    const answer = await this.http.ask('GET', '/demands');
    if (answer.statusCode !== 200) throw unexpected(answer, 'GET');
    const silence = this.http.watch(FEED_SILENCE_SECONDS, 'the registry says nothing any more');
    try {
      for await (const line of linesOf(answer)) {
        silence.refresh();
        const told = toldIn(line);
        if (told !== undefined) yield told;
      }
    } finally {
      silence.end();
      this.close();
    }
    throw new Error('the registry ended its feed');
  }

  /** Ends the connection, and what is under way on it with this reason. */
  close(reason?: Error): void {
    this.http.close(reason);
  }
}

/** Proves both sides to each other. Gives what proves more on this connection. */
async function introduce(http: StreamHttp, token: string): Promise<(matter: Matter) => string> {
  const nonce = newNonce();
  const hello = await ask(http, '/hello', { 'jackal-nonce': nonce });
  const theirs = hello.headers['jackal-nonce'];
  const isTheirs = hello.statusCode === 200 && isNonce(theirs);
  const proof = (matter: Matter) => proofOf(token, matter, nonce, theirs as string);
  if (!isTheirs || !isProof(hello.headers['jackal-proof'], proof('serve'))) {
    throw new StreamError(
      'refused',
      "What answers at the registry's delivery port does not know the token of this run, so nothing is sent there; look whether another Pod or a proxy stands in its place.",
    );
  }
  const proven = await ask(http, '/prove', { 'jackal-proof': proof('deliver') });
  if (proven.statusCode !== 204) {
    throw new StreamError(
      'refused',
      `The registry refused the token of this run (status ${proven.statusCode}); look whether its Secret was changed.`,
    );
  }
  return proof;
}

async function ask(
  http: StreamHttp,
  path: string,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const answer = await http.ask('GET', path, headers);
  answer.resume();
  return answer;
}

function pathOf(digest: string): string {
  return `/blobs/${digest}`;
}

function offsetIn({ headers }: IncomingMessage): number {
  const said = headers['jackal-offset'];
  if (typeof said !== 'string' || !/^\d{1,15}$/.test(said)) {
    throw new Error('the registry does not say how many bytes it has');
  }
  return Number(said);
}

function unexpected({ statusCode = 0 }: IncomingMessage, method: string): Error {
  return new Error(`the registry answered a ${method} with ${statusCode}`);
}
