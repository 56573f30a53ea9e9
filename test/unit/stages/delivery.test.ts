import { expect, test } from '@jest/globals';
import { CATALOG_PART_BYTES } from '../../../src/lib/limits/carriers.js';
import { REGISTRY_STORE_OVERHEAD_BYTES } from '../../../src/lib/limits/run.js';
import { proofDaemonSet } from '../../../src/proof/daemonset.js';
import type { OpenRun } from '../../../src/run/run.js';
import type { PreparedJob } from '../../../src/stages/job.js';
import { deliveryOf, diskBytesOf } from '../../../src/stages/rehearse/delivery.js';

const RUN = { id: 'ab', namespace: 'team', release: 'web', firstDelivery: 8 } as OpenRun;

const job = (carrier: string, more: object = {}) =>
  ({ inputs: {}, plan: { carrier, catalogParts: 1 }, ...more }) as unknown as PreparedJob;

const after = (record?: string): OpenRun => ({
  ...RUN,
  kept: { since: 0, delivery: 3, record, address: '10.0.0.7:5000' },
});

/** A catalog that lists so many blobs, of about 26 bytes each. */
const catalogOf = (blobs: number) =>
  [
    ...['jackal-catalog 1', 'prefix f'],
    ...Array.from({ length: blobs }, (_, number) => `blob sha256:${number + 1e6} 100`),
    ...['end', ''],
  ].join('\n');

/** Such as `catalogText` writes it. */
const BEFORE = [
  'jackal-catalog 1',
  'prefix f',
  'manifest sha256:a 100',
  'blob sha256:b 400',
  'end',
  '',
].join('\n');

test('its DaemonSets keep off the nodes that only a list tells to be virtual', () => {
  const delivery = deliveryOf(job('stream', { notOn: ['aci'] }), RUN, 0);
  const { spec } = proofDaemonSet(delivery, 'amd64', []).spec.template;
  const terms =
    spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  expect(terms?.map(({ matchFields }) => matchFields)).toEqual([
    [{ key: 'metadata.name', operator: 'NotIn', values: ['aci'] }],
  ]);
});

test('attempts of a step are numbered from its first delivery on', () => {
  expect([0, 1].map((attempt) => deliveryOf(job('stream'), RUN, attempt).delivery)).toEqual([8, 9]);
});

test.each([
  [1, 'nothing', undefined],
  [2, 'little', 'a'],
  [2, 'a whole part', 'a'.repeat(CATALOG_PART_BYTES)],
  [3, 'more than a part', 'a'.repeat(CATALOG_PART_BYTES + 1)],
  // Descriptors may have any letters, and ConfigMaps count bytes.
  [3, 'as many letters of two bytes', 'é'.repeat(CATALOG_PART_BYTES)],
  [3, 'contents that are marked', catalogOf(CATALOG_PART_BYTES / 32)],
])('a catalog takes %d ConfigMaps where the one before it had %s', (parts, _, before) => {
  expect(deliveryOf(job('configmap'), after(before), 0).catalogParts).toBe(parts);
});

test('a stream brings its catalog, whatever it replaces', () => {
  const streamed = { ...job('stream'), plan: { carrier: 'stream', catalogParts: 0 } };
  expect(deliveryOf(streamed as PreparedJob, after('a'), 0).catalogParts).toBe(0);
});

test.each([
  [true, 'a stream of a release', 'stream', RUN],
  [true, 'what couriers bring to a release', 'courier', RUN],
  [false, 'what stays in ConfigMaps', 'configmap', RUN],
  [false, 'what ends with the job', 'stream', { ...RUN, release: undefined }],
])('it is %s that there is a volume for %s', (hasClaim, _, carrier, run) => {
  expect(deliveryOf(job(carrier, { storageClass: 'fast' }), run, 0).hasClaim).toBe(hasClaim);
  expect(deliveryOf(job(carrier), run, 0).hasClaim).toBe(false);
});

test.each([
  ['the chunks and the store of what stays in ConfigMaps', 'configmap', 40 + 30, RUN],
  ['the store of what is streamed', 'stream', 30, { ...RUN, release: undefined }],
  ['what the release held before, too', 'configmap', 40 + 30 + 500, after(BEFORE)],
  ['no store that is on a volume', 'courier', 40, after(BEFORE)],
])("a kubelet counts as the registry's disk %s", (_, carrier, bytes, run) => {
  const plan = {
    carrier,
    catalogParts: 1,
    chunkBytes: carrier === 'stream' ? 0 : 40,
    storeBytes: 30,
  };
  const disk = diskBytesOf(job(carrier, { storageClass: 'fast', plan }), run);
  expect(disk).toBe(bytes + (carrier === 'courier' ? 0 : REGISTRY_STORE_OVERHEAD_BYTES));
});
