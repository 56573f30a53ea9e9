import { prerequisites } from './build/prerequisites.js';
import type { UpOptions } from './cluster.js';

/** A kind of cluster that users have, as far as it can be had on one machine. */
export interface Variant {
  /** Part of a cluster's name, at most 15 characters, and the row of a table. */
  readonly name: string;
  readonly options: Omit<UpOptions, 'name' | 'log' | 'signal'>;
  /** Why it may not be there on this machine; undefined where what any cluster needs is enough. */
  readonly needs?: string;
}

/** All of them, the usual one first. */
export const variants: readonly Variant[] = [
  { name: 'iptables', options: { proxyMode: 'iptables' } },
  { name: 'nftables', options: { proxyMode: 'nftables' } },
];

/** Why a variant cannot be brought up here, a sentence; undefined when it can. */
export async function whyNotHere(_variant: Variant): Promise<string | undefined> {
  const missing = await prerequisites();
  return missing.length === 0 ? undefined : missing.join(' ');
}
