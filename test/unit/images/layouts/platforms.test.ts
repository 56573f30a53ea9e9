import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  configOf,
  dockerArchive,
  Layout,
  read,
  refusal,
  workplace,
  writeTar,
} from '../fixtures.js';
import { AMD, ARM, imageOf, only, RAW } from './helpers.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

describe('platforms', () => {
  test.each([
    ['another', { os: 'windows', architecture: 's390x' }],
    ['none that is known', { os: 'unknown', architecture: 'unknown' }],
    ['no', undefined],
  ])("index.json says %s platform: the config's counts", async (_, platform) => {
    for (const name of ['r.io/web:1', undefined]) {
      const layout = new Layout();
      layout.list({ ...imageOf(layout, 'one'), platform }, name);
      const archive = await writeTar(place, layout.entries());
      expect((await only(place, archive)).image.platforms).toEqual(['linux/amd64']);
      expect(await refusal(place, [archive], { platforms: ['linux/s390x'] })).toContain(
        'is for linux/amd64 and not for linux/s390x',
      );
    }
  });

  test('index.json says the right one while the config is for another', async () => {
    const layout = new Layout();
    layout.list({ ...imageOf(layout, 'arm', ARM), platform: AMD }, 'r.io/web:1');
    expect(await refusal(place, [await writeTar(place, layout.entries())])).toContain(
      'is for linux/arm64 and not for linux/amd64',
    );
  });

  test.each([
    ['a part', 'linux/amd64,linux/arm64', 'or set allow-missing-platforms.'],
    ['all', 'linux/arm64', 'for nothing of it is sent as it is.'],
  ])('an image that lacks %s of what the input alone names is told so', async (_, given, end) => {
    const layout = new Layout();
    layout.list(imageOf(layout, 'one'), 'r.io/web:1');
    const archive = await writeTar(place, layout.entries());
    const cluster = {
      platforms: given.split(','),
      nodesOf: (platform: string) => (platform === 'linux/amd64' ? ['big'] : []),
    };
    const sentence =
      'is for linux/amd64 and not for linux/arm64, which the input `platforms` names; ';
    expect(await refusal(place, [archive], cluster)).toContain(
      `${sentence}take linux/arm64 out there, or build it for linux/arm64 too, for example with docker buildx build --platform, ${end}`,
    );
    if (given === 'linux/arm64') return;
    const set = await read(place, [archive], { ...cluster, allowMissingPlatforms: true });
    await set.close();
    expect(set.images[0]?.warnings).toEqual([
      expect.stringContaining(`${sentence}it is not sent for that one.`),
    ]);
  });

  test('one manifest that an index lists for several platforms is for each of them', async () => {
    const layout = new Layout();
    const one = imageOf(layout, 'any');
    const listed = [one, { ...one, platform: ARM }];
    layout.list(layout.index(listed), 'r.io/web:1');
    const archive = await writeTar(place, layout.entries());
    for (const platforms of [['linux/arm64'], ['linux/amd64', 'linux/arm64']]) {
      const { image } = await only(place, archive, platforms);
      expect(image.platforms).toEqual(platforms);
      expect(image.manifests).toHaveLength(2);
    }
    layout.remove(one);
    const sentence = await refusal(place, [await writeTar(place, layout.entries())], {
      platforms: ['linux/arm64'],
    });
    expect(sentence).toContain('lists linux/arm64 but the source does not hold its content');
  });

  test.each([
    ['linux/amd64', '386', 0],
    ['linux/arm64', 'arm', 1],
  ])(
    'nodes of %s take what is for %s, but not out of an index',
    async (wanted, stand, warnings) => {
      const layout = new Layout();
      const old = imageOf(layout, 'old', { os: 'linux', architecture: stand });
      layout.list(old, 'lone:1').list(layout.index([old]), 'index:1');
      const archive = await writeTar(place, layout.entries());
      const { image } = await only(place, `oci-archive:${archive}:lone:1`, [wanted]);
      expect(image.platforms).toEqual([wanted]);
      expect(image.warnings).toHaveLength(warnings);
      expect(image.manifests).toHaveLength(1);
      expect(
        await refusal(place, [`oci-archive:${archive}:index:1`], { platforms: [wanted] }),
      ).toContain(`is for linux/${stand} and not for ${wanted}`);
    },
  );

  test('other words for an architecture are read as runtimes read them', async () => {
    const layout = new Layout();
    const images = ['x86_64', 'aarch64'].map((architecture) =>
      imageOf(layout, architecture, { os: 'linux', architecture }),
    );
    layout.list(layout.index(images), 'r.io/web:1');
    const archive = await writeTar(place, layout.entries());
    const both = ['linux/amd64', 'linux/arm64'];
    expect((await only(place, archive, both)).image.platforms).toEqual(both);
  });

  test('a lone manifest whose config names no platform is for all nodes (crane append)', async () => {
    const any = { os: '', architecture: '' };
    const layout = new Layout();
    const { platform: _, ...lone } = imageOf(layout, 'any', any);
    const both = ['linux/amd64', 'linux/arm64'];
    for (const archive of [
      await writeTar(place, layout.list(lone, 'r.io/web:1').entries(), 'layout.tar'),
      await writeTar(place, dockerArchive('web:1', [RAW], configOf([RAW], any)), 'docker.tar'),
    ]) {
      expect((await only(place, archive, both)).image.platforms).toEqual(both);
      const options = { platforms: [], possiblePlatforms: both };
      const set = await read(place, [archive], options);
      await set.close();
      expect(set.images[0]?.platforms).toEqual(both);
    }
    // In an index runtimes look at the config where the index says nothing.
    const index = new Layout();
    const { platform: __, ...listed } = imageOf(index, 'any', any);
    const archive = await writeTar(place, index.list(index.index([listed]), '1').entries());
    expect(await refusal(place, [archive])).toContain('is for linux/unknown and not for');
  });

  test('where nobody knows the nodes, what none of them can be of is left out', async () => {
    const of = (architecture: string, os = 'linux') => ({ os, architecture });
    const layout = new Layout();
    const [amd, arm] = [imageOf(layout, 'amd'), imageOf(layout, 'arm', of('arm'))];
    const foreign = {
      ...{ stored: RAW, raw: RAW },
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
    };
    const windows = layout.image([foreign], { platform: of('amd64', 'windows') });
    const s390x = imageOf(layout, 's390x', of('s390x'));
    layout.list(layout.index([amd, arm, windows, s390x]), 'all:1');
    layout.list(layout.index([s390x]), 'mainframe:1');
    const archive = await writeTar(place, layout.entries());
    const options = { platforms: [], possiblePlatforms: ['linux/amd64', 'linux/arm64'] };
    const platformsOf = async (name: string) =>
      (await read(place, [`oci-archive:${archive}:${name}`], options)).images[0];
    expect(await platformsOf('all:1')).toMatchObject({ platforms: ['linux/amd64'], warnings: [] });
    expect(await platformsOf('mainframe:1')).toMatchObject({ platforms: ['linux/s390x'] });
  });

  test('what a sparse index lacks is to be fetched, not built', async () => {
    const layout = new Layout();
    const arm = imageOf(layout, 'arm', ARM);
    layout.list(layout.index([imageOf(layout, 'amd'), arm]), 'r.io/web:1').remove(arm);
    const archive = await writeTar(place, layout.entries());
    for (const platforms of [['linux/arm64'], ['linux/amd64', 'linux/arm64']]) {
      const sentence = await refusal(place, [archive], { platforms });
      expect(sentence).toContain('docker pull --platform linux/arm64');
      expect(sentence).not.toContain('build');
    }
    const mixed = await refusal(place, [archive], { platforms: ['linux/arm64', 'linux/s390x'] });
    expect(mixed).toContain('docker pull --platform linux/arm64');
    expect(mixed).toContain('build it for linux/s390x');
  });
});
