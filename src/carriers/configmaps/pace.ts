import type { Attempt } from '../../kube/client.js';
import {
  AMPLE_BYTES_PER_MILLISECOND,
  CHUNK_STEP_BYTES,
  SLOW_CREATE_MILLISECONDS,
  UPLOAD_AMPLE_FACTOR,
  UPLOAD_CONCURRENCY_MAX,
  UPLOAD_CONCURRENCY_START,
  UPLOAD_GAIN_CLEAR,
  UPLOAD_GAIN_GROW,
  UPLOAD_GAIN_KEEP,
  UPLOAD_LONE_EASE,
  UPLOAD_ROUND_ALONE,
  UPLOAD_ROUND_TOGETHER,
  UPLOAD_ROUNDS_CHECK,
  UPLOAD_ROUNDS_CONTENT,
  UPLOAD_ROUNDS_FIRST_CHECK,
  UPLOAD_ROUNDS_STARVED,
} from '../../lib/limits/carriers.js';
import { ChunkSize } from './chunk-size.js';
import { isTrouble, Round } from './round.js';
import { isStarved, Stalls } from './stalls.js';

/** What is fixed instead of being left to the measurements. */
export interface PacePins {
  /** Creates in flight at once. */
  readonly concurrency?: number;
  /** Bytes of a chunk. */
  readonly chunkBytes?: number;
  /** Bytes below which chunks would become too many. */
  readonly leastChunkBytes?: number;
}

/**
 * How many chunks to send at once and how large to cut them, as the control plane's answers tell.
 * It goes by rounds of answers. The first are alone, so that the gain of more at once is known: a
 * round in which all gain enough adds one request, a round in which they hardly gain takes one
 * away, and a round with a refusal, a break or slow answers halves (additive increase,
 * multiplicative decrease). More at once than gain anything would only make others wait, unless the
 * control plane is quick enough for all: then there are as many as may be. Where already a second one
 * gains nothing, chunks become smaller and rests between them longer until stalls are rare.
 */
export class Pace {
  private window: number;
  private readonly size: ChunkSize;
  /** Milliseconds for a byte of a create that is alone; unknown before the first round. */
  private lone = Number.POSITIVE_INFINITY;
  private starting = true;
  /** Several at once are so quick that nobody will wait for them. */
  private ample = false;
  /** So little gets through that the control plane may be short of CPU. */
  private starved = false;
  /** A second request has gained nothing. */
  private alone = false;
  private readonly stalls = new Stalls();
  /** Milliseconds of each answer that the way alone takes. */
  private roundTrip = 0;
  /** The last round hardly gained. */
  private doubtful = false;
  /** Rounds alone still to go before a second request is tried; at first only where little gets through. */
  private content = UPLOAD_ROUNDS_STARVED;
  private rounds = 0;
  /** The window to go back to once a lone create has been measured again. */
  private interrupted = 0;
  /**
   * Answers still to come that tell nothing: of creates that were sent together with more than the
   * window allows, and of the very first, which waits for a connection and for cold caches.
   */
  private stale = 1;
  private round = new Round();

  constructor(private readonly pins: PacePins = {}) {
    this.window = pins.concurrency ?? 1;
    this.size = new ChunkSize(pins.chunkBytes, pins.leastChunkBytes);
  }

  /** Creates that may be in flight now. */
  get concurrency(): number {
    return this.window;
  }

  /** Bytes to cut the next chunk to. */
  get chunkBytes(): number {
    return this.size.bytes;
  }

  /** The most bytes that a chunk may come to have. */
  get largestChunkBytes(): number {
    return this.size.largest;
  }

  /** Cuts no chunk smaller than that from now on, as far as nothing is pinned. */
  keepAbove(bytes: number): void {
    this.size.keepAbove(bytes);
  }

  /** A round trip takes so many milliseconds, for which the control plane cannot be blamed. */
  knowWay(milliseconds: number): void {
    this.roundTrip = milliseconds;
  }

  /** Milliseconds to wait before the next create. */
  get restMilliseconds(): number {
    return this.isResting ? this.stalls.restMilliseconds : 0;
  }

  private get isResting(): boolean {
    const alone = this.alone && this.window === 1 && this.pins.concurrency === undefined;
    return alone && this.stalls.restMilliseconds > 0;
  }

  /** Takes note of how an attempt at a create of so many bytes ended. */
  saw(attempt: Attempt, bytes: number): void {
    if (isTrouble(attempt)) {
      this.round.trouble();
    } else if (this.stale > 0) {
      this.stale--;
    } else {
      this.granted(attempt.milliseconds, bytes);
    }
    const answers =
      this.window === 1 ? UPLOAD_ROUND_ALONE : Math.max(this.window, UPLOAD_ROUND_TOGETHER);
    if (this.round.answers >= answers) {
      this.endRound();
    }
  }

  private granted(milliseconds: number, bytes: number): void {
    this.round.grant(milliseconds, bytes);
    const besidesWay = this.besidesWay(milliseconds);
    if (this.window === 1 && this.stalls.saw(besidesWay, bytes, this.isResting)) {
      this.resize(this.chunkBytes / 2);
    }
  }

  private besidesWay(milliseconds: number): number {
    return Math.max(0, milliseconds - this.roundTrip);
  }

  private endRound(): void {
    this.rounds++;
    const { isTroubled, createMilliseconds } = this.round;
    if (isTroubled) {
      this.slowDown();
    } else if (createMilliseconds > SLOW_CREATE_MILLISECONDS) {
      // With one request in flight only smaller ones are quicker.
      if (this.window === 1) {
        this.resize(this.chunkBytes / 2);
      }
      this.slowDown();
    } else {
      this.follow(this.round);
      this.grow();
    }
    this.round = new Round();
  }

  /** Larger chunks: twice as large until the first trouble, then step by step; soon where all is ample. */
  private grow(): void {
    // It is not known before whether the control plane bears two at once.
    const known = this.starved ? 1 + UPLOAD_ROUNDS_STARVED : 1;
    const sure = !this.doubtful && this.interrupted === 0;
    if (this.rounds > known && sure && !this.isResting) {
      const { bytes } = this.size;
      const step = this.starting ? bytes : CHUNK_STEP_BYTES;
      this.resize(this.ample ? UPLOAD_AMPLE_FACTOR * bytes : bytes + step);
    }
  }

  private slowDown(): void {
    this.starting = false;
    this.interrupted = 0;
    this.setWindow(Math.floor(this.window / 2));
  }

  private follow({ createMilliseconds, createBytes }: Round): void {
    const cost = createMilliseconds / createBytes;
    this.lone = this.window === 1 ? this.loneAfter(cost) : Math.min(this.lone, cost);
    if (this.interrupted > 0) {
      this.setWindow(this.interrupted);
      this.interrupted = 0;
      return;
    }
    const speed = this.window / cost;
    // A lone one's speed tells little: after a rest it is quick also where CPU is short.
    this.ample = this.window > 1 && speed >= AMPLE_BYTES_PER_MILLISECOND;
    this.starved = isStarved((this.window * createBytes) / this.besidesWay(createMilliseconds));
    const gain = speed * this.lone - 1;
    const due = this.rounds % UPLOAD_ROUNDS_CHECK === UPLOAD_ROUNDS_FIRST_CHECK;
    if (this.window > 1 && due && !this.ample && !this.isClear(gain)) {
      this.interrupted = this.window;
      this.setWindow(1);
    } else {
      this.adapt(gain);
    }
  }

  /** Sends more or fewer at once for what a round gained over a lone create, as a share of its speed. */
  private adapt(gain: number): void {
    const others = this.window - 1;
    // Where little gets through only a clear gain is one, as on a long way.
    const least = this.starved ? UPLOAD_GAIN_CLEAR : UPLOAD_GAIN_GROW;
    if (others === 0 && (this.isResting || (this.content > 0 && (this.starved || this.alone)))) {
      this.content--;
    } else if (others === 0 || this.ample || gain >= least * others) {
      this.alone &&= others === 0;
      this.sendMore(gain);
    } else if (this.starved || gain < UPLOAD_GAIN_KEEP * others) {
      this.doubt();
      return;
    }
    this.doubtful = false;
  }

  private sendMore(gain: number): void {
    const doubled = 2 * this.window;
    const soon = this.starting && (doubled <= UPLOAD_CONCURRENCY_START || this.isClear(gain));
    this.setWindow(
      this.ample ? UPLOAD_AMPLE_FACTOR * this.window : soon ? doubled : this.window + 1,
    );
  }

  /** A single round without gain may have met a moment in which others had work. */
  private doubt(): void {
    if (this.doubtful) {
      this.settle(this.starved ? 1 : this.window - 1);
    }
    this.doubtful = !this.doubtful;
  }

  private isClear(gain: number): boolean {
    return gain >= UPLOAD_GAIN_CLEAR * (this.window - 1);
  }

  private settle(window: number): void {
    this.starting = false;
    this.alone = window === 1;
    this.content = UPLOAD_ROUNDS_CONTENT;
    this.setWindow(window);
  }

  /**
   * A lone create's time varies widely on a control plane that is short of CPU. One that stood still must
   * not make several at once look like a gain, so the quick ones count.
   */
  private loneAfter(cost: number): number {
    return Math.min(cost, UPLOAD_LONE_EASE * this.lone);
  }

  private setWindow(wanted: number): void {
    if (this.pins.concurrency === undefined) {
      const window = Math.max(1, Math.min(wanted, UPLOAD_CONCURRENCY_MAX));
      this.stale = Math.max(0, this.window - window);
      this.window = window;
    }
  }

  private resize(wanted: number): void {
    this.stalls.scale(this.size.become(wanted));
  }
}
