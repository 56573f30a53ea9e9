import { expect, test } from '@jest/globals';
import { nameOf } from '../../../src/run/run.js';
import { notMade } from '../../../src/stages/rehearse/controllers.js';

const TEAM = { id: 'ab', namespace: 'team' };
const SCC =
  'pods "a" is forbidden: unable to validate against any security context constraint: [not usable]';
const QUOTA = 'pods "a" is forbidden: exceeded quota: few, requested: pods=1';

test.each([
  [
    TEAM,
    /; give the service account `default` there the right .* -n team`, or except the namespace/,
  ],
  [
    { id: 'ab', namespace: nameOf.namespace('ab') },
    /; make a namespace, give the service account `default` there the right .* -n NAMESPACE`, and name it by the input `namespace`, or except the namespace/,
  ],
])('who may not make Pods in %j gets the right where it stays', (place, advice) => {
  expect(notMade(place, [SCC, SCC]).message).toMatch(advice);
});

test.each([
  ['a quota', QUOTA],
  [
    'a webhook',
    'Internal error occurred: failed calling webhook "w": Post "https://w": context deadline exceeded',
  ],
  ['no account', 'pods "a" is forbidden: error looking up service account team/default: not found'],
  ['admission that has not begun', 'pods "a" is forbidden: not yet ready to handle request'],
  ['a quota to count', 'pods "a" is forbidden: status unknown for quota: few, resources: pods'],
])('%s is told in its own words, and as nothing of rights', (_, words) => {
  const { message } = notMade(TEAM, [words]);
  expect(message).toContain(`in time (${words.replace(/^pods .* is forbidden: /, '')}), so`);
  expect(message).toMatch(/; make room where a quota is exceeded, and run the job again when/);
});

test('a refusal is told without what may pass', () => {
  expect(notMade(TEAM, [QUOTA, SCC]).message).toMatch(/"team" \(unable to validate [^;]*\), so/);
});
