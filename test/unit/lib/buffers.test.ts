import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Buffers, free } from '../../../src/lib/buffers.js';

describe('buffers that are used again and again', () => {
  test('one that was given back is the next one that is taken, whatever part of it was in use', () => {
    const buffers = new Buffers(1000);
    const first = buffers.take();
    const other = buffers.take(10);
    expect([first.length, other.length, first.buffer === other.buffer]).toEqual([1000, 10, false]);
    buffers.giveBack(first.subarray(0, 3));
    expect(buffers.take(999).buffer).toBe(first.buffer);
    expect(buffers.take().buffer).not.toBe(first.buffer);
  });

  test('who asks for a longer one has it', () => {
    const buffers = new Buffers(10);
    buffers.giveBack(buffers.take());
    expect(buffers.take(11)).toHaveLength(11);
  });
});

describe('buffers that a library has made', () => {
  test('their memory is gone at once', async () => {
    const frame = await promisify(zstdCompress)(randomBytes(100_000), { chunkSize: 200_000 });
    free(frame);
    expect([frame.length, frame.buffer.byteLength]).toEqual([0, 0]);
  });

  test('those out of the common pool stay, and what lies beside them', () => {
    const one = Buffer.from('one');
    const other = Buffer.from('other');
    expect(one.buffer).toBe(other.buffer);
    free(one);
    expect([one.toString(), other.toString()]).toEqual(['one', 'other']);
  });
});
