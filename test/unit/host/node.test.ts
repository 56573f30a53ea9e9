import { expect, test } from '@jest/globals';
import { requireSystem } from '../../../src/host/node.js';

test('Windows is refused, with what to do on a runner and in a shell', () => {
  expect(() => requireSystem('win32')).toThrow(
    'This runner runs Windows, on which the action does not work; run the step on a Linux runner (`runs-on: ubuntu-latest`), wherever the cluster is.',
  );
  expect(() => requireSystem('win32', true)).toThrow(
    'jackal-inject does not work on Windows; run it in WSL or on another machine with Linux, wherever the cluster is.',
  );
});

test.each(['linux', 'darwin'] as const)('%s is not', (system) => {
  expect(() => requireSystem(system)).not.toThrow();
  expect(() => requireSystem(system, true)).not.toThrow();
});
