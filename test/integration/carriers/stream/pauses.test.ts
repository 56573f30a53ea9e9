import { PassThrough, Readable } from 'node:stream';
import { afterEach, expect, jest, test } from '@jest/globals';
import { DeliveryConnection } from '../../../../src/carriers/stream/connection.js';
import { StreamHttp } from '../../../../src/carriers/stream/exchange.js';
import { Patience } from '../../../../src/carriers/stream/patience.js';
import { sendOnDemand } from '../../../../src/carriers/stream/send.js';
import type { Way } from '../../../../src/carriers/stream/way.js';
import type { ParcelEntry } from '../../../../src/payload/parcel.js';
import { until } from '../../../cluster/until.js';
import {
  type FaultyLine,
  type LineFaults,
  startFaultyLine,
} from '../../../helpers/link/faulty-line.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';
import { type Blobs, makeBlobs, pullAll, wayToPort } from './delivery.js';

const MB = 1_000_000;

let registry: OnDemandRegistry;
let blobs: Blobs;
let line: FaultyLine | undefined;

afterEach(async () => {
  jest.restoreAllMocks();
  await line?.close();
  line = undefined;
  await registry?.close();
  await blobs?.remove();
});

/** A way on which what is told goes straight, and what sends goes over a faulty line. */
async function wayOver(faults: LineFaults): Promise<Way> {
  line = await startFaultyLine(registry.delivery, faults);
  const straight = await wayToPort(registry, registry.delivery.port);
  const faulty = await wayToPort(registry, line.port);
  let dialled = 0;
  // Demands are heard first of all: without one nobody sends.
  return { ...faulty, dial: (signal) => (dialled++ === 0 ? straight : faulty).dial(signal) };
}

/** Failures in a row for which pauses were asked. */
function pausesAsked(): () => number[] {
  const asked = jest.spyOn(Patience.prototype, 'pauseAfter');
  return () => asked.mock.calls.map(([, failures]) => failures);
}

test('cuts between which slices were taken are no failures in a row', async () => {
  blobs = await makeBlobs(40 * MB);
  registry = await serveOnDemand(blobs.all);
  const way = await wayOver({ resetBytes: 5 * MB });
  const asked = pausesAsked();
  await pullAll(registry, blobs.all, { way, blobOf: blobs.find, connections: 1 });
  expect(asked().length).toBeGreaterThanOrEqual(5);
  expect(new Set(asked())).toEqual(new Set([1]));
});

test('nor are cuts between which less than a slice was taken', async () => {
  blobs = await makeBlobs(MB);
  registry = await serveOnDemand(blobs.all);
  const way = await wayOver({});
  const [blob] = blobs.all as [ParcelEntry];
  const content = Buffer.concat(await blob.open().toArray());
  const cuts = 4;
  const sources: PassThrough[] = [];
  const open = (start = 0): Readable => {
    const source = new PassThrough();
    // Less than the smallest slice, and nothing more until the connection is cut.
    if (sources.push(source) <= cuts) source.write(content.subarray(start, start + MB / 10));
    else source.end(content.subarray(start));
    return source;
  };
  const asked = pausesAsked();
  let pulled = 0;
  const over = registry.pull(blob.digest, (bytes) => {
    pulled = bytes;
  });
  const { token } = registry;
  const sending = { way, token, blobOf: () => ({ ...blob, open }), over, connections: 1 };
  const sent = sendOnDemand(sending, new AbortController().signal);
  for (let done = 1; done <= cuts; done++) {
    await until('what was sent', () => pulled === (done * MB) / 10);
    line?.cut();
    line?.mend();
    // Where there is nothing to send, a cut is not noticed.
    sources.at(-1)?.end(content.subarray((done * MB) / 10));
  }
  await sent;
  expect(await over).toBe(blob.digest);
  expect(asked()).toEqual([1, 1, 1, 1]);
});

test('a slice is not begun before its source has given the first byte', async () => {
  blobs = await makeBlobs(MB);
  registry = await serveOnDemand(blobs.all);
  const way = await wayToPort(registry, registry.delivery.port);
  const begun = jest.spyOn(DeliveryConnection.prototype, 'put');
  const [blob] = blobs.all as [ParcelEntry];
  const content = Buffer.concat(await blob.open().toArray());
  let begunBefore: number | undefined;
  const open = (start = 0): Readable =>
    new Readable({
      read() {
        begunBefore ??= begun.mock.calls.length;
        this.push(content.subarray(start));
        this.push(null);
      },
    });
  const blobOf = () => ({ ...blob, open });
  const { pulled } = await pullAll(registry, blobs.all, { way, blobOf });
  expect(pulled).toEqual([blob.digest]);
  expect(begunBefore).toBe(0);
});

test('a source that stands still in the middle of a slice is not taken for a way that does', async () => {
  blobs = await makeBlobs(MB);
  registry = await serveOnDemand(blobs.all);
  const way = await wayToPort(registry, registry.delivery.port);
  const [blob] = blobs.all as [ParcelEntry];
  const content = Buffer.concat(await blob.open().toArray());
  const source = new PassThrough();
  source.write(content.subarray(0, MB / 10));
  let isWatched = false;
  const watches = StreamHttp.prototype.watch;
  jest.spyOn(StreamHttp.prototype, 'watch').mockImplementation(function (
    this: StreamHttp,
    seconds,
    what,
  ) {
    if (!what.startsWith('the body')) return watches.call(this, seconds, what);
    const turn = (to: boolean) => () => {
      isWatched = to;
    };
    turn(true)();
    return { refresh: turn(true), end: turn(false) };
  });
  const excused = jest.spyOn(Patience.prototype, 'excuse');
  let pulled = 0;
  const over = registry.pull(blob.digest, (bytes) => {
    pulled = bytes;
  });
  const { token } = registry;
  const sending = { way, token, blobOf: () => ({ ...blob, open: () => source }), over };
  const sent = sendOnDemand(sending, new AbortController().signal);
  await until('what the source gave', () => pulled === MB / 10);
  await until('the end of the watch', () => !isWatched);
  const waited = excused.mock.results.map(({ value }) => value as Promise<unknown>);
  // What is waited for now is the source's, so no clock of the way's runs.
  expect(await Promise.race([waited.at(-1), Promise.resolve('held')])).toBe('held');
  source.end(content.subarray(MB / 10));
  await sent;
  expect(await over).toBe(blob.digest);
});
