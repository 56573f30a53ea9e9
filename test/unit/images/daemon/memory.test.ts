import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseCompression } from '../../../../src/images/bytes/compression.js';
import { digestOf, memoryContent } from '../../../../src/images/bytes/content.js';
import type { Asked } from '../../../../src/images/daemon/asked.js';
import { ImageMemory } from '../../../../src/images/daemon/memory.js';
import { recollect } from '../../../../src/images/daemon/recollect.js';
import { type FoundImage, type ImageParts, Reading } from '../../../../src/images/reading.js';
import { REMEMBERED_FROM_BYTES } from '../../../../src/lib/limits/images.js';
import { LAYER, MANIFEST, workplace } from '../fixtures.js';

const OTHER_ID = `sha256:${'abcd'.repeat(16)}`;
const LARGE = Buffer.alloc(REMEMBERED_FROM_BYTES, 'layer');
const CONFIG = Buffer.from(JSON.stringify({ rootfs: { diff_ids: [digestOf(LARGE)] } }));
/** The image's, as a store gives it that names images by their configs. */
const ID = digestOf(CONFIG);

let place = '';
beforeEach(async () => {
  place = await workplace();
});

/** An image with one large layer, as it was read of a daemon. */
function largeImage(): ImageParts {
  const layer = memoryContent(LARGE);
  const config = memoryContent(CONFIG);
  const bytes = Buffer.from(
    JSON.stringify({
      config: { digest: config.digest },
      layers: [{ digest: layer.digest, mediaType: LAYER }],
    }),
  );
  const digest = digestOf(bytes);
  return {
    target: { mediaType: MANIFEST, digest, size: bytes.length },
    ...{ digestKept: false, platforms: ['linux/amd64'], referrers: [] },
    manifests: [{ digest, mediaType: MANIFEST, bytes }],
    blobs: [config, layer].map((content) => ({ ...content, digest: content.digest as string })),
  };
}

describe('what an earlier run has written down', () => {
  const key = { id: ID, platforms: ['linux/amd64'] };
  const none = parseCompression('none');
  const never = () => Readable.from([]);
  const { versions } = process;
  afterEach(() => {
    Object.defineProperty(process, 'versions', { value: versions });
  });

  async function known() {
    const memory = new ImageMemory(place);
    const recalled = await memory.recall(key, [none], async () => true, never);
    return [recalled?.platforms, (await memory.layers([none], async () => true)).size > 0];
  }

  /** Changes the one record as an earlier version of the action would have left it. */
  async function alter(change: (record: Record<string, unknown>) => void): Promise<void> {
    const [name] = await readdir(place);
    const path = join(place, name as string);
    const record = JSON.parse(await readFile(path, 'utf8'));
    change(record);
    await writeFile(path, JSON.stringify(record));
  }

  test('is known as long as the same is made of it', async () => {
    await new ImageMemory(place).keep(key, none, largeImage());
    expect(await known()).toEqual([['linux/amd64'], true]);
  });

  test('is not known of an image with another ID, whoever has written it down under that', async () => {
    const memory = new ImageMemory(place);
    const recalled = (id: string) => memory.recall({ ...key, id }, [none], async () => true, never);
    const { target } = largeImage();
    for (const id of [OTHER_ID, target.digest])
      await memory.keep({ ...key, id }, none, largeImage());
    expect(await recalled(OTHER_ID)).toBeUndefined();
    // As containerd's store names it.
    expect((await recalled(target.digest))?.target).toEqual(target);
  });

  test.each(['zlib', 'zstd'])(
    'is not known to a run with another %s, nor are its layers',
    async (library) => {
      const value = { ...versions, [library]: '0.0.1' };
      Object.defineProperty(process, 'versions', { value });
      await new ImageMemory(place).keep(key, none, largeImage());
      expect(await known()).toEqual([['linux/amd64'], true]);
      Object.defineProperty(process, 'versions', { value: versions });
      expect(await known()).toEqual([undefined, false]);
    },
  );

  test.each([
    ['that does not say what it was made with', () => undefined],
    [
      'of blocks of another size',
      (made: unknown) => (Array.isArray(made) ? made.with(-1, 2 * made.at(-1)) : undefined),
    ],
  ])('is not known from a record %s', async (_, change) => {
    await new ImageMemory(place).keep(key, none, largeImage());
    await alter((record) => {
      record.made = change(record.made);
    });
    expect(await known()).toEqual([undefined, false]);
  });

  test('is all that a late save is read for', async () => {
    const parts = largeImage();
    await new ImageMemory(place).keep(key, none, parts);
    const reading = new Reading({
      ...{ temporaryDirectory: place, compression: async () => none, platforms: key.platforms },
      possiblePlatforms: [],
      ...{ allowMissingPlatforms: false, nodesOf: () => [], signal: new AbortController().signal },
      ...{ onProgress: () => undefined, onNotice: () => undefined },
    });
    const read: string[] = [];
    const found = (digest: string): FoundImage => ({
      ...{ label: 'The image', names: [], digests: [digest] },
      ...{ platform: async () => undefined, created: async () => undefined },
      resolve: async () => {
        read.push(digest);
        return parts;
      },
    });
    const asked: Asked = {
      line: { given: 'web:1', transport: 'docker-daemon', location: 'web:1' },
      about: { id: ID, names: ['web:1'], bytes: REMEMBERED_FROM_BYTES },
    };
    const past = await recollect(
      [asked],
      { directory: place, isOnNodes: async () => true, among: [none] },
      {
        ...{ label: 'The daemon', reading },
        save: async () => [found(`sha256:${'0'.repeat(64)}`), found(ID)],
      },
    );
    const layer = past?.images.get(asked)?.blobs[1];
    expect(digestOf(await buffer(layer?.open() as Readable))).toBe(layer?.digest);
    expect(read).toEqual([ID]);
  });
});
