import { expect, jest, test } from '@jest/globals';
import {
  type CarrierFacts,
  carrierLine,
  chooseCarrier,
  dependsOnSpeed,
  sparingDatabase,
  streamsLittle,
} from '../../../src/carriers/choose.js';
import { autoCompression, fittingCompression } from '../../../src/carriers/compression.js';
import type { CarrierWish } from '../../../src/host/input-values.js';
import {
  COMPRESS_BELOW_BYTES_PER_SECOND,
  COMPRESS_NEAR_BELOW_BYTES_PER_SECOND,
  STREAM_FROM_BYTES,
} from '../../../src/lib/limits/carriers.js';
import { COURIER_WINDOW_MIN_BYTES, COURIERS_FROM_BYTES } from '../../../src/lib/limits/couriers.js';
import { GIB, MIB } from '../../../src/lib/limits/units.js';

const AUTO: CarrierWish = { carrier: 'auto' };
const FACTS: CarrierFacts = {
  bytes: 500e6,
  budget: 64 * MIB,
  mayCourier: true,
  obstacle: undefined,
};
const OBSTACLE = "the kubeconfig's user may not create secrets";

const NO_SECRET = { obstacle: OBSTACLE, mayCourier: false };
const CONFIGMAP: CarrierWish = { carrier: 'configmap' };
const LITTLE = { bytes: COURIERS_FROM_BYTES - 1 };
const TIGHT = { bytes: COURIERS_FROM_BYTES - 1, budget: COURIER_WINDOW_MIN_BYTES };

test.each<[string, CarrierWish, Partial<CarrierFacts>, string, string]>([
  ['much', AUTO, {}, 'stream', 'as a stream: they are 500.0 MB.'],
  ['little', AUTO, { bytes: STREAM_FROM_BYTES - 1 }, 'configmap', 'they are less than'],
  ['as much as the bound', AUTO, { bytes: STREAM_FROM_BYTES }, 'stream', 'they are'],
  ['little over a fast way', AUTO, { bytes: 5e6, speed: 50e6 }, 'configmap', 'less than 16.8 MB.'],
  ['little over a slow way', AUTO, { bytes: 5e6, speed: 2e6 }, 'stream', 'they are 5.0 MB'],
  ['less over a slow way', AUTO, { bytes: 9e5, speed: 2e6 }, 'configmap', 'less than 1.0 MB'],
  ['little above a small budget', AUTO, { bytes: 2e6, budget: 1e6 }, 'stream', 'they are 2.0 MB'],
  ['much without a right', AUTO, { obstacle: OBSTACLE }, 'courier', `because ${OBSTACLE}.`],
  ['much without a Secret', AUTO, NO_SECRET, 'configmap', `${OBSTACLE}, and all at once, because`],
  ['little without a right', AUTO, { bytes: 1, obstacle: OBSTACLE }, 'configmap', 'less than'],
  ['much that is asked for', CONFIGMAP, {}, 'courier', 'bring in batches: as the input `carrier`'],
  ['little that is asked for', CONFIGMAP, LITTLE, 'configmap', 'as the input `carrier` says.'],
  ['little above the budget', CONFIGMAP, TIGHT, 'courier', 'as the input `carrier` says.'],
  ['much in a tiny budget', CONFIGMAP, { budget: 2 * MIB }, 'configmap', 'as the input'],
  ['little on the own network', AUTO, { bytes: 1, littleToo: true }, 'stream', "the nodes' own"],
  [
    'little on the own network by who has no other way',
    AUTO,
    { bytes: 1, littleButForForward: true },
    'configmap',
    "less than 16.8 MB, and the kubeconfig's user may not create pods/portforward.",
  ],
  ['much on the own network', AUTO, { littleToo: true }, 'stream', 'they are 500.0 MB.'],
  [
    'little that is asked for there',
    CONFIGMAP,
    { ...LITTLE, littleToo: true },
    'configmap',
    'says.',
  ],
  ['a stream for little', { carrier: 'stream' }, { bytes: 1 }, 'stream', 'as the input'],
])('%s travels by the carrier that fits', (_, wish, facts, carrier, words) => {
  const chosen = chooseCarrier(wish, { ...FACTS, ...facts });
  expect(chosen.carrier).toBe(carrier);
  expect(carrierLine(chosen)).toContain(words);
  expect(chosen.obstacle).toBe(
    carrier !== 'stream' && words.includes('because') ? OBSTACLE : undefined,
  );
});

test.each<[string, CarrierWish, Partial<CarrierFacts>, boolean]>([
  ['little', AUTO, { bytes: 10e6 }, true],
  ['next to nothing', AUTO, { bytes: 1e6 }, false],
  ['much', AUTO, {}, false],
  ['what is above the budget', AUTO, { bytes: 10e6, budget: 5e6 }, false],
  ['little that cannot be streamed', AUTO, { bytes: 10e6, obstacle: OBSTACLE }, false],
  ['little on the own network', AUTO, { bytes: 10e6, littleToo: true }, false],
  ['little that stays in ConfigMaps', AUTO, { bytes: 10e6, staysInConfigMaps: true }, false],
  ['little that is asked for as ConfigMaps', CONFIGMAP, { bytes: 10e6 }, false],
])('whether the way is measured for %s', (_, wish, facts, does) => {
  const all = { ...FACTS, ...facts };
  expect(dependsOnSpeed(wish, all)).toBe(does);
  const carriers = [1e3, 1e9].map((speed) => chooseCarrier(wish, { ...all, speed }).carrier);
  // The question is asked only where its answer matters.
  if (does) expect(carriers).toEqual(['stream', 'configmap']);
});

test.each<[string, CarrierWish, Partial<CarrierFacts>, number | undefined, string]>([
  ['a large database', AUTO, {}, 1.6 * GIB, "stream: the cluster's database has 1.60 GiB already."],
  ['a database with room', AUTO, {}, GIB, 'as ConfigMaps: they are less'],
  ['a database that nobody knows', AUTO, {}, undefined, 'as ConfigMaps: they are less'],
  ['no way for a stream', AUTO, { obstacle: OBSTACLE }, 1.6 * GIB, 'as ConfigMaps: they are less'],
  ['ConfigMaps that are asked for', CONFIGMAP, {}, 1.6 * GIB, 'as ConfigMaps: as the input'],
])('little travels with %s by what fits', async (_, wish, more, size, words) => {
  const facts = { ...FACTS, bytes: 5e6, ...more };
  const usual = chooseCarrier(wish, facts);
  const chosen = await sparingDatabase(wish, facts, usual, Promise.resolve(size));
  expect(carrierLine(chosen)).toContain(words);
});

test('much is streamed before the size of the database is known', async () => {
  const chosen = chooseCarrier(AUTO, FACTS);
  expect(await sparingDatabase(AUTO, FACTS, chosen, new Promise(() => undefined))).toBe(chosen);
});

test('a stream that was asked for and cannot be is an error that says why', () => {
  expect(() => chooseCarrier({ carrier: 'stream' }, { ...FACTS, obstacle: OBSTACLE })).toThrow(
    `The input \`carrier\` asks for a stream, which cannot be, because ${OBSTACLE}; have`,
  );
});

const FAST = COMPRESS_BELOW_BYTES_PER_SECOND + 1;
const SLOW = COMPRESS_BELOW_BYTES_PER_SECOND;

const SLOW_NEAR = COMPRESS_NEAR_BELOW_BYTES_PER_SECOND;

test.each<[string, CarrierWish, Partial<Parameters<typeof streamsLittle>[1]>, boolean]>([
  ['on the nodes’ own network', AUTO, {}, true],
  ['from afar', AUTO, { near: false }, false],
  ['by who has no other way', AUTO, { mayForward: false }, false],
  ['where there can be no stream', AUTO, { obstacle: OBSTACLE }, false],
  ['that is to stay', AUTO, { isRelease: true }, false],
  ['that is asked for as ConfigMaps', CONFIGMAP, {}, false],
])('little %s is streamed, or not', (_, wish, facts, does) => {
  const usual = { near: true, mayForward: true, obstacle: undefined, isRelease: false };
  expect(streamsLittle(wish, { ...usual, ...facts })).toBe(does);
});

test.each<[string, CarrierWish, number, boolean, number | undefined, string]>([
  ['on the nodes’ own network', AUTO, 500e6, true, SLOW, 'none'],
  ['on the nodes’ own network, unmeasured', AUTO, 500e6, true, undefined, 'none'],
  ['on a network of the nodes that is slow', AUTO, 500e6, true, SLOW_NEAR, 'zstd'],
  ['on a quick way', AUTO, 500e6, false, FAST, 'none'],
  ['on a slow way', AUTO, 500e6, false, SLOW, 'zstd'],
  ['on a way that nobody could measure', AUTO, 500e6, false, undefined, 'zstd'],
  ['of little', AUTO, STREAM_FROM_BYTES - 1, true, FAST, 'zstd'],
  ['in ConfigMaps', { carrier: 'configmap' }, 500e6, true, FAST, 'zstd'],
  ['of little that is streamed all the same', { carrier: 'stream' }, 1, true, SLOW, 'none'],
  ['through the API server alone', { carrier: 'stream', way: 'api' }, 1, true, SLOW, 'zstd'],
])('the compression %s fits', async (_, wish, bytes, near, speed, method) => {
  const cluster = async () => ({ near, obstacle: undefined });
  const facts = { bytes, cluster, speed: async () => speed };
  expect((await fittingCompression(wish, facts)).method).toBe(method);
});

test('what cannot be streamed is compressed however quick the way', async () => {
  const cluster = async () => ({ near: true, obstacle: OBSTACLE });
  const facts = { bytes: 500e6, cluster, speed: async () => FAST };
  expect((await fittingCompression(AUTO, facts)).method).toBe('zstd');
});

test('what is to stay is compressed alike whatever the way, so that its digest stays', () => {
  const choose = jest.fn<() => Promise<never>>();
  expect(autoCompression(true, choose)).toMatchObject({ method: 'zstd', level: 3 });
  expect(choose).not.toHaveBeenCalled();
  expect(autoCompression(false, choose)).toMatchObject({ choose });
});

test('the compression of little is known before the cluster is', async () => {
  const never = new Promise<never>(() => undefined);
  const facts = { bytes: STREAM_FROM_BYTES - 1, cluster: () => never, speed: () => never };
  expect((await fittingCompression(AUTO, facts)).method).toBe('zstd');
});
