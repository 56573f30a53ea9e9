import type { ApiClient } from '../../kube/client.js';
import { deleteConfigMaps } from '../../kube/configmaps.js';
import type { Pace } from '../configmaps/pace.js';

/** What may lie in ConfigMaps at once. */
export interface Window {
  readonly bytes: number;
  /** ConfigMaps with bytes; a batch has one more, which tells of them. */
  readonly count: number;
}

/** The ConfigMaps that couriers' batches have in the cluster, within what may lie there at once. */
export class Stock {
  private readonly laid = new Map<string, number>();
  private used = 0;
  private count = 0;

  constructor(
    private readonly client: ApiClient,
    private readonly namespace: string,
    private readonly window: Window,
    private readonly pace: Pick<Pace, 'concurrency' | 'restMilliseconds'>,
  ) {}

  /** Bytes that are there. */
  get bytes(): number {
    return this.used;
  }

  /** Whether a ConfigMap of so many bytes may be laid down. */
  hasRoomFor(bytes: number): boolean {
    return this.used + bytes <= this.window.bytes && this.count < this.window.count;
  }

  /** A ConfigMap of so many bytes is on its way, and counts from now on. */
  lay(name: string, bytes: number): void {
    this.laid.set(name, bytes);
    this.used += bytes;
    if (bytes > 0) this.count++;
  }

  /** Deletes ConfigMaps of these names. Throws ApiError. */
  async remove(names: readonly string[], signal: AbortSignal): Promise<void> {
    const onDeleted = (name: string) => {
      const bytes = this.laid.get(name) ?? 0;
      this.used -= bytes;
      if (bytes > 0) this.count--;
      this.laid.delete(name);
    };
    const { client, namespace, pace } = this;
    await deleteConfigMaps(client, namespace, names, { signal, pace, onDeleted });
  }

  /** Deletes all that are there. Throws ApiError. */
  removeAll(signal: AbortSignal): Promise<void> {
    return this.remove([...this.laid.keys()], signal);
  }
}
