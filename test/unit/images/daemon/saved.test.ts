import { expect, test } from '@jest/globals';
import type { FoundImage } from '../../../../src/images/reading.js';
import { daemonImage, savedName } from '../../../../src/images/select.js';

const ID = `sha256:${'abcd'.repeat(16)}`;
const about = (...names: string[]) => ({ id: ID, names, bytes: 1 });

test.each([
  ['web', about('web:1', 'web:latest'), 'web:latest'],
  ['localhost:5000/web', about('localhost:5000/web:latest'), 'localhost:5000/web:latest'],
  ['web:1', about('web:1'), 'web:1'],
  [`web@${ID}`, about(), `web@${ID}`],
  [`web:1@${ID}`, about(), `web:1@${ID}`],
  [ID, about('web:1'), ID],
  ['abcdabcd', about('web:1'), 'abcdabcd'],
  ['abcd', about('abcd:latest'), 'abcd:latest'],
  ['beef', about('beef:latest'), 'beef:latest'],
])('%s', (location, inspected, name) => {
  expect(savedName(location, inspected)).toBe(name);
});

test('an image that is asked for by a digest keeps it in its name', () => {
  const found: FoundImage = {
    ...{ label: 'The image', names: [], digests: [ID] },
    ...{ platform: async () => undefined, created: async () => undefined },
    resolve: () => Promise.reject(new Error('Nothing is to be read.')),
  };
  const end = (location: string) => {
    const line = { given: location, transport: 'docker-daemon', location } as const;
    const { tag, nameDigest } = daemonImage(line, about(), [found], 'The daemon');
    return { tag, nameDigest };
  };
  expect(end(`web@${ID}`)).toEqual({ tag: undefined, nameDigest: ID });
  expect(end(`web:1@${ID}`)).toEqual({ tag: '1', nameDigest: undefined });
  expect(end('web')).toEqual({ tag: 'latest', nameDigest: undefined });
});
