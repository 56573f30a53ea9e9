import { expect, test } from '@jest/globals';
import { PLAIN_HTTP_FIX, wantsHttps } from '../../../src/preflight/runtime.js';

test.each([
  ['cri-o://1.35.0', true],
  ['cri-o://1.36.3', true],
  ['cri-o://2.0.0', true],
  ['cri-o://1.35.6-5.rhaos4.22.git41f610b.el9', true],
  ['cri-o://1.34.11-4.rhaos4.21.git358c4b4.el9', false],
  ['cri-o://1.9.1', false],
  ['containerd://2.2.1', false],
  ['docker://29.0.0', false],
  ['', false],
  [undefined, false],
])('%s asks the loopback by HTTPS alone: %s', (runtime, does) => {
  expect(wantsHttps(runtime)).toBe(does);
});

test('the fix is a file with the three lines of a registry', () => {
  const [, lines = ''] = /printf '([^']*)'/.exec(PLAIN_HTTP_FIX) ?? [];
  expect(lines.replaceAll('\\n', '\n')).toBe(
    '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n',
  );
});
