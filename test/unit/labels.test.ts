import { expect, test } from '@jest/globals';
import { isOwnLabel, parseLabels } from '../../src/host/labels.js';
import { type Delivery, labelsFor } from '../../src/run/run.js';
import { NO_SIDECAR_LABELS, NO_SIDECAR_NAMESPACE_LABELS } from '../../src/run/sidecars.js';

test('labels are read one a line', () => {
  const text = `
    team=web
    # a comment
    example.com/cost-center = c-1.2_3
    empty=
    team=web
  `;
  expect(parseLabels(text)).toEqual({
    team: 'web',
    'example.com/cost-center': 'c-1.2_3',
    empty: '',
  });
  expect(parseLabels('')).toEqual({});
});

const LONG = 'a'.repeat(63);

test.each([`${LONG}=${LONG}`, `${'a'.repeat(60)}.${'b'.repeat(60)}/x=y`, 'A.b_c-1=Z', '1=2'])(
  '%s is taken',
  (line) => {
    expect(Object.entries(parseLabels(line))).toEqual([line.split('=')]);
  },
);

test.each([
  ['team', 'has no equals sign'],
  ['=web', 'has a key that'],
  ['te am=web', 'has a key that'],
  ['-team=web', 'has a key that'],
  ['team.=web', 'has a key that'],
  [`${LONG}a=web`, 'has a key that'],
  ['Example.com/team=web', 'has a key that'],
  ['/team=web', 'has a key that'],
  ['example.com/=web', 'has a key that'],
  ['a/b/c=web', 'has a key that'],
  [`${'a.'.repeat(127)}a/team=web`, 'has a key that'],
  ['team=a=b', 'has a value that'],
  ['team=-web', 'has a value that'],
  ['team=we b', 'has a value that'],
  [`team=${LONG}a`, 'has a value that'],
  ['app.kubernetes.io/managed-by=me', 'sets by itself'],
  ['jackal-inject.dev/run=1', 'sets by itself'],
  ['pod-security.kubernetes.io/enforce=privileged', 'sets by itself'],
])('%s is refused', (line, words) => {
  expect(() => parseLabels(line)).toThrow(`The line "${line}" of the input \`labels\``);
  expect(() => parseLabels(line)).toThrow(words);
});

test('two values for one key are refused', () => {
  expect(() => parseLabels('team=web\nteam=api')).toThrow('gives team twice');
});

test('what the action sets by itself cannot be given, and is never overridden', () => {
  const given = { team: 'web', 'app.kubernetes.io/name': 'other' };
  const run: Pick<Delivery, 'id' | 'labels'> = { id: 'abcd1234', labels: given };
  const labels = labelsFor(run, 'proof');
  expect(labels.team).toBe('web');
  expect(labels['app.kubernetes.io/name']).toBe('jackal-inject');
  const own = { ...labelsFor({ id: 'abcd1234' }, 'proof'), ...NO_SIDECAR_LABELS };
  const all = [...Object.keys(own), ...Object.keys(NO_SIDECAR_NAMESPACE_LABELS)];
  expect(all.filter((key) => !isOwnLabel(key))).toEqual([]);
});
