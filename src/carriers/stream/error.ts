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
  readonly trouble: StreamTrouble;
  /** The blob, when the trouble is `content`. */
  readonly digest: string | undefined;

  constructor(
    trouble: StreamTrouble,
    sentence: string,
    { digest, cause }: { digest?: string; cause?: unknown } = {},
  ) {
    super(sentence, { cause });
    this.trouble = trouble;
    this.digest = digest;
  }
}

/** Whether it is the way that fails, and neither what is sent nor the registry. */
export function isOfWay(error: unknown): boolean {
  return error instanceof StreamError && ['refused', 'failing'].includes(error.trouble);
}
