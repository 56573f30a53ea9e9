import type { Readable } from 'node:stream';
import { piecesOf } from '../../images/bytes/content.js';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { unlessAborted } from '../../lib/waiting.js';
import type { ParcelEntry } from '../../payload/parcel.js';

/**
 * Buffers that a file is read into in turns: one is on its way to the network while the next one is
 * filled. New ones for each read cost 60 MB of garbage at a time (measured).
 */
const BUFFERS = 2;

/** A blob's bytes, read on from one slice to the next; opened anew only to go elsewhere. */
export class BlobSource {
  private stream: Readable | undefined;
  private pieces: AsyncIterator<Buffer> | undefined;
  private left: Buffer = Buffer.alloc(0);
  private position = 0;

  /** @param signal ends what waits for its bytes: a stream is not always to be stopped, such as one of a daemon that saves */
  constructor(
    private readonly blob: ParcelEntry,
    private readonly signal: AbortSignal,
  ) {}

  /** Whether it has something open: a file with its buffers, or a stream. */
  get isOpen(): boolean {
    return this.pieces !== undefined;
  }

  /**
   * Fulfilled when the first of the bytes from `first` on is there, which may take a source minutes: a daemon may have to write
   * all of an image before. Throws as `read` does.
   */
  async ready(first: number): Promise<void> {
    this.goTo(first);
    this.left = await this.next();
  }

  /**
   * `length` bytes from `first` on, in pieces: the buffer of a file's is used again as soon as the next but one is asked for.
   * Throws an ActionError when they cannot be read, and the signal's reason.
   */
  async *read(first: number, length: number): AsyncGenerator<Buffer> {
    this.goTo(first);
    for (let missing = length; missing > 0; ) {
      const piece = await this.next();
      const taken = piece.subarray(0, missing);
      this.left = piece.subarray(taken.length);
      this.position += taken.length;
      missing -= taken.length;
      yield taken;
    }
  }

  /** Lets the stream go; it is opened anew when more is read. */
  close(): void {
    this.stream?.destroy();
    if (this.stream === undefined) this.pieces?.return?.().catch(() => undefined);
    this.stream = undefined;
    this.pieces = undefined;
    this.left = Buffer.alloc(0);
  }

  private goTo(first: number): void {
    if (first === this.position && this.pieces !== undefined) return;
    this.close();
    if (this.blob.file === undefined) {
      this.stream = this.blob.open(first);
      this.pieces = this.stream[Symbol.asyncIterator]();
    } else {
      this.pieces = piecesOf(this.blob, first, BUFFERS);
    }
    this.position = first;
  }

  private async next(): Promise<Buffer> {
    if (this.left.length > 0) return this.left;
    const { digest } = this.blob;
    const reading = Promise.resolve(this.pieces?.next()).catch((cause: unknown) => {
      throw new ActionError(
        `The content ${digest} of an image cannot be read any more (${sentenceOf(cause)}); let its source, and the temporary directory, be until the step has ended.`,
        { cause },
      );
    });
    const step = await unlessAborted(reading, this.signal);
    if (step === undefined || step.done === true) {
      throw new ActionError(
        `The content ${digest} of an image ended after ${this.position} of ${this.blob.size} bytes; let its source be until the step has ended.`,
      );
    }
    return step.value;
  }
}
