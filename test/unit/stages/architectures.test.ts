import { expect, test } from '@jest/globals';
import { architecturesFor } from '../../../src/stages/prepare/cluster.js';

const node = { name: 'n1', uid: 'n1', architecture: 'arm64', images: [], addresses: [] };
const listed = { nodes: [{ ...node, podRanges: [] }], nodesUnlisted: false };
const unlisted = { nodes: [], nodesUnlisted: true };
const platforms = ['linux/amd64', 'linux/arm64/v8', 'linux/s390x'];

test.each([
  ['of a run: those of the nodes', listed, undefined, platforms, ['arm64']],
  ['of a release: those for nodes that join, too', listed, 'web', platforms, ['arm64', 'amd64']],
  ['of a release that names none', listed, 'web', undefined, ['arm64']],
  ['without a list of the nodes: all', unlisted, undefined, undefined, ['amd64', 'arm64']],
  ['or those that are named', unlisted, 'web', ['linux/amd64'], ['amd64']],
])('injectors %s', (_, cluster, release, named, expected) => {
  expect(
    architecturesFor(cluster, { ...(release && { release }), ...(named && { platforms: named }) }),
  ).toEqual(expected);
});
