import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../lib/errors.js';
import { type Content, fileContent } from './content.js';

/**
 * The one temporary copy: a single file to which pieces are appended in the order in which they are
 * handed over, even when their bytes are still being compressed. Made at the first piece.
 */
export class Spool {
  readonly #parent: string;
  #directory: string | undefined;
  #handle: FileHandle | undefined;
  #position = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** A process that is ended at once, as by a second Ctrl-C, closes nothing; nobody else knows of the copy. */
  readonly #left = () => {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
  };

  /** `parent` is the directory for temporary files (RUNNER_TEMP); made when missing. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /**
   * Appends a run of pieces that lie next to each other; begin the next run only after the last piece
   * of this one was handed over. `finish` resolves to where the bytes are, with their digest.
   */
  begin(): {
    add(piece: Buffer | Promise<Buffer>): Promise<void>;
    finish(): Promise<Content & { readonly digest: string }>;
  } {
    let start: number | undefined;
    let size = 0;
    const hash = createHash('sha256');
    return {
      add: (piece) => {
        // It may fail before its turn comes; the turn itself tells.
        if (piece instanceof Promise) piece.catch(() => undefined);
        return this.#queue(async () => {
          const bytes = await piece;
          start ??= this.#position;
          hash.update(bytes);
          size += bytes.length;
          await this.#write(bytes);
        });
      },
      finish: () =>
        this.#queue(async () => {
          const content = fileContent(await this.#path(), start ?? 0, size);
          return { ...content, digest: `sha256:${hash.digest('hex')}` };
        }),
    };
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done;
    // A failed piece fails everything behind it; whoever awaits a piece sees the reason.
    done.catch(() => undefined);
    return done;
  }

  async #path(): Promise<string> {
    if (this.#directory === undefined) {
      try {
        await mkdir(this.#parent, { recursive: true });
        this.#directory = await mkdtemp(join(this.#parent, 'jackal-images-'));
        process.once('exit', this.#left);
      } catch (cause) {
        throw new ActionError(
          `The directory ${this.#parent} for temporary files cannot be written; set RUNNER_TEMP to one that can.`,
          { cause },
        );
      }
    }
    return join(this.#directory, 'spool');
  }

  async #write(bytes: Buffer): Promise<void> {
    const path = await this.#path();
    try {
      this.#handle ??= await open(path, 'wx', 0o600);
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(
          bytes,
          done,
          bytes.length - done,
          this.#position + done,
        );
        done += bytesWritten;
      }
    } catch (cause) {
      throw new ActionError(
        `The temporary copy of the images cannot be written to ${path} after ${this.#position} bytes; free space there, set RUNNER_TEMP to another disk, or have less written there with compression: zstd.`,
        { cause },
      );
    }
    this.#position += bytes.length;
  }

  /** Removes the copy. Safe to call more than once and after a failure. */
  async close(): Promise<void> {
    await this.#tail.catch(() => undefined);
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
    process.off('exit', this.#left);
  }
}
