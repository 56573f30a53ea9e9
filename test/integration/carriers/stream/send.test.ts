import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { DeliveryConnection } from '../../../../src/carriers/stream/connection.js';
import { StreamError } from '../../../../src/carriers/stream/error.js';
import { sendOnDemand } from '../../../../src/carriers/stream/send.js';
import type { Sent } from '../../../../src/carriers/stream/totals.js';
import type { ParcelEntry } from '../../../../src/payload/parcel.js';
import { until } from '../../../cluster/until.js';
import { type FaultyLine, startFaultyLine } from '../../../helpers/link/faulty-line.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';
import { type Blobs, collector, makeBlobs, pullAll, wayToPort } from './delivery.js';

const MB = 1_000_000;
const { signal } = new AbortController();

let registry: OnDemandRegistry;
let blobs: Blobs;
let line: FaultyLine | undefined;

afterEach(async () => {
  await line?.close();
  line = undefined;
  await registry?.close();
  await blobs?.remove();
});

async function serve(...sizes: number[]): Promise<void> {
  blobs = await makeBlobs(...sizes);
  registry = await serveOnDemand(blobs.all);
}

const digests = () => blobs.all.map(({ digest }) => digest);
const sum = () => blobs.all.reduce((bytes, { size }) => bytes + size, 0);

test('what is pulled is sent, once, and nothing else', async () => {
  await serve(30 * MB, 7 * MB, 1, 5 * MB);
  const wanted = blobs.all.slice(0, 3);
  const verified: string[] = [];
  const pulls: string[] = [];
  const way = await wayToPort(registry, registry.delivery.port);
  const over = Promise.withResolvers<void>();
  const sending = sendOnDemand(
    {
      way,
      token: registry.token,
      blobOf: blobs.find,
      over: over.promise,
      onVerified: (digest, size) => verified.push(`${digest} ${size}`),
      onPulled: (digest, size, client) => pulls.push(`${digest} ${size} ${client}`),
    },
    new AbortController().signal,
  );
  const pulled = await Promise.all(wanted.map(({ digest }) => registry.pull(digest)));
  await until('what is told', () => pulls.length === 3 && verified.length === 3);
  over.resolve();
  const { bytesSent, bytesResent } = await sending;
  expect(pulled).toEqual(wanted.map(({ digest }) => digest));
  expect({ bytesSent, bytesResent }).toEqual({ bytesSent: 37 * MB + 1, bytesResent: 0 });
  expect(verified.sort()).toEqual(wanted.map(({ digest, size }) => `${digest} ${size}`).sort());
  const told = wanted.map(({ digest, size }) => `${digest} ${size} 127.0.0.1`);
  expect(pulls.sort()).toEqual(told.sort());
  // Each from one stream, whatever the slices; and of the last nothing was read.
  expect(digests().map((digest) => blobs.opened.get(digest))).toEqual([[0], [0], [0], []]);
});

test('when it is over nobody is held for what was not sent', async () => {
  await serve(MB, MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const [sent, left] = blobs.all as [ParcelEntry, ParcelEntry];
  await pullAll(registry, [sent], { way, blobOf: blobs.find });
  await expect(registry.pull(left.digest)).rejects.toThrow('404');
  expect(await registry.pull(sent.digest)).toBe(sent.digest);
});

test('but where all is to be there more may be sent, by another one', async () => {
  await serve(MB, MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const [sent, left] = blobs.all as [ParcelEntry, ParcelEntry];
  await pullAll(registry, [sent], { way, blobOf: blobs.find, rest: Promise.resolve([]) });
  const { pulled } = await pullAll(registry, [left], { way, blobOf: blobs.find });
  expect(pulled).toEqual([left.digest]);
});

test('however large blobs are, no more than some pieces of them are in memory', async () => {
  await serve(150 * MB, 150 * MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const collect = collector();
  collect();
  const before = process.memoryUsage().arrayBuffers;
  let looked = 0;
  let most = 0;
  const onProgress = ({ bytesSent }: Sent) => {
    if (bytesSent - looked < 10 * MB) return;
    looked = bytesSent;
    // What V8 has not looked at yet is nothing that is held; some of it is taken away a little later.
    collect();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  const { pulled } = await pullAll(registry, blobs.all, { way, blobOf: blobs.find, onProgress });
  expect(pulled).toEqual(digests());
  expect(looked).toBeGreaterThan(sum() / 2);
  expect(most).toBeLessThan(sum() / 3);
});

test('resets each 5 MB, stalls and refused connections: it ends, and little goes twice', async () => {
  await serve(60 * MB, 25 * MB, 15 * MB);
  line = await startFaultyLine(registry.delivery, {
    resetBytes: 5 * MB,
    stallBytes: 45 * MB,
    stallMilliseconds: 2_000,
    refuseOneIn: 20,
  });
  const way = await wayToPort(registry, line.port);
  const { pulled, sent } = await pullAll(registry, blobs.all, { way, blobOf: blobs.find });
  expect(pulled).toEqual(digests());
  expect(line.counts.resets).toBeGreaterThanOrEqual(15);
  expect(line.counts.stalls).toBeGreaterThanOrEqual(2);
  expect(line.counts.refused).toBeGreaterThanOrEqual(1);
  expect(sent.bytesResent).toBeLessThanOrEqual(0.1 * sum());
  expect(sent.bytesSent).toBe(sum() + sent.bytesResent);
});

test('a way that is gone for a while is waited for, and the rest goes on where it was', async () => {
  await serve(40 * MB);
  line = await startFaultyLine(registry.delivery);
  const { cut, mend, carried, counts } = line;
  const way = await wayToPort(registry, line.port);
  const pulling = pullAll(registry, blobs.all, {
    way,
    blobOf: blobs.find,
    onProgress: ({ bytesSent }) => {
      if (bytesSent > 10 * MB && counts.refused === 0) cut();
    },
  });
  await until('refused attempts', () => counts.refused >= 3);
  const before = carried();
  mend();
  const { pulled } = await pulling;
  expect(pulled).toEqual(digests());
  expect(before).toBeGreaterThan(8 * MB);
  expect(blobs.opened.get(digests()[0] as string)?.length).toBe(2);
});

test('a registry that starts again with an empty store is sent all of it again', async () => {
  await serve(20 * MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const digest = digests()[0] as string;
  const over = Promise.withResolvers<void>();
  const signal = new AbortController().signal;
  const { token } = registry;
  const sending = sendOnDemand({ way, token, blobOf: blobs.find, over: over.promise }, signal);
  expect(await registry.pull(digest)).toBe(digest);
  await registry.restart({ forget: true });
  expect(await registry.pull(digest)).toBe(digest);
  over.resolve();
  expect(await sending).toMatchObject({ bytesSent: 40 * MB, bytesResent: 20 * MB });
});

test('of blobs that are demanded at once each gets on before one is whole', async () => {
  await serve(...Array.from({ length: 6 }, () => 12 * MB));
  // So slow that a turn is worth less than a blob, for that is when it matters.
  line = await startFaultyLine(registry.delivery, { stallBytes: MB, stallMilliseconds: 100 });
  const way = await wayToPort(registry, line.port);
  const begun = new Set<string>();
  let beforeFirst: number | undefined;
  const over = Promise.all(
    digests().map((digest) => registry.pull(digest, () => begun.add(digest))),
  );
  const { token } = registry;
  await sendOnDemand(
    {
      ...{ way, token, blobOf: blobs.find, over },
      onVerified: () => {
        beforeFirst ??= begun.size;
      },
    },
    new AbortController().signal,
  );
  expect(beforeFirst).toBe(6);
});

test('a blob whose bytes are not those of its digest is named, after a second attempt', async () => {
  await serve(3 * MB);
  const [bad] = digests() as [string];
  const way = await wayToPort(registry, registry.delivery.port);
  const zeros = { digest: bad, size: 3 * MB, open: () => Readable.from([Buffer.alloc(3 * MB)]) };
  const blobOf = (digest: string) => (digest === bad ? zeros : blobs.find(digest));
  const over = new Promise(() => undefined);
  const { signal } = new AbortController();
  registry.pull(bad).catch(() => undefined);
  const sending = sendOnDemand({ way, token: registry.token, blobOf, over }, signal);
  await expect(sending).rejects.toMatchObject({ trouble: 'content' });
  await expect(sending).rejects.toThrow(bad);
});

test('a source that ends early or fails ends the stream with its own words', async () => {
  await serve(3 * MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const [digest] = digests() as [string];
  const failing = async function* () {
    yield Buffer.alloc(MB);
    throw new Error('the disk is gone');
  };
  const over = new Promise(() => undefined);
  const { signal } = new AbortController();
  registry.pull(digest).catch(() => undefined);
  const send = (open: () => Readable) =>
    sendOnDemand(
      { way, token: registry.token, over, blobOf: () => ({ digest, size: 3 * MB, open }) },
      signal,
    );
  await expect(send(() => Readable.from(failing()))).rejects.toThrow('the disk is gone');
  await expect(send(() => Readable.from([Buffer.alloc(MB)]))).rejects.toThrow(/ended after \d+ of/);
});

test('a blob that another connection ends while it is read for this one is no failure', async () => {
  await serve(3 * MB, MB);
  const [first, second] = blobs.all as [ParcelEntry, ParcelEntry];
  const way = await wayToPort(registry, registry.delivery.port);
  const bytes = Buffer.concat(await first.open().toArray());
  const goOn = Promise.withResolvers<void>();
  const sources: Readable[] = [];
  const heldAt = 1000;
  const pieces = async function* (start: number) {
    if (start < heldAt) yield bytes.subarray(start, heldAt);
    await goOn.promise;
    yield bytes.subarray(Math.max(start, heldAt));
  };
  const open = (start = 0) => {
    const source = Readable.from(pieces(start));
    sources.push(source);
    return source;
  };
  const verified = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const { digest, size } = first;
  const blobOf = (asked: string) => (asked === digest ? { digest, size, open } : blobs.find(asked));
  const { token } = registry;
  const onVerified = (one: string) => one === digest && verified.resolve();
  const sending = sendOnDemand(
    { way, token, blobOf, over: over.promise, onVerified, connections: 1 },
    signal,
  );
  try {
    const pulled = registry.pull(digest);
    const other = await DeliveryConnection.prove(await way.dial(signal), token);
    await until('the first piece', async () => (await other.offsetOf(digest)) === heldAt);
    const left = { digest, size, first: heldAt, length: size - heldAt };
    const { outcome } = await other.put(left, Readable.from([bytes.subarray(heldAt)]));
    await Promise.race([verified.promise, sending]);
    other.close();
    expect([outcome, await pulled]).toEqual(['whole', digest]);
    goOn.resolve();
    // Its only connection for sending is the one that was sending the first.
    expect(await Promise.race([registry.pull(second.digest), sending])).toBe(second.digest);
  } finally {
    goOn.resolve();
    over.resolve();
    await sending;
  }
  expect(sources.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test('the wrong token is refused at once', async () => {
  await serve(MB);
  const way = await wayToPort(registry, registry.delivery.port);
  const over = new Promise(() => undefined);
  const { signal } = new AbortController();
  const token = 'f'.repeat(64);
  const sending = sendOnDemand({ way, token, blobOf: blobs.find, over }, signal);
  await expect(sending).rejects.toMatchObject({ trouble: 'refused' });
  await expect(sending).rejects.toBeInstanceOf(StreamError);
});

test('the signal ends all of it, and nothing stays open', async () => {
  await serve(50 * MB);
  line = await startFaultyLine(registry.delivery);
  const { open } = line;
  const way = await wayToPort(registry, line.port);
  const end = new AbortController();
  const sources: Readable[] = [];
  const blobOf = (digest: string) => {
    const blob = blobs.find(digest);
    return (
      blob && {
        ...blob,
        open: (start?: number) => {
          const source = blob.open(start);
          sources.push(source);
          return source;
        },
      }
    );
  };
  const onProgress = () => end.abort(new Error('enough'));
  registry.pull(digests()[0] as string).catch(() => undefined);
  const { token } = registry;
  const over = new Promise(() => undefined);
  const sending = sendOnDemand({ way, token, blobOf, over, onProgress }, end.signal);
  await expect(sending).rejects.toThrow('enough');
  await until('the connections to end', () => open() === 0);
  expect(sources.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test('a source that gives nothing and cannot be stopped does not hold up the end', async () => {
  await serve(MB);
  const [blob] = blobs.all as [ParcelEntry];
  const asked = Promise.withResolvers<void>();
  const yields = Promise.withResolvers<void>();
  const pieces = async function* () {
    asked.resolve();
    await yields.promise;
    yield Buffer.alloc(1);
  };
  const blobOf = () => ({ ...blob, open: () => Readable.from(pieces()) });
  const way = await wayToPort(registry, registry.delivery.port);
  const end = new AbortController();
  registry.pull(blob.digest).catch(() => undefined);
  const { token } = registry;
  const over = new Promise(() => undefined);
  let words = '';
  const sending = sendOnDemand({ way, token, blobOf, over }, end.signal).catch((error) => {
    words = String(error);
  });
  try {
    await asked.promise;
    end.abort(new Error('enough'));
    await until('the end of the sending', () => words);
    expect(words).toBe('Error: enough');
  } finally {
    yields.resolve();
    await sending;
  }
});
