import { expect, test } from '@jest/globals';
import type { V1ResourceQuota } from '@kubernetes/client-node';
import { checkQuotas, exceededIn, limitsLeft } from '../../../src/preflight/resources/quotas.js';
import { USUAL_SHAPE } from '../../../src/run/shape.js';

const SHAPE = {
  ...USUAL_SHAPE,
  registry: {
    requests: { cpu: '10m', memory: '16Mi' },
    limits: { cpu: '1', memory: '64Mi' },
  },
  proof: { requests: { cpu: '5m', memory: '8Mi' }, limits: { cpu: '250m', memory: '64Mi' } },
};

/** Two nodes with four images each, and the registry. */
const PLANNED = { configmaps: 10, proofs: [4, 4], shape: SHAPE };

function quota(
  hard: Record<string, string>,
  used: Record<string, string> = {},
  spec: V1ResourceQuota['spec'] = {},
): V1ResourceQuota {
  return { metadata: { name: 'q' }, spec, status: { hard, used } };
}

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['configmaps', { configmaps: '12' }, { configmaps: '2' }],
  ['objects by their group', { 'count/configmaps': '1k' }, {}],
  ['Pods', { pods: '3', 'count/pods': '3' }, {}],
  ['CPU', { cpu: '50m', 'requests.cpu': '0.05', 'limits.cpu': '4' }, { 'limits.cpu': '1' }],
  ['memory', { memory: '80Mi', 'requests.memory': '80Mi', 'limits.memory': '576Mi' }, {}],
  ['what is none of ours', { 'requests.nvidia.com/gpu': '0', secrets: '0' }, {}],
])('what is just enough of %s is enough', (_, hard, used) => {
  expect(exceededIn(quota(hard, used), PLANNED)).toEqual([]);
});

test.each<[Record<string, string>, Record<string, string>, string]>([
  [{ configmaps: '12' }, { configmaps: '3' }, 'quota "q" leaves 9 of 12 configmaps, 10 are needed'],
  [{ pods: '2' }, {}, 'quota "q" leaves 2 of 2 pods, 3 are needed'],
  [
    { 'requests.cpu': '1' },
    { 'requests.cpu': '951m' },
    'quota "q" leaves 49m of 1 requests.cpu, 50m are needed',
  ],
  [{ cpu: '49m' }, {}, 'quota "q" leaves 49m of 49m cpu, 50m are needed'],
  [
    { 'limits.cpu': '4' },
    { 'limits.cpu': '1500m' },
    'quota "q" leaves 2500m of 4 limits.cpu, 3 are needed',
  ],
  [{ memory: '64Mi' }, {}, 'quota "q" leaves 64Mi of 64Mi memory, 80Mi are needed'],
  [
    { 'limits.memory': '1Gi' },
    { 'limits.memory': '1Gi' },
    'quota "q" leaves 0 of 1Gi limits.memory, 576Mi are needed',
  ],
])('of %j with %j in use too little is left', (hard, used, words) => {
  expect(exceededIn(quota(hard, used), PLANNED)).toEqual([words]);
});

const selector = (scopeName: string, operator: string, values?: string[]) => ({
  scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values && { values }) }] },
});

test.each<[V1ResourceQuota['spec'], string | undefined, boolean]>([
  [{ scopes: ['BestEffort'] }, undefined, false],
  [{ scopes: ['NotBestEffort'] }, undefined, true],
  // The Pods have a deadline.
  [{ scopes: ['Terminating'] }, undefined, true],
  [{ scopes: ['NotTerminating'] }, undefined, false],
  [{ scopes: ['Terminating', 'BestEffort'] }, undefined, false],
  [{ scopes: ['PriorityClass'] }, undefined, false],
  [{ scopes: ['PriorityClass'] }, 'batch', true],
  [{ scopes: ['CrossNamespacePodAffinity'] }, 'batch', false],
  [selector('PriorityClass', 'In', ['high']), 'batch', false],
  [selector('PriorityClass', 'In', ['batch', 'high']), 'batch', true],
  [selector('PriorityClass', 'In', ['batch']), undefined, false],
  [selector('PriorityClass', 'NotIn', ['high']), undefined, true],
  [selector('PriorityClass', 'NotIn', ['batch']), 'batch', false],
  [selector('PriorityClass', 'DoesNotExist'), undefined, true],
  [selector('PriorityClass', 'Exists'), 'batch', true],
  [selector('Terminating', 'Exists'), undefined, true],
])('a quota of the scopes %j counts Pods of the class %s: %s', (spec, priorityClass, counts) => {
  const scoped = quota({ pods: '0', configmaps: '0' }, {}, spec);
  const words = exceededIn(scoped, { ...PLANNED, priorityClass });
  expect(words).toEqual(counts ? ['quota "q" leaves 0 of 0 pods, 3 are needed'] : []);
});

test.each<[string, boolean, boolean, number]>([
  ['Terminating', false, false, 4],
  ['NotTerminating', false, false, 0],
  ['Terminating', true, true, 1],
  ['NotTerminating', true, true, 3],
  ['Terminating', false, true, 2],
  ['NotTerminating', false, true, 2],
])(
  'of a registry, two proofs and a courier the quota of the scope %s counts what has a deadline, or none (%s, %s)',
  (scope, registry, proofs, pods) => {
    const endless = { registry, proofs };
    const scoped = quota({ pods: '0', 'limits.cpu': '0' }, {}, { scopes: [scope] });
    const [words = ''] = exceededIn(scoped, { ...PLANNED, couriers: [1], endless });
    expect(words).toBe(pods === 0 ? '' : `quota "q" leaves 0 of 0 pods, ${pods} are needed`);
    expect(limitsLeft([scoped], endless).has('cpu')).toBe(
      [registry, proofs].includes(scope === 'NotTerminating'),
    );
  },
);

test('of limits a quota with a scope has what its Pods have', () => {
  const endless = { registry: true, proofs: true };
  const scoped = quota({ 'limits.cpu': '0' }, {}, { scopes: ['Terminating'] });
  const words = exceededIn(scoped, { ...PLANNED, couriers: [1], endless });
  expect(words).toEqual(['quota "q" leaves 0 of 0 limits.cpu, 250m are needed']);
});

test('all quotas are told at once, and what the strictest leaves of ConfigMaps comes back', () => {
  const enough = [quota({ configmaps: '90' }), quota({ 'count/configmaps': '50' })];
  expect(checkQuotas('team', enough, PLANNED)).toBe(50);
  expect(checkQuotas('team', [], PLANNED)).toBe(Number.POSITIVE_INFINITY);
  const tight = [quota({ pods: '1' }), quota({ 'limits.cpu': '1' })];
  expect(() => checkQuotas('team', tight, PLANNED)).toThrow(
    'The quotas of the namespace "team" are too small for this run: quota "q" leaves 1 of 1 pods, 3 are needed; quota "q" leaves 1 of 1 limits.cpu, 3 are needed; raise them or use another namespace.',
  );
});

test('what quotas leave of limits is the least that any leaves that counts our Pods', () => {
  const quotas = [
    quota({ 'limits.cpu': '4' }, { 'limits.cpu': '3' }),
    quota({ 'limits.cpu': '2', 'limits.memory': '1Gi' }, { 'limits.memory': '2Gi' }),
    quota({ 'limits.cpu': '0' }, {}, { scopes: ['BestEffort'] }),
  ];
  expect([...limitsLeft(quotas)]).toEqual([
    ['cpu', 1000],
    ['memory', 0],
  ]);
});
