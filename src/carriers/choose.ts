import type { CarrierWish } from '../host/input-values.js';
import { ActionError } from '../lib/errors.js';
import {
  SPEED_ASKED_FROM_BYTES,
  STREAM_FROM_BYTES,
  STREAM_FROM_MILLISECONDS,
} from '../lib/limits/carriers.js';
import { COURIER_WINDOW_MIN_BYTES, COURIERS_FROM_BYTES } from '../lib/limits/couriers.js';
import type { Carrier } from '../payload/payload.js';
import { fillsDatabase, gibibytes } from './configmaps/budget.js';

/** What is known before the first write. */
export interface CarrierFacts {
  /** Bytes of everything that might travel. */
  readonly bytes: number;
  /** Bytes that may lie in ConfigMaps at once. */
  readonly budget: number;
  /** Whether the kubeconfig's user may do what couriers need. */
  readonly mayCourier: boolean;
  /** Why there can be no stream, as words that follow "because"; undefined when there can. */
  readonly obstacle: string | undefined;
  /** Whether little is streamed, too; see `streamsLittle`. */
  readonly littleToo?: boolean | undefined;
  /** Whether little would be streamed if the user might forward ports. */
  readonly littleButForForward?: boolean | undefined;
  /** Whether the images are to stay and only ConfigMaps would outlive the registry's Pod. */
  readonly staysInConfigMaps?: boolean | undefined;
  /** Bytes a second of the way to the API server, where that was measured. */
  readonly speed?: number | undefined;
}

/** The carrier, and why it is that one, as words that follow it. */
export interface ChosenCarrier {
  readonly carrier: Carrier;
  readonly reason: string;
  /** Why it is no stream although one would have been better, as words that follow "because". */
  readonly obstacle?: string;
}

/**
 * Whether little is streamed as much is: straight to the registry, which is about as quick as ConfigMaps and costs the
 * control plane nothing. What is to stay lies in ConfigMaps all the same, where it needs no volume; and ConfigMaps are better than a stream that
 * has no other way when the straight one turns out to be closed.
 */
export function streamsLittle(
  { carrier }: CarrierWish,
  { near, mayForward, obstacle, isRelease }: LittleFacts,
): boolean {
  return carrier === 'auto' && near && mayForward && obstacle === undefined && !isRelease;
}

/** What that depends on. */
export interface LittleFacts {
  /** Whether the runner is on the network of the cluster's nodes. */
  readonly near: boolean;
  readonly mayForward: boolean;
  readonly obstacle: string | undefined;
  readonly isRelease: boolean;
}

/** Whether it is for the way's speed to tell the carrier, so that a way that nobody has measured yet is worth the question. */
export function dependsOnSpeed({ carrier }: CarrierWish, facts: CarrierFacts): boolean {
  const { bytes, budget, obstacle, littleToo, staysInConfigMaps } = facts;
  const isOpen = carrier === 'auto' && obstacle === undefined && !littleToo && !staysInConfigMaps;
  return isOpen && bytes >= SPEED_ASKED_FROM_BYTES && bytes < STREAM_FROM_BYTES && bytes <= budget;
}

/**
 * Chooses how the bytes travel: ConfigMaps for what is small and comes from afar, since they need no further right and
 * no connection of their own; a stream for the rest, since it costs the control plane nothing and brings only what nodes
 * lack. What is large and cannot be streamed travels in ConfigMaps by couriers. Throws an ActionError for a stream that
 * was asked for and cannot be.
 */
export function chooseCarrier(wish: CarrierWish, facts: CarrierFacts): ChosenCarrier {
  const { bytes, budget, obstacle, speed = Number.POSITIVE_INFINITY } = facts;
  if (wish.carrier === 'stream' && obstacle !== undefined) {
    throw new ActionError(
      `The input \`carrier\` asks for a stream, which cannot be, because ${obstacle}; have that right granted, or set the input to auto.`,
    );
  }
  const asked = 'as the input `carrier` says';
  if (wish.carrier === 'stream') {
    return { carrier: 'stream', reason: asked };
  }
  // What couriers bring does not stay there.
  const staysThere = facts.staysInConfigMaps === true && bytes <= budget;
  if (wish.carrier === 'configmap') {
    return staysThere
      ? { carrier: 'configmap', reason: asked }
      : byConfigMaps(facts, { reason: asked });
  }
  if (facts.littleToo && bytes < STREAM_FROM_BYTES) {
    return { carrier: 'stream', reason: "the runner is on the nodes' own network" };
  }
  const streamFrom = Math.min(STREAM_FROM_BYTES, (speed * STREAM_FROM_MILLISECONDS) / 1000);
  if (bytes < streamFrom && bytes <= budget) {
    const right = facts.littleButForForward
      ? ", and the kubeconfig's user may not create pods/portforward"
      : '';
    return { carrier: 'configmap', reason: `they are less than ${megabytes(streamFrom)}${right}` };
  }
  if (staysThere) {
    const reason = 'they are to stay, and the cluster has no default StorageClass';
    return { carrier: 'configmap', reason };
  }
  return obstacle === undefined
    ? { carrier: 'stream', reason: `they are ${megabytes(bytes)}` }
    : byConfigMaps(facts, { reason: `there can be no stream, because ${obstacle}`, obstacle });
}

/**
 * The carrier, but a stream in place of ConfigMaps for which the control plane's database has no room, where there can be
 * one and nobody asked for another: the database bears no byte of it.
 *
 * @param database bytes that it has, where that is known
 */
export async function sparingDatabase(
  { carrier }: CarrierWish,
  { bytes, obstacle }: Pick<CarrierFacts, 'bytes' | 'obstacle'>,
  chosen: ChosenCarrier,
  database: Promise<number | undefined>,
): Promise<ChosenCarrier> {
  if (!mayStreamInstead({ carrier }, obstacle) || chosen.carrier === 'stream') {
    return chosen;
  }
  const size = await database;
  return size !== undefined && fillsDatabase(size, bytes)
    ? { carrier: 'stream', reason: `the cluster's database has ${gibibytes(size)} already` }
    : chosen;
}

/**
 * Whether a stream may take the place of ConfigMaps.
 *
 * @param obstacle why there can be none
 */
export function mayStreamInstead({ carrier }: CarrierWish, obstacle: string | undefined): boolean {
  return carrier === 'auto' && obstacle === undefined;
}

/** ConfigMaps all at once for what is not much, else by couriers, as far as these can be. */
export function byConfigMaps(
  { bytes, budget, mayCourier }: Omit<CarrierFacts, 'obstacle'>,
  why: Omit<ChosenCarrier, 'carrier'>,
): ChosenCarrier {
  const isMuch = bytes >= COURIERS_FROM_BYTES || bytes > budget;
  if (!isMuch || budget < COURIER_WINDOW_MIN_BYTES) {
    return { ...why, carrier: 'configmap' };
  }
  if (!mayCourier) {
    const reason = `${why.reason}, and all at once, because the kubeconfig's user may not create secrets`;
    return { ...why, reason, carrier: 'configmap' };
  }
  return { ...why, carrier: 'courier' };
}

/** How bytes travel, in words that follow it. */
export const CARRIER_WORDS: Readonly<Record<Carrier, string>> = {
  configmap: 'as ConfigMaps',
  stream: 'as a stream',
  courier: 'as ConfigMaps that couriers bring in batches',
};

/** Such as `The images travel as ConfigMaps: they are less than 16.8 MB.` */
export function carrierLine({ carrier, reason }: ChosenCarrier): string {
  return `The images travel ${CARRIER_WORDS[carrier]}: ${reason}.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
