import type { Compression } from './bytes/compression.js';
import type { Content } from './bytes/content.js';
import { Packer } from './bytes/packer.js';
import { Spool } from './bytes/spool.js';
import type { Blob, Image } from './image.js';
import { Verification } from './verification.js';

/** How far a long read is. Called often: whoever shows it has to choose when. */
export type Progress = (step: {
  /** The source, as in sentences: `The archive dist/web.tar`. */
  readonly source: string;
  /** What is done to it. */
  readonly stage: 'reading' | 'verifying';
  /** Bytes done so far in this stage. */
  readonly bytes: number;
}) => void;

/** What is found out about an image from its bytes alone; the name comes from the line. */
export type ImageParts = Omit<Image, 'given' | 'name' | 'tag' | 'nameDigest'>;

/** An image, or what is listed like one, that a source holds. */
export interface FoundImage {
  /** What it is called in sentences: `The image web:1 in the archive dist/web.tar`. */
  readonly label: string;
  /** References that the source has for it. */
  readonly names: readonly string[];
  /** Digests by which it may be asked for: of its config or of its top manifest. */
  readonly digests: readonly string[];
  /**
   * Why it is left out where the whole source is read: `is an artifact of type …`, behind the label.
   * It can still be asked for.
   */
  readonly aside?: string;
  /** Paths of its layers in the source with their DiffIDs, where that is told; none when left out. */
  readonly layerPaths?: ReadonlyMap<string, string>;
  /** `os/architecture` of an image that is for one platform alone. */
  platform(): Promise<string | undefined>;
  /** When it was built, as the source has written it down. */
  created(): Promise<string | undefined>;
  /**
   * Reads it and, where needed, compresses it; that its layers are right the reading's verification tells.
   * `elsewhere` are platforms that another image gives to the nodes in its place.
   */
  resolve(reading: Reading, elsewhere: readonly string[]): Promise<ImageParts>;
}

/** A layer: stored how, and which media type says so. */
export interface StoredLayer {
  readonly blob: Blob;
  readonly mediaType: string;
}

/** What a reading is told. */
export interface ReadingOptions {
  readonly temporaryDirectory: string;
  /** Asked when the first layer has to be compressed, if one has. */
  readonly compression: () => Promise<Compression>;
  readonly platforms: readonly string[] | Promise<readonly string[]>;
  readonly possiblePlatforms: readonly string[];
  readonly allowMissingPlatforms: boolean;
  readonly nodesOf: (platform: string) => readonly string[];
  readonly onProgress: Progress;
  readonly onNotice: (sentence: string) => void;
  readonly signal: AbortSignal;
}

/** What all sources of one run share: the temporary copy, the blobs, and the platforms of the cluster. */
export class Reading {
  readonly spool: Spool;
  readonly packer: Packer;
  /** What of the layers is yet to be verified. */
  readonly verification = new Verification();
  /** Blobs by digest: the same content is the same object, whichever image has it. */
  readonly blobs = new Map<string, Blob>();
  /** Layers of docker-archives by DiffID, and by place where they come compressed; the compressed bytes may still be on their way. */
  readonly layers = new Map<string, Promise<StoredLayer>>();
  /** Digests of kept layers whose DiffID was found right. */
  readonly unfoldedTo = new Map<string, string>();
  readonly allowMissingPlatforms: boolean;
  /** Those that nodes can be of where nobody knows them. */
  readonly possiblePlatforms: readonly string[];
  /**
   * To be called at each piece of every long read: tells how far it is, and throws the signal's
   * reason once that is aborted, which ends the read.
   */
  readonly onProgress: Progress;
  /** Takes a sentence for the log: what of a source was left out, and why. */
  readonly onNotice: (sentence: string) => void;
  readonly signal: AbortSignal;
  readonly nodesOf: (platform: string) => readonly string[];
  readonly #options: ReadingOptions;
  readonly #others: Reading[] = [];
  readonly #closers: (() => void)[] = [];
  readonly #platforms: readonly string[] | Promise<readonly string[]>;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.spool = new Spool(options.temporaryDirectory);
    this.packer = new Packer(this.spool, options.compression);
    this.allowMissingPlatforms = options.allowMissingPlatforms;
    this.possiblePlatforms = options.possiblePlatforms;
    this.signal = options.signal;
    this.onProgress = (step) => {
      this.signal.throwIfAborted();
      options.onProgress(step);
    };
    this.onNotice = options.onNotice;
    this.nodesOf = options.nodesOf;
    this.#platforms = options.platforms;
    // Awaited only when the first image is at hand; until then a failure waits, too.
    Promise.resolve(options.platforms).catch(() => undefined);
  }

  /** A reading like this one, with a compression of its own, that knows nothing yet; it is closed with this one. */
  again(compression: Compression): Reading {
    const other = new Reading({ ...this.#options, compression: async () => compression });
    this.#others.push(other);
    return other;
  }

  /** Has something be ended with the reading, such as a connection to where contents still come from. */
  closing(end: () => void): void {
    this.#closers.push(end);
  }

  /** Removes the temporary copy. */
  async close(): Promise<void> {
    for (const end of this.#closers.splice(0)) end();
    await Promise.all([this.spool.close(), ...this.#others.map((other) => other.close())]);
  }

  /** How a stream is spooled for it; `label` is what its source is called in sentences. */
  spooling(label: string) {
    const onBytes = (bytes: number) => this.onProgress({ source: label, stage: 'reading', bytes });
    return { label, packer: this.packer, onBytes };
  }

  /** `os/architecture` of the cluster's nodes; waits until they are known. */
  async platforms(): Promise<readonly string[]> {
    return this.#platforms;
  }

  /** The one blob object for content of this digest; `sourceSize` is what the source has it in, where that was compressed. */
  blob(digest: string, content: Content, sourceSize?: number): Blob {
    const known = this.blobs.get(digest);
    if (known !== undefined) return known;
    const { size, file } = content;
    const blob: Blob = {
      ...{ digest, size },
      ...(sourceSize !== undefined && { sourceSize }),
      ...(file && { file }),
      open: (start) => content.open(start),
    };
    this.blobs.set(digest, blob);
    return blob;
  }
}
