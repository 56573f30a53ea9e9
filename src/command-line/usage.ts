import { ActionError, sentenceOf } from '../lib/errors.js';

/** A command line that cannot be meant so. */
export class UsageError extends ActionError {}

/** Does what reads the command line; what is wrong with that is a UsageError. */
export function usageOf<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(sentenceOf(cause));
  }
}
