import { expect, jest, test } from '@jest/globals';
import { variants } from '../../cluster/variants.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { onVariant } from './on-variant.js';

// CRI-O takes two minutes to say that a hostPort on its loopback leads nowhere.
jest.setTimeout(600_000);

const image = async () => `oci:${await writeImage([randomLayer(6_000_000)], 'acme/any:1')}`;

for (const { name } of variants) {
  await onVariant(name, (on) => {
    test('ConfigMaps bring the images to every node', async () => {
      await on().jobs.inject([await image()], { inputs: { carrier: 'configmap' } });
    });

    test.each(['straight to', 'through the API server'])('a stream does, %s', async (way) => {
      const carrier = way === 'straight to' ? 'stream:direct' : 'stream:api';
      await on().jobs.inject([await image()], {
        inputs: { carrier },
        look: ({ log }) => expect(log).toMatch(new RegExp(`sent as a stream.* ${way}`)),
      });
    });
  });
}
