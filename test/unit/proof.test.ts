import { expect, test } from '@jest/globals';
import { imagesFor, nodesToProve, type ProofImage } from '../../src/proof/pod.js';

function image(given: string, ...platforms: string[]): ProofImage {
  return { given, pullable: given, digest: 'sha256:0', platforms };
}

test('a node proves the images that were sent for its platform, and is left out without any', () => {
  const both = image('both', 'linux/amd64', 'linux/arm64');
  const one = image('one', 'linux/amd64');
  const [amd64, arm64] = [{ architecture: 'amd64' }, { architecture: 'arm64' }];
  expect(imagesFor(amd64, [both, one])).toEqual([both, one]);
  expect(imagesFor(arm64, [both, one])).toEqual([both]);
  expect(nodesToProve([amd64, arm64], [both, one])).toEqual([amd64, arm64]);
  expect(nodesToProve([amd64, arm64], [one])).toEqual([amd64]);
});
