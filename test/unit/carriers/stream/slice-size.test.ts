import { expect, test } from '@jest/globals';
import { SliceSize } from '../../../../src/carriers/stream/slice-size.js';
import { KIB, MIB } from '../../../../src/lib/limits/units.js';

/** Sends slices over one connection of so many bytes a second, until so many bytes went. */
function send(sizes: SliceSize, bytesPerSecond: number, bytes: number, blobs = 1): number[] {
  const slices: number[] = [];
  for (let sent = 0; sent < bytes; ) {
    const slice = sizes.slice(blobs, 1);
    sizes.took(slice, (slice / bytesPerSecond) * 1000);
    sent += slice;
    slices.push(slice);
  }
  return slices;
}

test('slices begin small and take half a second in the end', () => {
  const sizes = new SliceSize();
  const slices = send(sizes, 40 * MIB, 400 * MIB);
  expect(slices[0]).toBe(512 * KIB);
  expect(slices.at(-1)).toBe(20 * MIB);
  expect(slices).toEqual([...slices].sort((one, other) => one - other));
});

test('no slice is above 64 MiB on the fastest way, nor below 128 KiB on the slowest', () => {
  expect(Math.max(...send(new SliceSize(), 2000 * MIB, 2000 * MIB))).toBe(64 * MIB);
  expect(send(new SliceSize(), 50 * KIB, 4 * MIB).at(-1)).toBe(128 * KIB);
});

test('where each connection is cut after 5 MB, what is under way is a small share of it', () => {
  const sizes = new SliceSize();
  let lost = 0;
  for (let cut = 0; cut < 20; cut++) {
    let carried = 0;
    for (;;) {
      const slice = sizes.slice(1, 1);
      if (carried + slice > 5_000_000) {
        // All that the slice still had room for was under way.
        lost += 5_000_000 - carried;
        sizes.cut(5_000_000);
        break;
      }
      sizes.took(slice, 10);
      carried += slice;
    }
  }
  expect(lost / (20 * 5_000_000)).toBeLessThan(0.05);
});

test('slices grow again where cuts have ended', () => {
  const sizes = new SliceSize();
  send(sizes, 100 * MIB, 100 * MIB);
  sizes.cut(5_000_000);
  expect(sizes.slice(1, 1)).toBe(Math.round(5_000_000 / 32));
  expect(send(sizes, 100 * MIB, 2000 * MIB).at(-1)).toBe(50 * MIB);
});

test('blobs that want more connections than there are share some seconds of what the way carries', () => {
  const sizes = new SliceSize();
  send(sizes, 10 * MIB, 100 * MIB);
  expect(sizes.turn(1, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(sizes.turn(2, 2)).toBe(Number.POSITIVE_INFINITY);
  expect(sizes.turn(4, 1)).toBe(10 * MIB);
  expect(sizes.turn(40, 1)).toBe(MIB);
  expect(sizes.slice(40, 1)).toBe(MIB);
  expect(sizes.turn(100_000, 1)).toBe(128 * KIB);
});
