import { expect, test } from '@jest/globals';
import { parseCarrier } from '../../../src/host/input-values.js';
import type { Inputs } from '../../../src/host/inputs.js';
import type { Cluster } from '../../../src/stages/prepare/cluster.js';
import { earlyPlan } from '../../../src/stages/prepare/planning.js';

const PARTS = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform, index) => ({
  platform,
  storeBytes: 10 ** index,
}));
const IMAGES = [{ given: 'web', name: 'docker.io/library/web', bytes: 5, parts: PARTS }];
const NODE = { name: 'n1', uid: 'n1', architecture: 'amd64', images: [], addresses: [] };
const CLUSTER = { nodes: [NODE], near: false, rights: {}, storageClass: 'any' };

/** The early plan for a release on amd64, with the input `platforms`. */
function planned(platforms?: readonly string[]) {
  const inputs = { carrier: parseCarrier('stream'), release: 'web', platforms };
  return earlyPlan(inputs as Inputs, IMAGES, CLUSTER as unknown as Cluster)?.plan;
}

test.each([
  ['those that the input names', ['linux/amd64', 'linux/arm64/v8', 'linux/arm64'], 11],
  ["without it the nodes'", undefined, 1],
])('the platforms that an early plan has room for are %s', (_, platforms, storeBytes) => {
  expect(planned(platforms)).toMatchObject({
    storeBytes,
    images: [
      {
        platforms: [...new Set(platforms ?? ['linux/amd64'])].filter((one) => !one.endsWith('v8')),
      },
    ],
  });
});

test('what no node can run is told before anything is planned', () => {
  expect(planned(['linux/arm64'])).toBeUndefined();
});
