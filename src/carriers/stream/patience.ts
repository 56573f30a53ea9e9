import { ApiError, type ApiFault, isFault } from '../../kube/error.js';
import { backoff } from '../../kube/retry.js';
import { ActionError, sentenceOf } from '../../lib/errors.js';
import { STREAM_FIRST_SECONDS, STREAM_PATIENCE_SECONDS } from '../../lib/limits/stream.js';
import { StreamError } from './error.js';

/**
 * What no further attempt mends, as the error that ends the stream; undefined for what may pass. A source that
 * cannot be read ends it as it is.
 */
export function finalError(error: unknown): ActionError | undefined {
  if (!(error instanceof ActionError)) return undefined;
  if (!(error instanceof ApiError)) return error;
  const { fault, status, message } = error;
  // A gateway or a kubelet in trouble is 5xx.
  const passes = PASSING.includes(fault) || (fault === 'other' && status >= 500);
  if (passes) return undefined;
  return new StreamError(fault === 'not-found' ? 'lost' : 'refused', message, { cause: error });
}

/** Faults that the next attempt may not meet. */
const PASSING: readonly ApiFault[] = ['unreachable', 'busy', 'forward-ended'];

/**
 * Whether who has just started may say it of what it does not know yet: an API server denies until it has read all roles,
 * and a kubelet has no Pod until it has heard of its Pods. That a Pod is not there an API server itself knows for sure.
 */
function mayBeOfStart(error: unknown): boolean {
  const isOfKubelet = isFault(error, 'not-found') && error.reason !== 'NotFound';
  return isOfKubelet || isFault(error, 'credentials', 'permission');
}

/** Decides how long a stream that fails is tried on: as long as something gets on every now and then. */
export class Patience {
  private advanced: number;
  private worked = false;
  /** Sources that are waited for, and since when there has been one. */
  private awaited = 0;
  private awaitedFrom = 0;
  /** Milliseconds in which one was waited for, but for those under way. */
  private excused = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.advanced = now();
  }

  /** Something got on: a connection was proven, or bytes were taken. */
  advance(): void {
    this.advanced = this.time();
    this.worked = true;
  }

  /** Waits for what the way is to carry. The time until it is there is not the way's, also for who asks before that. */
  async excuse<T>(source: Promise<T>): Promise<T> {
    if (this.awaited++ === 0) this.awaitedFrom = this.now();
    try {
      return await source;
    } finally {
      if (--this.awaited === 0) this.excused += this.now() - this.awaitedFrom;
    }
  }

  /** The clock, which stands still while a source is waited for. */
  private time(): number {
    return (this.awaited > 0 ? this.awaitedFrom : this.now()) - this.excused;
  }

  /**
   * Milliseconds to pause after so many failures in a row, at least one. Throws the error that ends the stream, a
   * StreamError `failing` when nothing has got on for too long. The first failure never is too late: one answer may have
   * been waited for that long, or the machine may have slept.
   */
  pauseAfter(error: unknown, failures: number): number {
    const silent = (this.time() - this.advanced) / 1000;
    const most = this.worked ? STREAM_PATIENCE_SECONDS : STREAM_FIRST_SECONDS;
    const isOver = failures > 1 && silent > most;
    const final = finalError(error);
    const mayPass = this.worked && !isOver && mayBeOfStart(error);
    if (final !== undefined && !mayPass) throw final;
    if (isOver) {
      throw new StreamError(
        'failing',
        `Nothing could be sent to the registry for ${Math.round(silent)} s (${sentenceOf(error)}); look at its Pod, and at what cuts connections between this machine and the cluster.`,
        { cause: error },
      );
    }
    // The first failure mostly is a connection that was cut: the next one may be made at once.
    return failures === 1 ? 0 : backoff(failures - 1);
  }
}
