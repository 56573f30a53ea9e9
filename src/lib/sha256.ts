import { createHash } from 'node:crypto';

/** The SHA-256 of a text or of bytes, in hex. */
export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
