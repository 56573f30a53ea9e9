import { expect, test } from '@jest/globals';
import { savedName } from '../../../../src/images/select.js';

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
