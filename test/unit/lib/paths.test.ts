import { userInfo } from 'node:os';
import { expect, test } from '@jest/globals';
import { atHome, homeDirectory } from '../../../src/lib/files/paths.js';

test('home is where HOME says, and the account where that says nothing', () => {
  expect(homeDirectory({ HOME: '/home/me' })).toBe('/home/me');
  for (const env of [{}, { HOME: '' }, { HOME: 'here' }]) {
    expect(homeDirectory(env)).toBe(userInfo().homedir);
  }
});

test.each([
  ['~/a b/$&.tar', '/home/me/a b/$&.tar'],
  ['~/images/**/*.tar', '/home/me/images/**/*.tar'],
  ['~', '~'],
  ['a/~/b', 'a/~/b'],
])('%s is %s at home', (path, full) => {
  expect(atHome(path, { HOME: '/home/me' })).toBe(full);
});
