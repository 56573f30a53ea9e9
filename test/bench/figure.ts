/** One measured comparison, as `npm run bench -- --json` prints it: one object a line. */
export interface Figure {
  /** Name of the bench. */
  readonly bench: string;
  /** What was measured, in a few words. */
  readonly what: string;
  readonly ours: number;
  /** The peer's value, or the physical or promised limit; absent where there is none. */
  readonly peer?: number;
  readonly peerName?: string;
  readonly unit: string;
  /** Above 1 where ours is better; absent without a peer. */
  readonly ratio?: number;
  /** Whether the peer is a promise, so that a ratio below 1 fails the bench; not printed. */
  readonly promise?: boolean;
}

/** Whether more or less of the unit is better. */
export type Better = 'more' | 'less';

/** What a figure is compared with. */
export interface Peer {
  readonly name: string;
  readonly value: number;
  /** Whether it is promised that ours is no worse. */
  readonly promise?: boolean;
}

/** A peer that ours must not be worse than. */
export function promised(value: number, name = 'promised limit'): Peer {
  return { name, value, promise: true };
}

/** A figure with its ratio, which is above 1 where ours is better. */
export function figure(
  bench: string,
  what: string,
  unit: string,
  better: Better,
  ours: number,
  peer?: Peer,
): Figure {
  if (peer === undefined) {
    return { bench, what, ours, unit };
  }
  const ratio = better === 'more' ? ours / peer.value : peer.value / ours;
  const { name, value, promise = false } = peer;
  return { bench, what, ours, peer: value, peerName: name, unit, ratio, promise };
}

/** The middle one of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** What of a bench is to be run, for who needs one figure again and again. */
export interface Choice {
  /** Names among the bench's parts; none means all. */
  readonly parts: readonly string[];
  /** How often each measurement is taken; a bench that knows rounds has a number of its own. */
  readonly rounds?: number;
}

/** Those of a group of parts that are chosen; all of them where none is. */
export function chosen<Part extends string>(
  group: readonly Part[],
  { parts }: Choice,
): readonly Part[] {
  const some = group.filter((part) => parts.includes(part));
  return some.length > 0 ? some : group;
}

/** A bench: gives its figures one by one, as they are measured. */
export interface Bench {
  readonly name: string;
  /** What it measures, for the list. */
  readonly about: string;
  /** What can be chosen behind its name; nothing where there is none. */
  readonly parts?: readonly string[];
  run(log: (line: string) => void, choice: Choice): AsyncIterable<Figure>;
}
