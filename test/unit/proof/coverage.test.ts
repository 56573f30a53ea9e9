import { expect, test } from '@jest/globals';
import { checkArchitectures, checkCoverage } from '../../../src/proof/coverage.js';

const AMD64 = { name: 'n1', architecture: 'amd64' };
const ARM64 = { name: 'n2', architecture: 'arm64' };
const image = (given: string, ...platforms: string[]) => ({ given, platforms });
const BOTH = image('both:1', 'linux/amd64', 'linux/arm64');
const ONE = image('one:1', 'linux/amd64');

test('nothing is said when every node gets an image', () => {
  expect(checkCoverage([AMD64, ARM64], [BOTH, ONE])).toEqual([]);
});

test('a node that gets none is told, with the images and why', () => {
  expect(checkCoverage([AMD64, ARM64], [ONE], ['linux/amd64'])).toEqual([
    'The node n2 is left out: it is of the platform linux/arm64 and gets none of one:1, which is sent for linux/amd64, as the input `platforms` says.',
  ]);
  expect(checkCoverage([AMD64, ARM64], [ONE])).toEqual([
    'The node n2 is left out: it is of the platform linux/arm64 and gets none of one:1, which is sent for linux/amd64.',
  ]);
});

test('many nodes that get none are told in one sentence, by the first of them', () => {
  const nodes = Array.from({ length: 13 }, (_, index) => ({ ...ARM64, name: `n${index}` }));
  expect(checkCoverage([AMD64, ...nodes], [ONE])).toEqual([
    'The nodes n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 3 more are left out: each is of the platform linux/arm64 and gets none of one:1, which is sent for linux/amd64.',
  ]);
});

test('many images are told by three of them', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => image(name, 'linux/amd64'));
  const [sentence] = checkCoverage([AMD64, ARM64], many);
  expect(sentence).toContain('none of a, b, c and 2 more, which');
});

test('platforms that no node has are the end, and the input is told', () => {
  const sent = image('web:1', 'linux/s390x');
  expect(() => checkCoverage([AMD64, ARM64], [sent], ['linux/s390x'])).toThrow(
    'No node of the cluster can run web:1: it would be sent for linux/s390x, and the nodes are of linux/amd64, linux/arm64; name one of those in the input `platforms`, which says linux/s390x.',
  );
});

test('one image that no node can run is the end, even if others run', () => {
  const alien = image('alien:1', 'linux/arm64');
  expect(() => checkCoverage([AMD64], [BOTH, alien])).toThrow(
    /^No node of the cluster can run alien:1: .*linux\/arm64.*linux\/amd64; build it for one of those\.$/,
  );
});

test('where nobody may list nodes, what an architecture does not get is told', () => {
  expect(checkArchitectures(['amd64'], [BOTH, ONE])).toEqual([]);
  expect(checkArchitectures(['amd64', 'arm64'], [BOTH])).toEqual([]);
  const [sentence, ...more] = checkArchitectures(['amd64', 'arm64'], [BOTH, ONE]);
  expect(sentence).toMatch(/^Nodes of linux\/arm64, if there are any, do not get every image: /);
  expect(more).toEqual([]);
  expect(() => checkArchitectures(['amd64', 'arm64'], [image('far:1', 'linux/s390x')])).toThrow(
    'No node can run far:1: it would be sent for linux/s390x, and nodes of linux/amd64 and linux/arm64 can have images',
  );
});
