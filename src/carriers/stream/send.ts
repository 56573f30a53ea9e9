import { debug } from '../../host/runner.js';
import { sentenceOf } from '../../lib/errors.js';
import { STREAM_CONNECTIONS, STREAM_WRONG_RETRIES } from '../../lib/limits/stream.js';
import { rest, unlessAborted } from '../../lib/waiting.js';
import type { ParcelEntry } from '../../payload/parcel.js';
import { Backlog, type Wanted } from './backlog.js';
import { DeliveryConnection, type Slice, type Taken } from './connection.js';
import { type Addressee, endDeliveries, errand } from './errands.js';
import { StreamError } from './error.js';
import { finalError, Patience } from './patience.js';
import { SliceSize } from './slice-size.js';
import type { Told } from './told.js';
import { type Sent, Totals } from './totals.js';

/** What is sent on demand, by which way, and who is told. */
export interface Sending extends Addressee {
  /** The blob of a digest for which somebody waits; undefined when somebody else brings it. */
  readonly blobOf: (digest: string) => ParcelEntry | undefined;
  /** Blobs that are sent before anybody has asked, since asking would take longer; yet behind what somebody waits for. */
  readonly first?: readonly ParcelEntry[];
  /** Settled when nobody waits for anything any more. */
  readonly over: Promise<unknown>;
  /**
   * Blobs that are to be there in the end whoever asks for them, as soon as these are known; then `over` waits for them.
   * Without any the registry is told at the end that nothing more comes.
   */
  readonly rest?: Promise<readonly ParcelEntry[]> | undefined;
  /** A content that was delivered is in the registry, whole and right. */
  readonly onVerified?: (digest: string, size: number) => void;
  /** A client has got all of a content; told once for each. `client` is an address without a port. */
  readonly onPulled?: (digest: string, size: number, client: string) => void;
  /** Bytes went on their way; called for each piece. */
  readonly onProgress?: (sent: Sent) => void;
  /** Connections that send, when it shall be another number than what was measured to be best. */
  readonly connections?: number;
}

/**
 * Sends the registry what it is asked for, and nothing else, until `over` is settled; what the figures are
 * then. Cuts, resets and restarts of the API server are survived: it dials again and goes on at the offset that the
 * registry has. Throws a StreamError that says why nothing gets on (`refused`, `lost`, `failing`) or which blob is
 * wrong (`content`); what a blob's stream throws; the signal's reason.
 */
export async function sendOnDemand(sending: Sending, signal: AbortSignal): Promise<Sent> {
  const stop = new AbortController();
  const stream = new Stream(sending, AbortSignal.any([signal, stop.signal]));
  const work = stream.run();
  const over = sending.over.then(
    () => stream.complete(),
    () => undefined,
  );
  try {
    await unlessAborted(Promise.race([over, ...work]), signal);
    return stream.totals.sum;
  } finally {
    stop.abort();
    stream.close();
    await Promise.allSettled(work);
  }
}

/** A connection that sends. */
interface Line {
  readonly connection: DeliveryConnection;
  /** Bytes of blobs that it has carried. */
  carried: number;
  /** While it was there the registry was found to have more than before, so its end is no failure in a row. */
  gotOn: boolean;
}

class Stream {
  readonly totals = new Totals();
  private readonly backlog: Backlog;
  private readonly sizes = new SliceSize();
  private readonly patience = new Patience();
  private readonly pulled = new Set<string>();

  constructor(
    private readonly sending: Sending,
    private readonly signal: AbortSignal,
  ) {
    this.backlog = new Backlog(signal);
    for (const blob of sending.first ?? []) this.backlog.add(blob, 0, 'unasked');
  }

  /** Begins all that goes on side by side; none of it ends but by an error. */
  run(): Promise<never>[] {
    const senders = Array.from({ length: this.connections }, () => this.send());
    return [this.listen(), ...senders];
  }

  /** Sends what is to be there whoever asks for it, as far as it is missing; else nothing of that comes any more. */
  async complete(): Promise<void> {
    const { rest } = this.sending;
    if (rest === undefined) return await endDeliveries(this.sending, this.signal);
    const blobs = await rest;
    const missing = await this.missing();
    for (const blob of blobs) {
      // Mostly none of it is there; a slice too much costs less than a question for each.
      if (missing.has(blob.digest)) this.backlog.add(blob, 0, 'unasked');
    }
    await this.backlog.untilEmpty();
  }

  /** Lets all sources go. */
  close(): void {
    this.backlog.close();
  }

  private get connections(): number {
    return this.sending.connections ?? STREAM_CONNECTIONS;
  }

  private async connect(): Promise<DeliveryConnection> {
    const stream = await this.sending.way.dial(this.signal);
    return await DeliveryConnection.prove(stream, this.sending.token, this.signal);
  }

  private async pauseAfter(error: unknown, failures: number): Promise<void> {
    this.signal.throwIfAborted();
    debug(`A connection of the stream ended: ${sentenceOf(error)}`);
    await rest(this.patience.pauseAfter(error, failures), this.signal);
  }

  /** What the registry lacks, asked on one connection after the other. */
  private async missing(): Promise<ReadonlySet<string>> {
    for (let failures = 1; ; failures++) {
      try {
        return await errand(this.sending, (connection) => connection.missing(), this.signal);
      } catch (error) {
        await this.pauseAfter(error, failures);
      }
    }
  }

  /** Hears what is wanted, on one connection after the other. */
  private async listen(): Promise<never> {
    for (let failures = 1; ; failures++) {
      try {
        const connection = await this.connect();
        for await (const told of connection.demands()) {
          failures = 0;
          this.hear(told);
        }
      } catch (error) {
        await this.pauseAfter(error, Math.max(failures, 1));
      }
    }
  }

  private hear(told: Told): void {
    // As long as bytes are due it is they that have to get on.
    if (this.backlog.size === 0) this.patience.advance();
    if (told.kind === 'wanted') {
      const blob = this.sending.blobOf(told.digest);
      if (blob !== undefined) this.backlog.add(blob, told.offset);
    } else if (told.kind === 'verified') {
      this.backlog.forget(told.digest);
      this.sending.onVerified?.(told.digest, told.size);
    } else if (told.kind === 'wrong') {
      this.backlog.doubt(told.digest);
    } else if (told.kind === 'pulled') {
      const { digest, size, client } = told;
      const before = this.pulled.size;
      if (this.pulled.add(`${digest} ${client}`).size > before) {
        this.sending.onPulled?.(digest, size, client);
      }
    }
  }

  /** Sends what is wanted, slice by slice, on one connection after the other. */
  private async send(): Promise<never> {
    let line: Line | undefined;
    for (let failures = 1; ; failures++) {
      await this.backlog.untilWaiting();
      let wanted: Wanted | undefined;
      try {
        if (line === undefined || line.connection.isOver) {
          line = undefined;
          line = { connection: await this.connect(), carried: 0, gotOn: false };
        }
        // Only now: while this one dialled, another connection may have sent it.
        wanted = this.backlog.take();
        if (wanted !== undefined) {
          await this.sendTurn(line, wanted);
          this.backlog.giveBack(wanted, 'last');
        }
        failures = 0;
      } catch (error) {
        line?.connection.close();
        if (line?.gotOn === true) failures = 1;
        if (wanted !== undefined) this.backlog.giveBack(wanted, 'first');
        await this.pauseAfter(error, Math.max(failures, 1));
      }
    }
  }

  /** Sends slices of a blob until it is whole, or until another one has its turn. */
  private async sendTurn(line: Line, wanted: Wanted): Promise<void> {
    const { blob } = wanted;
    const due = () =>
      this.backlog.isOutranked(wanted)
        ? 0
        : this.sizes.turn(this.backlog.sharing, this.connections);
    for (let given = 0; given < due() && this.backlog.isWanted(wanted); ) {
      if (wanted.offset === undefined) {
        this.learn(line, wanted, await line.connection.offsetOf(blob.digest));
      }
      if (wanted.offset === undefined || wanted.offset >= blob.size) {
        // Not in the catalog, or nothing is missing: its end is for the registry to tell.
        this.backlog.settle(wanted);
        return;
      }
      const first = wanted.offset;
      const wish = this.sizes.slice(this.backlog.sharing, this.connections);
      const length = Math.min(wish, blob.size - first);
      // Before the slice is begun: one under way that brings no byte is taken for one that does not get through.
      await this.patience.excuse(wanted.source.ready(first));
      const taken = await this.sendSlice(line, wanted, { ...blob, first, length });
      this.learn(line, wanted, taken.offset);
      this.settle(wanted, first, taken);
      given += length;
      if (line.connection.isOver) return;
    }
  }

  private async sendSlice(line: Line, wanted: Wanted, slice: Slice): Promise<Taken> {
    const { digest, size, first, length } = slice;
    const started = performance.now();
    this.totals.begin();
    try {
      const pieces = this.counted(line, wanted, slice);
      const taken = await line.connection.put({ digest, size, first, length }, pieces);
      if (taken.outcome === 'taken' || taken.outcome === 'whole') {
        this.sizes.took(length, performance.now() - started);
      }
      return taken;
    } catch (error) {
      wanted.offset = undefined;
      if (finalError(error) === undefined) this.sizes.cut(line.carried);
      throw error;
    } finally {
      this.totals.end();
    }
  }

  private async *counted(line: Line, wanted: Wanted, slice: Slice): AsyncGenerator<Buffer> {
    let position = slice.first;
    const pieces = wanted.source.read(slice.first, slice.length);
    const next = async (): Promise<Buffer | undefined> =>
      (await this.patience.excuse(pieces.next())).value;
    for (let piece = await next(); piece !== undefined; piece = await next()) {
      this.totals.sent(slice.digest, position, piece.length);
      position += piece.length;
      line.carried += piece.length;
      this.sending.onProgress?.(this.totals.sum);
      yield piece;
    }
  }

  /** Takes what the registry says that it has of a blob for what is known from now on; more than before is progress. */
  private learn(line: Line, wanted: Wanted, offset: number | undefined): void {
    if (offset !== undefined && offset > (wanted.had ?? offset)) {
      this.patience.advance();
      line.gotOn = true;
    }
    wanted.offset = offset;
    wanted.had = offset;
  }

  /** Does what the registry's answer to a slice asks for. */
  private settle(wanted: Wanted, first: number, { outcome, offset }: Taken): void {
    if (outcome === 'wrong') {
      wanted.source.close();
      if (wanted.wrongs++ >= STREAM_WRONG_RETRIES) throw wrong(wanted.blob.digest);
    } else if (outcome === 'whole') {
      this.backlog.settle(wanted);
    } else if (offset === first) {
      throw new Error(`the registry has ${offset} bytes and takes no more`);
    }
  }
}

function wrong(digest: string): StreamError {
  return new StreamError(
    'content',
    `The bytes of ${digest}, sent twice, are not those of that digest; let the images' source be until the step has ended, and run it again.`,
  );
}
