/** Protocol Buffers as they lie on the wire (protobuf.dev, "Encoding"): what few messages of ours need of them. */

/** Bytes in order, in pieces: large ones are passed through, never copied. */
export type Pieces = readonly Buffer[];

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A field with bytes: a message, a text, or what is neither. */
export function bytesField(field: number, content: Pieces): Pieces {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [Buffer.from([...tag(field, LENGTH_DELIMITED), ...varint(length)]), ...content];
}

/** A field with a text. */
export function textField(field: number, value: string): Pieces {
  return bytesField(field, [Buffer.from(value)]);
}

/** A field with a whole number of up to 2^53 - 1; nothing is written for 0, which is what a missing one means. */
export function numberField(field: number, value: number): Pieces {
  return value === 0 ? [] : [Buffer.from([...tag(field, VARINT), ...varint(value)])];
}

function tag(field: number, wireType: number): number[] {
  return varint(field * 8 + wireType);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  return [...bytes, rest];
}

/**
 * The fields of a message in order, numbers as numbers and all else as the bytes that it is. Throws an Error where they
 * are no message, or a number is larger than 2^53 - 1.
 */
export function* fieldsOf(message: Buffer): Generator<[field: number, value: number | Buffer]> {
  let at = 0;
  const take = (length: number) => {
    if (length > message.length - at) throw new Error('A protobuf message is cut off.');
    at += length;
    return message.subarray(at - length, at);
  };
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = take(1).readUInt8();
      value += (byte & 0x7f) * factor;
      if (!Number.isSafeInteger(value)) throw new Error('A protobuf number is too large.');
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = number();
    const [field, wireType] = [Math.floor(key / 8), key % 8];
    if (wireType === VARINT) yield [field, number()];
    else if (wireType === LENGTH_DELIMITED) yield [field, take(number())];
    else if (wireType === FIXED_64) yield [field, take(8)];
    else if (wireType === FIXED_32) yield [field, take(4)];
    else throw new Error(`A protobuf field has the wire type ${wireType}.`);
  }
}
