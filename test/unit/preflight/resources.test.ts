import { expect, test } from '@jest/globals';
import {
  type LimitRangeItem,
  type Ranges,
  rangesAfter,
  rangesOf,
} from '../../../src/preflight/resources/limit-ranges.js';
import { resourcesFor } from '../../../src/preflight/resources/resources.js';

const NONE: Ranges = new Map();
const MEBIBYTE = 1024 * 1024;

function ranges(...limits: LimitRangeItem[]): Ranges {
  return rangesOf([{ spec: { limits } }]);
}

function resources(
  rules: { ranges?: Ranges; left?: [string, number][]; requestSome?: boolean },
  proofs = [4, 4],
  mayBeMore = false,
) {
  return resourcesFor(
    { proofs, mayBeMore, diskBytes: 20 * MEBIBYTE },
    {
      ranges: rules.ranges ?? NONE,
      limitsLeft: new Map(rules.left),
      requestSome: rules.requestSome ?? false,
    },
  );
}

test('all of requests and limits are stated, and requests are nothing where nobody asks', () => {
  expect(resources({})).toEqual({
    registry: { requests: { cpu: '0', memory: '0' }, limits: { cpu: '1', memory: '64Mi' } },
    proof: { requests: { cpu: '0', memory: '0' }, limits: { cpu: '250m', memory: '64Mi' } },
  });
});

test('where admission wants requests they are small', () => {
  const { registry, proof } = resources({ requestSome: true });
  expect(registry.requests).toEqual({ cpu: '10m', memory: '16Mi' });
  expect(proof.requests).toEqual({ cpu: '10m', memory: '16Mi' });
});

test.each<[string, LimitRangeItem, object, object]>([
  [
    'a minimum raises requests, and limits that are below it',
    { type: 'Container', min: { cpu: '300m', memory: '100Mi' } },
    { requests: { cpu: '300m', memory: '100Mi' }, limits: { cpu: '1', memory: '100Mi' } },
    { requests: { cpu: '300m', memory: '100Mi' }, limits: { cpu: '300m', memory: '100Mi' } },
  ],
  [
    'a maximum lowers limits',
    { type: 'Container', max: { cpu: '200m', memory: '48Mi' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '200m', memory: '48Mi' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '200m', memory: '48Mi' } },
  ],
  [
    'a ratio lowers limits as far as they serve, and raises requests to them',
    { type: 'Container', maxLimitRequestRatio: { cpu: '10', memory: '2' } },
    { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
    { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
  ],
  [
    'a ratio that is no whole number is kept to',
    { type: 'Container', maxLimitRequestRatio: { cpu: '1.5' } },
    { requests: { cpu: '67m', memory: '0' }, limits: { cpu: '100m', memory: '64Mi' } },
    { requests: { cpu: '14m', memory: '0' }, limits: { cpu: '20m', memory: '64Mi' } },
  ],
  [
    'a minimum for a Pod is shared by its containers, and so is a maximum',
    { type: 'Pod', min: { cpu: '100m' }, max: { memory: '160Mi' } },
    { requests: { cpu: '100m', memory: '0' }, limits: { cpu: '1', memory: '64Mi' } },
    { requests: { cpu: '25m', memory: '0' }, limits: { cpu: '250m', memory: '40Mi' } },
  ],
  [
    'a ratio for a Pod holds for each of its containers',
    { type: 'Pod', maxLimitRequestRatio: { cpu: '4' } },
    { requests: { cpu: '25m', memory: '0' }, limits: { cpu: '100m', memory: '64Mi' } },
    { requests: { cpu: '10m', memory: '0' }, limits: { cpu: '40m', memory: '64Mi' } },
  ],
  [
    'defaults are for who states nothing',
    { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '400m' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '1', memory: '64Mi' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '250m', memory: '64Mi' } },
  ],
  [
    'disk is stated where a rule speaks of it',
    { type: 'Container', max: { 'ephemeral-storage': '1Gi' } },
    {
      requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
      limits: { cpu: '1', memory: '64Mi', 'ephemeral-storage': '36Mi' },
    },
    {
      requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
      limits: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
    },
  ],
  [
    'a maximum of disk lowers that of proofs, and refuses a registry that it would have evicted',
    { type: 'Container', max: { 'ephemeral-storage': '10Mi' } },
    {
      requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
      limits: { cpu: '1', memory: '64Mi', 'ephemeral-storage': '36Mi' },
    },
    {
      requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
      limits: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '10Mi' },
    },
  ],
  ...(['default', 'defaultRequest'] as const).map(
    (which): [string, LimitRangeItem, object, object] => [
      `disk is stated where it would be given by ${which}`,
      { type: 'Container', [which]: { 'ephemeral-storage': '1Gi' } },
      {
        requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
        limits: { cpu: '1', memory: '64Mi', 'ephemeral-storage': '36Mi' },
      },
      {
        requests: { cpu: '0', memory: '0', 'ephemeral-storage': '0' },
        limits: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
      },
    ],
  ),
  [
    'a volume claim is none of ours',
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '1', memory: '64Mi' } },
    { requests: { cpu: '0', memory: '0' }, limits: { cpu: '250m', memory: '64Mi' } },
  ],
])('%s', (_, range, registry, proof) => {
  expect(resources({ ranges: ranges(range) })).toEqual({ registry, proof });
});

test('of several ranges the strictest counts', () => {
  const all = ranges(
    { type: 'Container', min: { cpu: '50m' }, max: { cpu: '2' } },
    { type: 'Container', min: { cpu: '20m' }, max: { cpu: '100m' } },
  );
  const { proof } = resources({ ranges: all });
  expect([proof.requests.cpu, proof.limits.cpu]).toEqual(['50m', '100m']);
});

test.each<[string, number, string, string]>([
  ['enough for all', 3000, '1', '250m'],
  ['less than that', 2000, '1', '125m'],
  ['too little beside a registry at its best', 1100, '100m', '125m'],
  ['too little for all', 100, '100m', '20m'],
])('limits are cut to what quotas leave: %s', (_, cpu, registry, proof) => {
  const cut = resources({ left: [['cpu', cpu]] });
  expect([cut.registry.limits.cpu, cut.proof.limits.cpu]).toEqual([registry, proof]);
});

test.each<[string, string, number, number[], string, string]>([
  ['a few CPUs', 'cpu', 4000, [5, 5], '100m', '20m'],
  ['many CPUs', 'cpu', 100_000, [5, 5], '1', '20m'],
  ['memory', 'memory', 512 * MEBIBYTE * 1000, [1], '64Mi', '32Mi'],
])(
  'where nobody knows how many nodes share what quotas leave, each takes the least: %s',
  (_, resource, left, proofs, registry, proof) => {
    const limits = resources({ left: [[resource, left]] }, proofs, true);
    expect(limits.registry.limits[resource]).toBe(registry);
    expect(limits.proof.limits[resource]).toBe(proof);
  },
);

test('what no quota limits is as it serves best, however many nodes there are', () => {
  const { registry, proof } = resources({ left: [['memory', 512 * MEBIBYTE * 1000]] }, [5], true);
  expect([registry.limits.cpu, proof.limits.cpu]).toEqual(['1', '250m']);
});

test('a run without a node to prove has a registry all the same', () => {
  expect(resources({ left: [['cpu', 500]] }, []).registry.limits.cpu).toBe('100m');
});

test('limits of memory are whole bytes', () => {
  const { proof } = resources({ left: [['memory', 500 * MEBIBYTE * 1000]] }, [3, 4]);
  expect(proof.limits.memory).toMatch(/^\d+(Mi|Ki)?$/);
});

const refusal = (words: string) =>
  `ApiError: The cluster's admission refused the request POST /api/v1/namespaces/a/pods (pods "x" is forbidden: ${words}); change the policy or use another namespace.`;

test.each<[string, LimitRangeItem[]]>([
  [
    'minimum cpu usage per Container is 50m, but request is 0',
    [{ type: 'Container', min: { cpu: '50m' } }],
  ],
  [
    '[minimum memory usage per Container is 1.5Gi, but limit is 64Mi, maximum cpu usage per Pod is 1, but limit is 1250m]',
    [
      { type: 'Container', min: { memory: '1.5Gi' } },
      { type: 'Pod', max: { cpu: '1' } },
    ],
  ],
  [
    'Minimum ephemeral-storage usage per Container is 1Gi.  No request is specified.',
    [{ type: 'Container', min: { 'ephemeral-storage': '1Gi' } }],
  ],
  [
    'cpu max limit to request ratio per Container is 4, but no request is specified or request is 0',
    [{ type: 'Container', maxLimitRequestRatio: { cpu: '4' } }],
  ],
  [
    'memory max limit to request ratio per Pod is 2, but provided ratio is 4.000000',
    [{ type: 'Pod', maxLimitRequestRatio: { memory: '2' } }],
  ],
])('a refusal tells the range: %s', (words, limits) => {
  const told = rangesAfter(NONE, refusal(words));
  expect([...told]).toEqual([...ranges(...limits)]);
  expect(rangesAfter(told, refusal(words))).toBe(told);
});

test('a refusal for another reason tells no range', () => {
  expect(rangesAfter(NONE, refusal('violates PodSecurity "restricted:latest"'))).toBe(NONE);
});
