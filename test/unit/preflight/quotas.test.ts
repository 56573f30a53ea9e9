import { expect, test } from '@jest/globals';
import { exceededIn } from '../../../src/preflight/quotas.js';

test('a quota is exceeded only by what it counts', () => {
  const planned = { configmaps: 10, pods: 3, services: 1 };
  const quota = (hard: object, used: object = {}, spec: object = {}) => ({
    metadata: { name: 'q' },
    spec,
    status: { hard: hard as Record<string, string>, used: used as Record<string, string> },
  });
  expect(exceededIn(quota({ configmaps: '12', pods: '3', 'limits.cpu': '1' }), planned)).toEqual(
    [],
  );
  expect(exceededIn(quota({ configmaps: '12' }, { configmaps: '3' }), planned)).toEqual([
    'quota "q" leaves 9 of 12 configmaps, 10 are needed',
  ]);
  expect(exceededIn(quota({ 'count/configmaps': '1k' }), planned)).toEqual([]);
  expect(exceededIn(quota({ 'services.nodeports': '0' }), planned)).toHaveLength(1);
  expect(exceededIn(quota({ pods: '0' }, {}, { scopes: ['BestEffort'] }), planned)).toEqual([]);
});
