import { PassThrough } from 'node:stream';
import { afterEach, expect, jest, test } from '@jest/globals';
import { DeliveryConnection } from '../../../../src/carriers/stream/connection.js';
import { StreamHttp } from '../../../../src/carriers/stream/exchange.js';
import { sendOnDemand } from '../../../../src/carriers/stream/send.js';
import { SliceSize } from '../../../../src/carriers/stream/slice-size.js';
import type { Way } from '../../../../src/carriers/stream/way.js';
import type { ParcelEntry } from '../../../../src/payload/parcel.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';
import { type Blobs, makeBlobs, wayToPort } from './delivery.js';

const MB = 1_000_000;
const { signal } = new AbortController();

let registry: OnDemandRegistry;
let blobs: Blobs;
let way: Way;

afterEach(async () => {
  jest.restoreAllMocks();
  await registry?.close();
  await blobs?.remove();
});

async function serve(...sizes: number[]): Promise<void> {
  blobs = await makeBlobs(...sizes);
  registry = await serveOnDemand(blobs.all);
  way = await wayToPort(registry, registry.delivery.port);
}

/** The way, on which demands are heard first of all, and who sends has no connection before this is fulfilled. */
function wayAfter(ready: Promise<void>): Way {
  let dialled = 0;
  const dial: Way['dial'] = async (ended) => {
    if (dialled++ > 0) await ready;
    return await way.dial(ended);
  };
  return { ...way, dial };
}

const digestsOf = (some: readonly ParcelEntry[]) => some.map(({ digest }) => digest);

test('what is to be there in the end is asked for in one question, and only what is missing is sent', async () => {
  await serve(...Array.from({ length: 30 }, (_, index) => 1000 + index), MB, 40_000);
  const small = blobs.all.slice(0, 30);
  const over = Promise.withResolvers<void>();
  const verified = new Set<string>();
  const allSmall = Promise.withResolvers<void>();
  // A feed tells what is verified from its beginning on, so who sends has no connection before that.
  const isFed = Promise.withResolvers<void>();
  const { ask } = StreamHttp.prototype;
  const asked = jest.spyOn(StreamHttp.prototype, 'ask').mockImplementation(async function (
    this: StreamHttp,
    ...question
  ) {
    const answer = await ask.apply(this, question);
    if (question[1] === '/demands') isFed.resolve();
    return answer;
  });
  const sending = sendOnDemand(
    {
      ...{
        way: wayAfter(isFed.promise),
        token: registry.token,
        blobOf: blobs.find,
        first: small,
        over: over.promise,
      },
      rest: Promise.resolve(blobs.all),
      onVerified: (digest) => {
        verified.add(digest);
        if (verified.size === small.length) allSmall.resolve();
      },
    },
    signal,
  );
  await Promise.race([allSmall.promise, sending]);
  asked.mockClear();
  over.resolve();
  const { bytesSent, bytesResent } = await sending;
  const all = blobs.all.reduce((sum, { size }) => sum + size, 0);
  expect({ bytesSent, bytesResent }).toEqual({ bytesSent: all, bytesResent: 0 });
  const paths = asked.mock.calls.map(([method, path]) => `${method} ${path}`);
  // Besides, connections that are new prove themselves.
  const questions = paths.filter((one) => !/^GET \/(hello|prove|demands)$/.test(one));
  expect(questions).toEqual(['GET /missing']);
  for (const digest of digestsOf(blobs.all)) expect(await registry.pull(digest)).toBe(digest);
});

test('of what is to be there in the end each is whole before the next is begun, however short turns are', async () => {
  await serve(3 * MB, 2 * MB, 3 * MB);
  jest.spyOn(SliceSize.prototype, 'turn').mockReturnValue(1);
  const put = jest.spyOn(DeliveryConnection.prototype, 'put');
  await sendOnDemand(
    {
      ...{ way, token: registry.token, blobOf: blobs.find, over: Promise.resolve() },
      ...{ rest: Promise.resolve(blobs.all), connections: 1 },
    },
    signal,
  );
  const slices = put.mock.calls.map(([{ digest }]) => digest);
  expect(slices.length).toBeGreaterThan(3);
  expect(slices.filter((digest, index) => digest !== slices[index - 1])).toEqual(
    digestsOf(blobs.all),
  );
});

test('what somebody waits for is sent before what is sent unasked, and of it what is small first', async () => {
  await serve(...Array.from({ length: 10 }, (_, index) => 1000 + index), MB, 500);
  const first = blobs.all.slice(0, 10);
  const [layer, manifest] = blobs.all.slice(10) as [ParcelEntry, ParcelEntry];
  const heard = Promise.withResolvers<void>();
  const asked = new Set<string>();
  const sent: string[] = [];
  const watched = (blob: ParcelEntry): ParcelEntry => ({
    ...blob,
    open: (start) => {
      sent.push(blob.digest);
      return blob.open(start);
    },
  });
  const over = Promise.all([registry.pull(layer.digest), registry.pull(manifest.digest)]);
  const all = Promise.withResolvers<void>();
  let verified = 0;
  const sending = sendOnDemand(
    {
      ...{
        way: wayAfter(heard.promise),
        token: registry.token,
        first: first.map(watched),
        connections: 1,
      },
      blobOf: (digest) => {
        // Told to the backlog by the time that anything is dialled.
        if (asked.add(digest).size === 2) setImmediate(heard.resolve);
        const blob = blobs.find(digest);
        return blob && watched(blob);
      },
      over: Promise.all([over, all.promise]),
      onVerified: () => {
        if (++verified === blobs.all.length) all.resolve();
      },
    },
    signal,
  );
  await sending;
  expect(sent).toEqual(digestsOf([manifest, layer, ...first]));
});

test('a demand has the way after the slice that is sent unasked', async () => {
  await serve(20 * MB, 2 * MB);
  const [large, layer] = blobs.all as [ParcelEntry, ParcelEntry];
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const open = (start = 0) => {
    const source = new PassThrough();
    const whole = large.open(start);
    begun.resolve();
    goOn.promise.then(() => whole.pipe(source));
    source.on('close', () => whole.destroy());
    return source;
  };
  const verified: string[] = [];
  const sending = sendOnDemand(
    {
      ...{ way, token: registry.token, over: Promise.resolve(), connections: 1 },
      rest: Promise.resolve([{ ...large, open }]),
      blobOf: (digest) => {
        setImmediate(goOn.resolve);
        return blobs.find(digest);
      },
      onVerified: (digest) => verified.push(digest),
    },
    signal,
  );
  await Promise.race([begun.promise, sending]);
  const pulled = registry.pull(layer.digest);
  expect(await Promise.race([pulled, sending])).toBe(layer.digest);
  await sending;
  // The last one may be told only after nothing is missing.
  expect(verified[0]).toBe(layer.digest);
});
