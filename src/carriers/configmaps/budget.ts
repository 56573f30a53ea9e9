import { ActionError } from '../../lib/errors.js';
import { CONFIGMAPS_PER_RUN_MAX } from '../../lib/limits/carriers.js';

/**
 * Holds the payload against the budget of bytes that may lie in ConfigMaps at once, before
 * anything is sent. All in bytes. Throws an ActionError that says which input to change.
 */
export function checkBudget(payload: number, chunkBytes: number, budget: number): void {
  if (payload > budget) {
    throw new ActionError(
      `The images need ${megabytes(payload)} in ConfigMaps, which is over the budget of ${megabytes(budget)}; send fewer or smaller images, or raise the input \`configmap-budget\` if the control plane has about eleven bytes of memory for each byte.`,
    );
  }
  const chunks = Math.ceil(payload / chunkBytes);
  if (chunks > CONFIGMAPS_PER_RUN_MAX) {
    throw new ActionError(
      `The images need ${chunks} ConfigMaps, more than the ${CONFIGMAPS_PER_RUN_MAX} that one Pod can mount in reasonable time; send fewer images or set the input \`chunk-size\` higher.`,
    );
  }
}

/** Mebibytes with one digit, as people write `configmap-budget`. */
function megabytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}
