import { beforeEach, describe, expect, test } from '@jest/globals';
import { Layout, read, refusal, workplace, writeTar } from '../fixtures.js';
import { AMD, ARM, imageOf, only } from './helpers.js';

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
