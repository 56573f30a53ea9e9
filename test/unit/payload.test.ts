import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { Parser } from 'tar';
import type { Image } from '../../src/images/image.js';
import { ActionError } from '../../src/lib/errors.js';
import { CATALOG_PART_BYTES, PARCEL_CONTENT_MAX_BYTES } from '../../src/lib/limits/carriers.js';
import { catalogPartsFor, catalogPieces, catalogText } from '../../src/payload/catalog.js';
import { chunksOf } from '../../src/payload/chunk.js';
import { packParcel, parcelEntries, parcelSize } from '../../src/payload/parcel.js';
import { parcelOf, payloadOf, planOf, streamPlanOf } from '../../src/payload/payload.js';

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function imageOf(given: string, manifest: Buffer, blobs: readonly Buffer[]): Image {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const digest = digestOf(manifest);
  return {
    given,
    name: `docker.io/library/${given}`,
    tag: 'ci',
    target: { mediaType, digest, size: manifest.length },
    digestKept: true,
    platforms: ['linux/amd64'],
    manifests: [{ digest, mediaType, bytes: manifest }],
    blobs: blobs.map((bytes) => ({
      digest: digestOf(bytes),
      size: bytes.length,
      open: () => Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
    })),
    referrers: [],
  };
}

async function joined(source: AsyncIterable<Buffer>): Promise<Buffer> {
  return buffer(Readable.from(source));
}

test('a parcel is a tar of every blob once, of the size that was said before', async () => {
  const shared = randomBytes(1000);
  const images = [
    imageOf('one', Buffer.from('{"one":1}'), [shared, randomBytes(512), Buffer.alloc(0)]),
    imageOf('two', Buffer.from('{"two":2}'), [shared, randomBytes(70_000)]),
  ];
  const entries = parcelEntries(images);
  const tar = await joined(packParcel(entries));
  expect(tar.length).toBe(parcelSize(entries));
  const found = new Map<string, string>();
  const parser = new Parser({
    onReadEntry: (entry) => {
      const pieces: Buffer[] = [];
      entry.on('data', (data) => pieces.push(data));
      entry.on('end', () => found.set(entry.path, digestOf(Buffer.concat(pieces))));
    },
  });
  parser.end(tar);
  const expected = images
    .flatMap((image) => [...image.manifests, ...image.blobs])
    .map(({ digest }) => [`blobs/sha256/${digest.slice(7)}`, digest]);
  expect(found).toEqual(new Map(expected as [string, string][]));
  expect(await joined(packParcel(entries))).toEqual(tar);
});

test.each([0, 1, 99, 100, 101, 1000])(
  '%d bytes are cut into chunks that join to them',
  async (n) => {
    const bytes = randomBytes(n);
    const pieces = [bytes.subarray(0, n >> 1), bytes.subarray(n >> 1)];
    const chunks = [];
    for await (const chunk of chunksOf(Readable.from(pieces), () => 100)) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks.flatMap(({ parts }) => parts))).toEqual(bytes);
    expect(chunks.map(({ index }) => index)).toEqual([...chunks.keys()]);
    expect(chunks.slice(0, -1).every(({ size }) => size === 100)).toBe(true);
    for (const { parts, size, sha256 } of chunks) {
      const whole = Buffer.concat(parts);
      expect(size).toBe(whole.length);
      expect(`sha256:${sha256}`).toBe(digestOf(whole));
    }
  },
);

test('chunks grow and shrink as the control plane is measured to take them', async () => {
  const sizes = [10, 30, 20];
  const lengths = [];
  for await (const { size } of chunksOf(
    Readable.from([randomBytes(75)]),
    () => sizes.shift() ?? 100,
  )) {
    lengths.push(size);
  }
  expect(lengths).toEqual([10, 30, 20, 15]);
});

test('the catalog lists what is served, each once, and the chunks in order', () => {
  const blob = randomBytes(10);
  const one = imageOf('one', Buffer.from('{}'), [blob]);
  const served = [
    { repository: 'library/one', image: one },
    { repository: 'library/again', image: one },
  ];
  const chunks = [0, 1].map((i) => ({ path: `000${i}/chunk`, size: 5, sha256: `${i}`.repeat(64) }));
  const lines = catalogText('f'.repeat(32), served, [{ name: 'all', size: 10, chunks }]).split(
    '\n',
  );
  expect(lines).toEqual([
    'jackal-catalog 1',
    `prefix ${'f'.repeat(32)}`,
    'repository library/one',
    `manifest ${one.target.digest} 2 application/vnd.oci.image.manifest.v1+json`,
    `blob ${digestOf(blob)} 10`,
    `tag library/one ci ${one.target.digest}`,
    'repository library/again',
    `tag library/again ci ${one.target.digest}`,
    'parcel all 10',
    `chunk 0000/chunk 5 ${'0'.repeat(64)}`,
    `chunk 0001/chunk 5 ${'1'.repeat(64)}`,
    'end',
    '',
  ]);
});

/** An image of so many blobs, of which nothing is ever read. */
function imageWith(blobs: number): Image {
  const image = imageOf('many', Buffer.from('{}'), []);
  const digest = (index: number) => `sha256:${index.toString(16).padStart(64, '0')}`;
  return {
    ...image,
    blobs: Array.from({ length: blobs }, (_, index) => ({
      digest: digest(index),
      size: 1_000_000_000,
      open: () => Readable.from([]),
    })),
  };
}

test.each([1, 5_000, 6_400, 30_000])(
  'the catalog of %d blobs takes as many ConfigMaps as was said before the first chunk',
  (count) => {
    const served = [{ repository: 'library/many', image: imageWith(count) }];
    const chunks = Array.from({ length: 1000 }, (_, index) => ({
      path: `${index.toString().padStart(4, '0')}/chunk`,
      size: 1024 * 1024,
      sha256: 'a'.repeat(64),
    }));
    const parcels = [{ name: 'all', size: 1000 * 1024 * 1024, chunks }];
    const text = catalogText('f'.repeat(32), served, parcels);
    const parts = catalogPartsFor(served, chunks.length);
    const pieces = catalogPieces(text, parts);
    expect(pieces).toHaveLength(parts);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(CATALOG_PART_BYTES);
    expect(Buffer.concat(pieces).toString()).toBe(text);
    // And not many more than it needs.
    expect(parts - Math.ceil(text.length / CATALOG_PART_BYTES)).toBeLessThanOrEqual(1);
  },
);

test('a catalog that the registry would not read is refused before anything is sent', () => {
  const images = [imageWith(100_000)];
  expect(() => payloadOf({ images })).toThrow(
    /^The names and digests of all that the images hold need 8\.\d MiB, more than the 8\.0 MiB that the registry reads; send fewer images in one step\.$/,
  );
});

test('ConfigMaps carry all of a payload, couriers but little at once, a stream nothing in them', () => {
  const layers = [randomBytes(100), randomBytes(PARCEL_CONTENT_MAX_BYTES + 1)];
  const payload = payloadOf({ images: [imageOf('one', Buffer.from('{}'), layers)] });
  const { bytes } = parcelOf(payload, 'configmap');
  const storeBytes = payload.contentBytes;
  expect(planOf(payload, 'configmap')).toMatchObject({
    ...{ chunkBytes: bytes, writtenBytes: bytes, storeBytes, catalogParts: 1 },
  });
  expect(planOf(payload, 'stream')).toMatchObject({
    ...{ chunkBytes: 0, writtenBytes: 0, storeBytes, catalogParts: 0 },
  });
  const small = parcelOf(payload, 'courier');
  expect(small.entries).toHaveLength(payload.entries.length - 1);
  expect(small.bytes).toBeLessThan(PARCEL_CONTENT_MAX_BYTES);
  expect(planOf(payload, 'courier')).toMatchObject({
    ...{ chunkBytes: small.bytes, writtenBytes: small.bytes + storeBytes, storeBytes },
  });
});

test('a stream of images that are not read yet is planned by what the daemon says of them', () => {
  const announced = [
    {
      given: 'web',
      name: 'docker.io/library/web',
      bytes: 5,
      parts: [{ storeBytes: 10, platform: 'linux/arm64' }],
    },
    { given: 'db', name: 'ghcr.io/acme/db', bytes: 7, parts: [{ storeBytes: 8 }] },
  ];
  expect(streamPlanOf(announced, ['linux/amd64', 'linux/arm64'])).toEqual({
    ...{ carrier: 'stream', chunkBytes: 0, writtenBytes: 0, catalogParts: 0, storeBytes: 26 },
    images: [
      { given: 'web', repository: 'library/web', platforms: ['linux/arm64'] },
      { given: 'db', repository: 'acme/db', platforms: ['linux/amd64', 'linux/arm64'] },
    ],
  });
});

describe('fields of the catalog that come from images', () => {
  const digest = digestOf(Buffer.from('x'));
  const good = imageOf('one', Buffer.from('{}'), [randomBytes(10)]);
  const referrer = { subject: digest, artifactType: 'a/b', descriptor: '{"a":1}' };
  const record = `\nblob ${digest} 7`;
  const manifest = { digest, mediaType: 'a/b', bytes: Buffer.from('{}') };
  const blob = { digest, size: 1, open: () => Readable.from([]) };
  const target = { mediaType: 'a/b', digest, size: 2 };

  test.each<[string, Partial<Image>]>([
    ['a tag', { tag: `ci${record}` }],
    ['the digest of the target', { target: { ...target, digest: `${digest}${record}` } }],
    ['the digest of a manifest', { manifests: [{ ...manifest, digest: `${digest}${record}` }] }],
    ['a media type', { manifests: [{ ...manifest, mediaType: `a/b${record}` }] }],
    ['a media type with parameters', { manifests: [{ ...manifest, mediaType: 'a/b; c=d' }] }],
    ['no media type', { manifests: [{ ...manifest, mediaType: '' }] }],
    ['the digest of a blob', { blobs: [{ ...blob, digest: `sha256:0${record}` }] }],
    ['the size of a blob', { blobs: [{ ...blob, size: Number.NaN }] }],
    ['an artifact type', { referrers: [{ ...referrer, artifactType: `a/b${record}` }] }],
    [
      'a long artifact type',
      { referrers: [{ ...referrer, artifactType: `a/${'b'.repeat(300)}` }] },
    ],
    ['a subject', { referrers: [{ ...referrer, subject: `${digest}${record}` }] }],
    ['a descriptor', { referrers: [{ ...referrer, descriptor: `{}${record}` }] }],
    [
      'a descriptor with a control character',
      { referrers: [{ ...referrer, descriptor: '{\u0085}' }] },
    ],
  ])('%s', (_, wrong) => {
    const served = [{ repository: 'library/one', image: { ...good, ...wrong } }];
    expect(() => catalogText('f'.repeat(32), served, [])).toThrow(ActionError);
    expect(() => catalogText('f'.repeat(32), served, [])).toThrow(/one/);
  });

  test.each(['library/one\nrepository x', 'library/One', 'a//b', '', 'a b'])(
    'the repository %j',
    (repository) => {
      const served = [{ repository, image: good }];
      expect(() => catalogText('f'.repeat(32), served, [])).toThrow(ActionError);
    },
  );

  test('what is right is taken', () => {
    const image = { ...good, referrers: [referrer] };
    expect(catalogText('f'.repeat(32), [{ repository: 'library/one', image }], [])).toContain(
      `referrer ${digest} a/b {"a":1}\n`,
    );
  });
});
