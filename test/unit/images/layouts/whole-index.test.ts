import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  INDEX,
  Layout,
  refusal,
  sha256,
  workplace,
  writeDirectory,
  writeTar,
} from '../fixtures.js';
import { AMD, ARM, imageOf, only } from './helpers.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

describe('an index.json that is the index of the image itself', () => {
  test.each([
    ['without a name (apko, rules_img)', undefined],
    ['under one name', 'r.io/web:1'],
  ])('%s', async (_, name) => {
    const layout = new Layout();
    layout.list(imageOf(layout, 'amd', AMD), name).list(imageOf(layout, 'arm', ARM), name);
    const entries = layout.entries();
    const digest = `sha256:${sha256(entries.at(-1)?.bytes as Buffer)}`;
    for (const source of [
      await writeTar(place, entries),
      await writeDirectory(place, entries, 'web'),
    ]) {
      const { image, notices } = await only(place, source);
      expect(notices).toEqual([]);
      expect(image).toMatchObject({
        name: name === undefined ? 'docker.io/library/web' : 'r.io/web',
        digestKept: true,
        target: { digest, mediaType: INDEX },
        platforms: ['linux/amd64'],
      });
      expect(image.manifests.map((manifest) => manifest.digest)).toEqual([
        digest,
        layout.listed[0]?.digest,
      ]);
      expect(image.manifests[0]?.bytes).toEqual(entries.at(-1)?.bytes);
      expect((await only(place, source, ['linux/amd64', 'linux/arm64'])).image.blobs).toHaveLength(
        4,
      );
    }
    expect(
      await refusal(place, [await writeTar(place, entries)], { platforms: ['linux/s390x'] }),
    ).toContain('not for linux/s390x');
  });

  test('variants of one architecture are different platforms', async () => {
    const layout = new Layout();
    for (const variant of ['v6', 'v7'])
      layout.list(imageOf(layout, variant, { os: 'linux', architecture: 'arm', variant } as never));
    const { image } = await only(place, await writeTar(place, layout.entries()), ['linux/arm']);
    expect(image.manifests).toHaveLength(3);
  });

  test('one entry with a platform stays what it is', async () => {
    const layout = new Layout();
    const image = imageOf(layout, 'one');
    const { image: found } = await only(place, await writeTar(place, layout.list(image).entries()));
    expect(found.target.digest).toBe(image.digest);
  });

  test('with a platform that the source lacks', async () => {
    const layout = new Layout();
    const arm = imageOf(layout, 'arm', ARM);
    layout
      .list(imageOf(layout, 'amd', AMD))
      .list(arm)
      .remove(arm);
    const archive = await writeTar(place, layout.entries());
    expect((await only(place, archive)).image.platforms).toEqual(['linux/amd64']);
    expect(await refusal(place, [archive], { platforms: ['linux/arm64'] })).toContain(
      'lists linux/arm64 but the source does not hold its content',
    );
  });
});
