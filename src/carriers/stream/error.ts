import { ActionError } from '../../lib/errors.js';

/** Why a stream has come to its end before all was delivered; callers branch on this. */
export type StreamTrouble =
  /** There is no way: no right to port-forward, or the other side does not know the token. */
  | 'refused'
  /** The registry's Pod is not there any more. */
  | 'lost'
  /** There is a way, but nothing gets on any more: it fails again and again. */
  | 'failing'
  /** A blob's bytes do not have its digest. */
  | 'content';

/** The end of a stream that did not deliver all, as one sentence for the user. */
export class StreamError extends ActionError {
  override readonly name = 'StreamError';

  constructor(
    readonly trouble: StreamTrouble,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}

/** Whether it is the way that fails, and neither what is sent nor the registry. */
export function isOfWay(error: unknown): boolean {
  return error instanceof StreamError && ['refused', 'failing'].includes(error.trouble);
}
