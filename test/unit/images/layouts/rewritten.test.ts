import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  CONFIG,
  configOf,
  LAYER,
  Layout,
  MANIFEST,
  refusal,
  workplace,
  writeDirectory,
  writeTar,
} from '../fixtures.js';
import { ARM, imageOf, only, RAW, readAll, without } from './helpers.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

describe('a layout that was written to again', () => {
  test('entries that lost their name are left out with a line of the log (skopeo, podman)', async () => {
    const layout = new Layout();
    const old = [imageOf(layout, 'first'), imageOf(layout, 'second')];
    const newest = imageOf(layout, 'third');
    for (const image of old) layout.list(without(image, 'platform'));
    layout.list(without(newest, 'platform'), 'acme/web:ci');
    const directory = await writeDirectory(place, layout.entries());
    const { image, notices } = await only(place, directory);
    expect(image).toMatchObject({ name: 'docker.io/acme/web', target: { digest: newest.digest } });
    expect(image.blobs).toHaveLength(2);
    expect(notices).toHaveLength(2);
    expect(notices[0]).toContain(old[0]?.digest);
    expect(notices[0]).toContain('is left out');
    const byDigest = await only(place, `oci:${directory}:${old[0]?.digest}`);
    expect(byDigest.image.target.digest).toBe(old[0]?.digest);
  });

  test('so are indexes that lost theirs', async () => {
    const layout = new Layout();
    const old = layout.index([imageOf(layout, 'old'), imageOf(layout, 'old arm', ARM)]);
    const newest = layout.index([imageOf(layout, 'new'), imageOf(layout, 'new arm', ARM)]);
    layout.list(old).list(newest, '1');
    const { image } = await only(place, await writeDirectory(place, layout.entries()));
    expect(image.target.digest).toBe(newest.digest);
  });

  test('a build without a name that came after those with one is not a leftover (BuildKit)', async () => {
    const layout = new Layout();
    const annotations = (created: string) => ({ 'org.opencontainers.image.created': created });
    const early = annotations('2026-11-26T08:00:00Z');
    const late = annotations('2026-11-27T08:00:00Z');
    const name = { 'org.opencontainers.image.ref.name': 'r.io/web:1' };
    const named = { ...imageOf(layout, 'named'), annotations: { ...early, ...name } };
    layout.listed.push(named, { ...imageOf(layout, 'later'), annotations: late });
    const both = await readAll(place, await writeDirectory(place, layout.entries(), 'later'));
    expect(both.images).toHaveLength(2);
    expect(both.notices).toEqual([]);
    layout.listed.reverse();
    const one = await only(place, await writeDirectory(place, layout.entries(), 'before'));
    expect(one.image.target.digest).toBe(named.digest);
    layout.listed.reverse();
    layout.listed[1] = { ...imageOf(layout, 'later'), annotations: early };
    expect(
      (await only(place, await writeDirectory(place, layout.entries(), 'same'))).notices,
    ).toHaveLength(1);
  });

  test('in an archive that docker save wrote, an image saved by ID stays', async () => {
    const layout = new Layout();
    const byId = imageOf(layout, 'by id');
    layout.list(imageOf(layout, 'named'), 'r.io/web:1').list(byId);
    const table = Buffer.from(JSON.stringify([{ Config: 'nothing', RepoTags: null, Layers: [] }]));
    const archive = await writeTar(place, [
      ...layout.entries(),
      { path: 'manifest.json', bytes: table },
    ]);
    const { images, notices } = await readAll(place, archive);
    expect(images.map(({ target }) => target.digest)).toContain(byId.digest);
    expect(notices).toEqual([]);
  });

  test('two builds without a name are told apart by when they were made (BuildKit)', async () => {
    const times = ['2026-11-26T08:00:00Z', '2026-11-27T09:30:00Z'];
    for (const where of ['annotation', 'config'] as const) {
      const layout = new Layout();
      const listed = times.map((created) => {
        if (where === 'annotation') {
          const annotations = { 'org.opencontainers.image.created': created };
          return { ...imageOf(layout, created), annotations };
        }
        const raw = JSON.parse(configOf([RAW]).toString());
        const config = layout.json({ ...raw, created }, CONFIG);
        const layers = [layout.blob(RAW, LAYER)];
        return layout.json({ schemaVersion: 2, mediaType: MANIFEST, config, layers }, MANIFEST);
      });
      layout.listed.push(...listed);
      const directory = await writeDirectory(place, layout.entries(), where);
      const sentence = await refusal(place, [directory]);
      expect(sentence).toContain('2 images without a name');
      for (const time of times) expect(sentence).toContain(time);
      const digest = listed[1]?.digest as string;
      expect(sentence).toContain(digest);
      expect((await only(place, `oci:${directory}:${digest}`)).image.target.digest).toBe(digest);
    }
  });
});
