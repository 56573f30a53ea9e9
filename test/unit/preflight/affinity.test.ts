import { expect, test } from '@jest/globals';
import type { V1NodeSelectorTerm } from '@kubernetes/client-node';
import { placementFor, requirementsOf } from '../../../src/preflight/affinity.js';
import { termsOf } from '../../../src/run/daemonset.js';

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
    'node.kubernetes.io/instance-type',
    'node-role.kubernetes.io/virtual-node',
    'pool',
  ]);
});

test('where admission takes no terms about those, a scheduler chooses by the others, or among all', () => {
  const keys = [undefined, 'pool=a'].map((nodes) =>
    termsOf(placementFor('', nodes, { unfitToo: true })).map(({ matchExpressions = [] }) =>
      matchExpressions.map(({ key }) => key),
    ),
  );
  expect(keys).toEqual([[['kubernetes.io/os']], [['kubernetes.io/os', 'pool']]]);
});

/** The selector's values and the nodes that are kept off, of each term that steps with these have come to. */
const after = (...steps: (readonly [string | undefined, ...string[]])[]) =>
  steps
    .reduce<V1NodeSelectorTerm[]>(
      (besides, [nodes, ...notOn]) => termsOf(placementFor('', nodes, { notOn, besides })),
      [],
    )
    .map(({ matchExpressions, matchFields = [] }) => [
      matchExpressions?.[5]?.values?.[0],
      ...matchFields.map(({ values }) => values?.[0]),
    ]);

test('nodes that steps keep off are kept off by all that the steps were for', () => {
  const all = undefined;
  expect(after([all], [all, 'v1'])).toEqual([[all, 'v1']]);
  expect(after([all], [all, 'v1'], [all, 'v1', 'v2'], [all, 'v2'])).toEqual([[all, 'v2']]);
  expect(after(['pool=a'], [all, 'v1'])).toEqual([
    ['a', 'v1'],
    [all, 'v1'],
  ]);
  // A step for other nodes does not see those of before.
  expect(after([all, 'v1'], ['pool=b'], ['pool=b', 'v2'])).toEqual([
    [all, 'v1', 'v2'],
    ['b', 'v2'],
  ]);
});
