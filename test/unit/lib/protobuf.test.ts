import { expect, test } from '@jest/globals';
import { bytesField, fieldsOf, numberField, textField } from '../../../src/lib/protobuf.js';

/** By the rules of protobuf.dev, "Encoding", from which the 300 is. */
const WRITTEN = [
  ['a text', textField(1, 'sha256:ab'), '0a097368613235363a6162'],
  ['a number of one byte', numberField(2, 127), '107f'],
  ['a number of two bytes', numberField(2, 300), '10ac02'],
  ['a number of more than 32 bits', numberField(2, 5_000_000_000), '1080e497d012'],
  ['the largest number', numberField(2, Number.MAX_SAFE_INTEGER), '10ffffffffffffff0f'],
  ['a nought', numberField(2, 0), ''],
  ['a field beyond the first 15', textField(16, 'x'), '82010178'],
  ['a message in a message', bytesField(3, textField(1, 'x')), '1a030a0178'],
] as const;

test.each(WRITTEN)('%s is written as every other writer does', (_, pieces, hex) => {
  expect(Buffer.concat(pieces).toString('hex')).toBe(hex);
});

const fields = (hex: string) => [...fieldsOf(Buffer.from(hex, 'hex'))];

test('fields are read as they were written, those of other kinds as their bytes', () => {
  expect(fields('0a097368613235363a6162')).toEqual([[1, Buffer.from('sha256:ab')]]);
  expect(fields('1080e497d012')).toEqual([[2, 5_000_000_000]]);
  expect(fields('10ffffffffffffff0f')).toEqual([[2, Number.MAX_SAFE_INTEGER]]);
  expect(fields('82010178')).toEqual([[16, Buffer.from('x')]]);
  expect(fields('09000000000000f03f1500008040')).toEqual([
    [1, Buffer.from('000000000000f03f', 'hex')],
    [2, Buffer.from('00008040', 'hex')],
  ]);
  expect(fields('')).toEqual([]);
});

test.each([
  ['0a0973', 'cut off'],
  ['10ac', 'cut off'],
  ['0a', 'cut off'],
  ['10ffffffffffffffffff01', 'too large'],
  ['0aff', 'cut off'],
  ['0b', 'wire type 3'],
])('%s is no message: it is %s', (hex, words) => {
  expect(() => fields(hex)).toThrow(words);
});
