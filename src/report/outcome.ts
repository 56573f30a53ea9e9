import type { Help } from '../host/troubleshooting.js';
import type { Sizes } from '../images/contents.js';
import type { DescribedImage } from '../rewrite/metadata.js';
import type { NamedImage } from '../rewrite/names.js';
import type { StageRecord } from './stages.js';
import type { Travelled } from './traffic.js';

/** One image as it lies in the cluster now. */
export interface InjectedImage extends NamedImage, DescribedImage {
  /** `os/architecture` of each that another image gives to the nodes in its place. */
  readonly elsewhere?: readonly string[];
}

/** What the step has to tell when it ends, well or not. */
export type Outcome = Success | Failure;

/** What both have to tell. */
interface Ended {
  readonly stages: readonly StageRecord[];
  /** How long the step took. */
  readonly milliseconds: number;
}

/** A step that went well. */
export interface Success extends Ended {
  readonly images: readonly InjectedImage[];
  readonly nodes: readonly string[];
  /** What travelled. */
  readonly travelled: Travelled;
  /** What all images have together. */
  readonly sizes: Sizes;
  /** What a release holds, when the images are to stay. */
  readonly held?: string | undefined;
}

/** A step that failed. */
export interface Failure extends Ended {
  /** One sentence. */
  readonly failure: string;
  readonly help: Help;
  /** What was going on, in words that follow "it was". */
  readonly underWay: string;
  /** Bytes that had been sent by then. */
  readonly sentBytes: number;
}
