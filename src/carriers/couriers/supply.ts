import type { ApiClient } from '../../kube/client.js';
import { Buffers, blocksOf } from '../../lib/buffers.js';
import {
  COURIER_BATCH_BYTES,
  COURIER_BATCH_SHARE,
  COURIER_CHUNKS_MAX,
  COURIERS_MAX,
} from '../../lib/limits/couriers.js';
import { sha256Of } from '../../lib/sha256.js';
import { Slots } from '../../lib/slots.js';
import { News, unlessAborted } from '../../lib/waiting.js';
import type { ParcelEntry } from '../../payload/parcel.js';
import { CHUNK_KEY, chunkPath } from '../../run/pod.js';
import { labelsFor, nameOf } from '../../run/run.js';
import type { Pace } from '../configmaps/pace.js';
import { uploadChunks } from '../configmaps/upload.js';
import { BlobSource } from '../stream/source.js';
import { type Sent, Totals } from '../stream/totals.js';
import { Batch, type Piece } from './batch.js';
import { CourierService, type CourierSite } from './courier.js';
import type { Orders } from './orders.js';
import { Stock, type Window } from './stock.js';

/** What is cut and sent, and how. */
export interface SupplyPlan extends CourierSite {
  readonly orders: Orders;
  /** How chunks are cut and sent. */
  readonly pace: Pace;
  /** What may lie in ConfigMaps at once. */
  readonly window: Window;
  /** How long, in seconds, a quota may refuse a chunk while nothing is on its way that makes room. */
  readonly quotaSeconds?: number;
  /** Told of the figures so far after each chunk. */
  readonly onProgress?: (sent: Sent) => void;
}

/** The line from orders to delivered batches: pieces are uploaded without a break while couriers bring what is there. */
export class Supply {
  readonly totals = new Totals();
  readonly stock: Stock;
  private readonly service: CourierService;
  private readonly buffers: Buffers;
  private readonly slots = new Slots(COURIERS_MAX);
  private readonly underWay = new Set<Promise<void>>();
  private readonly broken = Promise.withResolvers<never>();
  private readonly complete = Promise.withResolvers<void>();
  private readonly landed = new News();
  private batches = 0;
  private open: Batch | undefined;
  /** Batches that are full and not on their way, in their order. */
  private readonly closed: Batch[] = [];
  private readonly loading = new Map<string, Batch>();

  /** @param stop aborted by the first failure; `signal` ends with it */
  constructor(
    private readonly client: ApiClient,
    private readonly plan: SupplyPlan,
    private readonly stop: AbortController,
    private readonly signal: AbortSignal,
  ) {
    this.broken.promise.catch(() => undefined);
    this.service = new CourierService(client, plan);
    this.buffers = new Buffers(plan.pace.largestChunkBytes);
    this.stock = new Stock(client, plan.delivery.namespace, plan.window, plan.pace);
  }

  /** Fulfilled when all there is has been ordered and brought. */
  get brought(): Promise<void> {
    return this.complete.promise;
  }

  /** Goes on until the signal ends it, or the first failure, which it throws. Nothing goes on then. */
  async work(): Promise<void> {
    const { delivery, watched } = this.plan;
    const watching = watched.watch(this.client, delivery, this.signal);
    const uploading = this.upload();
    try {
      await Promise.race([this.broken.promise, watching, uploading]);
    } finally {
      this.stop.abort();
      await Promise.allSettled([watching, uploading, ...this.underWay]);
    }
  }

  /** Takes away what is still there when nobody needs it any more. Throws ApiError. */
  async takeAway(signal: AbortSignal): Promise<void> {
    await this.service.removeAll(signal);
    await this.stock.removeAll(signal);
  }

  /**
   * Has the registry hold nobody any more for what was not brought: a node that joins later would wait until its runtime
   * gives up, and its other pulls behind that. Throws ApiError.
   */
  async sayLast(signal: AbortSignal): Promise<void> {
    await this.service.sendOff(new Batch(this.batches++, true), signal);
  }

  private async upload(): Promise<void> {
    const { delivery, pace, onProgress } = this.plan;
    await uploadChunks(this.client, this.pieces(), {
      namespace: delivery.namespace,
      labels: labelsFor(delivery, 'chunk'),
      owner: delivery.owner,
      key: CHUNK_KEY,
      pace,
      // What is on its way makes room when it has landed.
      quota: { makesRoom: () => this.underWay.size > 0, seconds: this.plan.quotaSeconds },
      stop: this.stop,
      signal: this.signal,
      onSent: ({ name, parts }) => {
        parts.forEach((part) => void this.buffers.giveBack(part));
        this.sent(name);
        onProgress?.(this.totals.sum);
      },
    });
  }

  /** What is ordered, piece by piece, as soon as there is room for each. */
  private async *pieces(): AsyncGenerator<Piece> {
    for (;;) {
      const content = await this.nextOrder();
      const source = new BlobSource(content, this.signal);
      let offset = 0;
      try {
        const bytes = source.read(0, content.size);
        for await (const block of blocksOf(bytes, () => this.buffers.take(this.pieceBytes))) {
          // Of a content without bytes there is one, too.
          if (block.length === 0) continue;
          await this.room(block.length);
          yield this.add(content, offset, block);
          offset += block.length;
        }
      } finally {
        source.close();
      }
    }
  }

  private get batchBytes(): number {
    return Math.min(COURIER_BATCH_BYTES, this.plan.window.bytes * COURIER_BATCH_SHARE);
  }

  private get batchPieces(): number {
    return Math.min(COURIER_CHUNKS_MAX, this.plan.window.count * COURIER_BATCH_SHARE);
  }

  private get pieceBytes(): number {
    return Math.min(this.plan.pace.chunkBytes, Math.floor(this.batchBytes));
  }

  /** As long as nothing more is ordered, what there is goes on its way, if somebody can take it. */
  private async nextOrder(): Promise<ParcelEntry> {
    for (;;) {
      const news = this.plan.orders.news.comes;
      const content = this.plan.orders.take();
      if (content !== undefined) {
        return content;
      }
      if (this.underWay.size < COURIERS_MAX) {
        this.close();
      }
      if (this.plan.orders.isEmpty && this.loading.size + this.underWay.size === 0) {
        this.complete.resolve();
      }
      await this.either(news);
    }
  }

  private async room(bytes: number): Promise<void> {
    while (!this.stock.hasRoomFor(bytes)) {
      if (this.underWay.size === 0) {
        this.close();
      }
      await this.either();
    }
  }

  /** Waits until a batch has landed, or for something else. Throws the signal's reason. */
  private async either(...others: Promise<void>[]): Promise<void> {
    await unlessAborted(Promise.race([this.landed.comes, ...others]), this.signal);
  }

  private add(content: ParcelEntry, offset: number, block: Buffer): Piece {
    const { delivery } = this.plan;
    const size = block.length;
    if (this.open === undefined) {
      this.totals.begin();
      this.open = new Batch(this.batches++);
    }
    const batch = this.open;
    const index = batch.pieces.length;
    const name = nameOf.piece(delivery, batch.number, index);
    const bytes = { offset, size, parts: [block], sha256: sha256Of(block) };
    const piece = { name, path: chunkPath(index), content, ...bytes };
    batch.add(piece);
    this.stock.lay(name, size);
    this.loading.set(name, batch);
    this.totals.sent(content.digest, offset, size);
    if (batch.bytes >= this.batchBytes || batch.pieces.length >= this.batchPieces) {
      this.close();
    }
    return piece;
  }

  private close(): void {
    const batch = this.open;
    this.open = undefined;
    if (batch !== undefined) {
      batch.close();
      this.closed.push(batch);
      this.startReady();
    }
  }

  private sent(name: string): void {
    const batch = this.loading.get(name);
    this.loading.delete(name);
    if (batch !== undefined) {
      batch.sent();
      this.startReady();
    }
  }

  /** Starts batches in their order: a later one may wait for what an earlier one brings, and is not to have its slot. */
  private startReady(): void {
    while (this.closed[0]?.isReady) {
      this.start(this.closed.shift() as Batch);
    }
  }

  private start(batch: Batch): void {
    const way: Promise<void> = this.slots
      .run(() => this.deliver(batch))
      .catch((error) => this.broken.reject(error))
      .finally(() => {
        this.underWay.delete(way);
        this.landed.tell();
      });
    this.underWay.add(way);
  }

  private async deliver(batch: Batch): Promise<void> {
    const plan = nameOf.plan(this.plan.delivery, batch.number);
    this.stock.lay(plan, 0);
    await this.service.deliver(batch, this.signal);
    this.totals.end();
    const names = batch.pieces.map(({ name }) => name);
    await this.stock.remove([...names, plan], this.signal);
  }
}
