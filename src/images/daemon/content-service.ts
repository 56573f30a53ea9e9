import { DAEMON_SILENCE_MS, STORE_SILENCE_MS } from '../../lib/limits/images.js';
import { fieldsOf, numberField, textField } from '../../lib/protobuf.js';
import { type Grpc, GrpcError, NOT_FOUND } from './grpc.js';

/**
 * The content service of containerd (`containerd/api/services/content/v1/content.proto`, whose field numbers these are),
 * which a Docker engine with containerd's store answers for BuildKit's sake.
 */
export class ContentService {
  constructor(private readonly grpc: Grpc) {}

  /** Bytes of a content; undefined when the store has it not. Throws as `Grpc.call` does. */
  async size(digest: string): Promise<number | undefined> {
    const answers = this.grpc.call(`${SERVICE}/Info`, askFor(digest), STORE_SILENCE_MS);
    try {
      for await (const answer of answers) return sizeIn(answer);
    } catch (error) {
      if (!(error instanceof GrpcError && error.status === NOT_FOUND)) throw error;
    }
    return undefined;
  }

  /** A content's bytes from an offset on, which is before its end. Throws as `Grpc.call` does. */
  async *read(digest: string, from: number): AsyncGenerator<Buffer> {
    const asked = askFor(digest, from);
    for await (const answer of this.grpc.call(`${SERVICE}/Read`, asked, DAEMON_SILENCE_MS)) {
      for (const [field, value] of fieldsOf(answer)) {
        if (field === 2 && typeof value !== 'number') yield value;
      }
    }
  }

  /** Ends the connection. */
  close(): void {
    this.grpc.close();
  }
}

const SERVICE = 'containerd.services.content.v1.Content';

/** InfoRequest, and ReadContentRequest, whose size of 0 means all that is left. */
function askFor(digest: string, offset = 0): Buffer {
  return Buffer.concat([...textField(1, digest), ...numberField(2, offset)]);
}

/** The size in InfoResponse.info; an empty content has none written down. */
function sizeIn(answer: Buffer): number {
  const info = new Map(fieldsOf(answer)).get(1);
  const size = new Map(fieldsOf(info as Buffer)).get(2) ?? 0;
  return Number(size);
}
