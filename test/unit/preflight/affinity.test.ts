import { expect, test } from '@jest/globals';
import { placementFor, requirementsOf } from '../../../src/preflight/affinity.js';

test.each([
  [undefined, []],
  ['pool', [{ key: 'pool', operator: 'Exists' }]],
  ['!pool', [{ key: 'pool', operator: 'DoesNotExist' }]],
  ['pool=a', [{ key: 'pool', operator: 'In', values: ['a'] }]],
  ['pool==', [{ key: 'pool', operator: 'In', values: [''] }]],
  ['pool != a', [{ key: 'pool', operator: 'NotIn', values: ['a'] }]],
  ['cpus>8', [{ key: 'cpus', operator: 'Gt', values: ['8'] }]],
  [
    'kubernetes.io/os=linux,pool in (a, b),!spot,zone notin(c)',
    [
      { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
      { key: 'pool', operator: 'In', values: ['a', 'b'] },
      { key: 'spot', operator: 'DoesNotExist' },
      { key: 'zone', operator: 'NotIn', values: ['c'] },
    ],
  ],
])('a scheduler understands the selector %s', (selector, requirements) => {
  expect(requirementsOf(selector)).toEqual(requirements);
});

test.each(['=a', 'pool=a b', 'pool in a', 'pool in (a', 'a,,b', 'pool between (a,b)'])(
  '%s is no label selector, and the sentence says so',
  (selector) => {
    expect(() => requirementsOf(selector)).toThrow(
      /^The input `nodes` is ".*", which is no label selector, since ".*" is no requirement; write it/,
    );
  },
);

test('neither other systems nor nodes without a runtime are chosen', () => {
  const { nodeSelector, affinity } = placementFor('arm64', 'pool=a');
  expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' });
  const terms =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  expect(terms).toHaveLength(1);
  expect(terms?.[0]?.matchExpressions?.map(({ key }) => key)).toEqual([
    'eks.amazonaws.com/compute-type',
    'type',
    'liqo.io/type',
    'pool',
  ]);
});
