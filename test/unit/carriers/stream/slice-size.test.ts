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
  // A slice at least, which is half a second of the way.
  expect(sizes.turn(40, 1)).toBe(5 * MIB);
  expect(sizes.slice(40, 1)).toBe(5 * MIB);
  expect(sizes.turn(150, 1)).toBe(2 * MIB);
  expect(sizes.turn(100_000, 1)).toBe(128 * KIB);
});

/** Sends a turn of each blob, one after the other, over a way that far; the seconds that it took, and the slices. */
function sendRound(sizes: SliceSize, blobs: number, roundTrip: number, rate: number) {
  const slices: number[] = [];
  let seconds = 0;
  for (let blob = 0; blob < blobs; blob++) {
    for (let given = 0; given < sizes.turn(blobs, 2); given += slices.at(-1) as number) {
      const slice = sizes.slice(blobs, 2);
      const took = roundTrip + slice / rate;
      sizes.took(slice, took * 1000);
      seconds += took / 2;
      slices.push(slice);
    }
  }
  return { seconds, slices };
}

test.each([
  [100, 0.1],
  [80, 0.15],
  [240, 0.04],
  [16, 0.2],
])(
  '%i blobs share a way of a round trip of %d s without waiting for answers alone',
  (blobs, roundTrip) => {
    const sizes = new SliceSize();
    let round = sendRound(sizes, blobs, roundTrip, 40 * MIB);
    for (let more = 0; more < 10; more++) {
      expect(round.seconds).toBeLessThan(60);
      round = sendRound(sizes, blobs, roundTrip, 40 * MIB);
    }
    const bytes = round.slices.reduce((sum, slice) => sum + slice, 0);
    // Of what both connections carry.
    expect(bytes / round.seconds).toBeGreaterThan(0.55 * 80 * MIB);
  },
);

test.each([
  [200, 0.5],
  [600, 4],
  [600, 40],
])('each of %i blobs gets on within a minute at %d MiB/s', (blobs, rate) => {
  const sizes = new SliceSize();
  for (let more = 0; more < 5; more++) {
    expect(sendRound(sizes, blobs, 0.1, rate * MIB).seconds).toBeLessThan(60);
  }
});

test('what is smaller than any slice does not make a far way look slow', () => {
  const sizes = new SliceSize();
  for (let blob = 0; blob < 20; blob++) sizes.took(2 * KIB, 100);
  expect(sizes.slice(1, 1)).toBe(512 * KIB);
  sizes.took(512 * KIB, 100);
  expect(sizes.slice(1, 1)).toBeGreaterThanOrEqual(512 * KIB);
});
