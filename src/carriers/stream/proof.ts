import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Bytes of a nonce; 32 cannot be met twice by chance. */
const NONCE_BYTES = 32;

const NONCE = /^[0-9a-f]{64}$/;

/**
 * What is proven: that one of the two sides knows the token, or that the catalog of this digest comes from who delivers.
 * Their messages differ, so none can be sent in the place of another.
 */
export type Matter = 'serve' | 'deliver' | `catalog sha256:${string}`;

/** A new nonce: 64 lower-case hexadecimal digits. */
export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('hex');
}

/** Whether that is a nonce. */
export function isNonce(text: unknown): text is string {
  return typeof text === 'string' && NONCE.test(text);
}

/** What shows that a side knows the token, without telling it: HMAC-SHA256 over both nonces, in hexadecimal. */
export function proofOf(
  token: string,
  matter: Matter,
  clientNonce: string,
  serverNonce: string,
): string {
  const message = `jackal ${matter} ${clientNonce} ${serverNonce}`;
  return createHmac('sha256', token).update(message).digest('hex');
}

/** Whether the proof given is the one due, told in the same time wherever they differ. */
export function isProof(given: unknown, due: string): boolean {
  return (
    typeof given === 'string' &&
    given.length === due.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(due))
  );
}
