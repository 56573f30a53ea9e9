import { expect, test } from '@jest/globals';
import { metadataOutput } from '../../../src/rewrite/metadata.js';
import { digestOf, image, REGISTRY } from './images.js';

test('metadata tells of each image what a chart asks for', () => {
  const about = { platforms: ['linux/amd64', 'linux/arm64'], bytes: 1234 };
  const images = new Map([
    ['localhost:5000/web:ci', { ...image('localhost:5000/web:ci', 'a'), ...about }],
    ['dist/web.tar', { ...image('localhost:5000/web', 'b'), ...about }],
  ]);
  const repository = `${REGISTRY}/web`;
  expect(JSON.parse(metadataOutput(images))).toEqual({
    'localhost:5000/web:ci': {
      reference: `${repository}@${digestOf('a')}`,
      repository,
      tag: 'ci',
      digest: digestOf('a'),
      ...about,
    },
    'dist/web.tar': {
      reference: `${repository}@${digestOf('b')}`,
      repository,
      digest: digestOf('b'),
      ...about,
    },
  });
});
