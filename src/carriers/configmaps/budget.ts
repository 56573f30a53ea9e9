import { ActionError } from '../../lib/errors.js';
import { CONFIGMAPS_PER_RUN_MAX, DATABASE_MAX_BYTES } from '../../lib/limits/carriers.js';
import { GIB, MIB } from '../../lib/limits/units.js';

/**
 * Holds the payload against the budget of bytes that may lie in ConfigMaps at once, before
 * anything is sent. All in bytes. Throws an ActionError that says which input to change.
 *
 * @param why why the images have to travel in ConfigMaps, as words that follow "because"
 */
export function checkBudget(payload: number, budget: number, why?: string): void {
  if (payload > budget) {
    const reason = why === undefined ? '' : `, and they travel there because ${why}`;
    throw new ActionError(
      `The images need ${mebibytes(payload)} in ConfigMaps, which is over the budget of ${mebibytes(budget)}${reason}; ${why === undefined ? '' : 'mend that, '}send fewer or smaller images, or raise the input \`configmap-budget\` if the control plane has about eleven bytes of memory for each byte.`,
    );
  }
}

/** Holds the number of chunks, at their largest, against what one Pod can mount. Throws an ActionError. */
export function checkChunks(payload: number, chunkBytes: number): void {
  const chunks = Math.ceil(payload / chunkBytes);
  if (chunks > CONFIGMAPS_PER_RUN_MAX) {
    throw new ActionError(
      `The images need ${chunks} ConfigMaps, more than the ${CONFIGMAPS_PER_RUN_MAX} that one Pod can mount in reasonable time; send fewer images or set the input \`chunk-size\` higher.`,
    );
  }
}

/** A run that has bytes in ConfigMaps or is about to put some there. */
export interface Planned {
  readonly id: string;
  readonly configMapBytes: number;
  /** A number that grows with each write of what tells of any run, and whether this was written again since it planned. */
  readonly written: number;
  readonly isRenewed: boolean;
  /** Of a release, what is in use and which step has it: what it holds is no burst of writes while none does. */
  readonly kept?: number | undefined;
  readonly holder?: string | undefined;
}

/**
 * Holds what this run and those before it have planned together against the budget, since one control
 * plane bears it all. Of two runs that begin at the same time the later one gives way, by the order in which the API
 * server wrote that they planned: by any clock, one that others have not seen yet might be the earlier. Returns what it may
 * have, which is less than it planned where it does with less. Throws a BudgetTaken that names the figures.
 *
 * @param least bytes that it does with
 */
export function checkSharedBudget(
  own: Planned,
  others: readonly Planned[],
  budget: number,
  least = own.configMapBytes,
): number {
  const earlier = others.filter(
    (other) => other.configMapBytes > 0 && isWriting(other) && isEarlier(other, own),
  );
  const planned = earlier.reduce((sum, { configMapBytes }) => sum + configMapBytes, 0);
  if (earlier.length > 0 && planned + least > budget) {
    const who = earlier.length === 1 ? 'another run has' : `${earlier.length} other runs have`;
    throw new BudgetTaken(
      `The images need ${mebibytes(least)} in ConfigMaps while ${who} ${mebibytes(planned)} there, together more than the budget of ${mebibytes(budget)}; run this job later, or raise the input \`configmap-budget\`.`,
    );
  }
  return earlier.length > 0 ? Math.min(own.configMapBytes, budget - planned) : own.configMapBytes;
}

/** What other runs have in ConfigMaps leaves no room for this one; a stream needs none. */
export class BudgetTaken extends ActionError {}

function isWriting({ kept, holder }: Planned): boolean {
  return kept === undefined || holder !== undefined;
}

/** Whether a run is not known to have planned behind another one, which may have gone on without having seen it. */
function isEarlier(one: Planned, other: Planned): boolean {
  return one.isRenewed || !(one.written > other.written);
}

/** Whether so many bytes more would fill the control plane's database beyond what is safe. */
export function fillsDatabase(database: number, payload: number): boolean {
  return payload > 0 && database + payload > DATABASE_MAX_BYTES;
}

/**
 * Refuses to do so; what travels as a stream does not. In bytes. Throws an ActionError that names the figures.
 *
 * @param why why there can be no stream, as words that follow "because"
 */
export function checkDatabase(database: number | undefined, payload: number, why?: string): void {
  if (database !== undefined && fillsDatabase(database, payload)) {
    const advice =
      why === undefined
        ? 'set the input `carrier` to stream'
        : `there can be no stream, because ${why}: mend that`;
    throw new ActionError(
      `The cluster's etcd has ${gibibytes(database)} already, and ${mebibytes(payload)} more would bring it beyond ${gibibytes(DATABASE_MAX_BYTES)} of the 2 GiB at which by default it takes no writes any more; ${advice}, send less, or have an operator compact and defragment it.`,
    );
  }
}

/** Mebibytes with one digit, as people write `configmap-budget`. */
function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

/** Gibibytes with two digits. */
export function gibibytes(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}
