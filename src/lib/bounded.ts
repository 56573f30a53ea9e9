/**
 * All of a stream's bytes together; as soon as there are more than a limit, it is ended and `tooMany` is thrown.
 *
 * @param maxBytes the most that it may have
 */
export async function readBounded(
  stream: AsyncIterable<unknown>,
  maxBytes: number,
  tooMany: () => Error,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    bytes += (piece as Buffer).length;
    if (bytes > maxBytes) throw tooMany();
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
