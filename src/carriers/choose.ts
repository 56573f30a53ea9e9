import type { CarrierWish } from '../host/inputs.js';
import { ActionError } from '../lib/errors.js';
import { STREAM_FROM_BYTES } from '../lib/limits/carriers.js';
import type { Carrier } from '../payload/payload.js';

/** What is known before the first write. */
export interface CarrierFacts {
  /** Bytes of everything that might travel. */
  readonly bytes: number;
  /** Bytes that may lie in ConfigMaps. */
  readonly budget: number;
  /** Why there can be no stream, as words that follow "because"; undefined when there can. */
  readonly obstacle: string | undefined;
}

/** The carrier, and why it is that one, as words that follow it. */
export interface ChosenCarrier {
  readonly carrier: Carrier;
  readonly reason: string;
  /** Why it is no stream although one would have been better, as words that follow "because". */
  readonly obstacle?: string;
}

/**
 * Chooses how the bytes travel: ConfigMaps for what is small, since they need no further right and no
 * connection of their own; a stream for the rest, since it costs the control plane nothing and brings
 * only what nodes lack. Throws an ActionError for a stream that was asked for and cannot be.
 */
export function chooseCarrier(wish: CarrierWish, facts: CarrierFacts): ChosenCarrier {
  const { bytes, budget, obstacle } = facts;
  if (wish.carrier === 'stream' && obstacle !== undefined) {
    throw new ActionError(
      `The input \`carrier\` asks for a stream, which cannot be, because ${obstacle}; have that right granted, or set the input to auto.`,
    );
  }
  if (wish.carrier !== 'auto') {
    return { carrier: wish.carrier, reason: 'as the input `carrier` says' };
  }
  if (bytes < STREAM_FROM_BYTES && bytes <= budget) {
    return { carrier: 'configmap', reason: `they are less than ${megabytes(STREAM_FROM_BYTES)}` };
  }
  return obstacle === undefined
    ? { carrier: 'stream', reason: `they are ${megabytes(bytes)}` }
    : { carrier: 'configmap', reason: `there can be no stream, because ${obstacle}`, obstacle };
}

/** Such as `The images travel as ConfigMaps: they are less than 16.8 MB.` */
export function carrierLine({ carrier, reason }: ChosenCarrier): string {
  return `The images travel ${carrier === 'stream' ? 'as a stream' : 'as ConfigMaps'}: ${reason}.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
