import type { UploadChunk } from '../configmaps/upload.js';

/** Consecutive bytes of a content, in a ConfigMap of their own. */
export interface Piece extends UploadChunk {
  /** Path below the directory of chunks in the courier's Pod. */
  readonly path: string;
  /** The content that they are part of. */
  readonly content: { readonly digest: string; readonly size: number };
  /** Where they begin in it. */
  readonly offset: number;
}

/** What one courier brings. */
export class Batch {
  readonly pieces: Omit<Piece, 'parts'>[] = [];
  /** Bytes of its pieces. */
  bytes = 0;
  private unsent = 0;
  private closed = false;

  /** @param isLast whether its courier says behind it that nothing more is going to be delivered */
  constructor(
    readonly number: number,
    readonly isLast = false,
  ) {}

  /** Whether all of its pieces are there, and no more will come. */
  get isReady(): boolean {
    return this.closed && this.unsent === 0;
  }

  /** Takes a piece in, whose bytes are on their way from now on. They are not held here. */
  add({ parts: _, ...piece }: Piece): void {
    this.pieces.push(piece);
    this.bytes += piece.size;
    this.unsent++;
  }

  /** A piece of it is there. */
  sent(): void {
    this.unsent--;
  }

  /** No more pieces will come. */
  close(): void {
    this.closed = true;
  }
}

/** The courier's plan: the flat table by which it knows what it brings. Its grammar is in injector/README.md. */
export function planText({ pieces, isLast }: Pick<Batch, 'pieces' | 'isLast'>): string {
  const lines = pieces.map(({ content, offset, path, size, sha256 }) =>
    ['piece', content.digest, content.size, offset, path, size, sha256].join(' '),
  );
  return ['jackal-plan 1', ...lines, ...(isLast ? ['last'] : []), 'end', ''].join('\n');
}
