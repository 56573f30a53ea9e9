import { expect, test } from '@jest/globals';
import type { V1Namespace } from '@kubernetes/client-node';
import { haveCommon } from '../../../../src/rewrite/admission/rivals.js';
import type { Scope } from '../../../../src/rewrite/admission/scope.js';

const since = Date.parse('2026-11-28T10:00:00.500Z');
const namespaceOf = (name: string, time: string, labels = {}) =>
  ({ metadata: { name, labels, creationTimestamp: `2026-11-28T${time}Z` } }) as unknown;
const NAMESPACES = [
  namespaceOf('default', '01:00:00'),
  namespaceOf('shop', '01:00:00', { team: 'web' }),
  namespaceOf('new', '10:00:00'),
  namespaceOf('kube-system', '01:00:00', { team: 'web' }),
] as V1Namespace[];

const own = (namespace = 'default'): Scope => ({ kind: 'own', namespace, since });
const names = (...namespaces: string[]): Scope => ({ kind: 'names', namespaces });
const labels = (operator: string, ...values: string[]): Scope => ({
  kind: 'labels',
  requirements: [{ key: 'team', operator, values }],
});
const all: Scope = { kind: 'all' };

test.each<[Scope, Scope, boolean]>([
  // Both have what is made from now on.
  [own(), own('shop'), true],
  [own(), all, true],
  [own(), names('default'), true],
  [own(), names('shop'), false],
  [own(), names('new'), true],
  [own(), names('shop', 'not-there-yet'), true],
  [own('shop'), labels('In', 'web'), true],
  [own(), labels('In', 'web'), false],
  [all, names('shop'), true],
  [all, names('kube-system'), false],
  [names('shop'), names('default'), false],
  [names('shop', 'new'), names('new'), true],
  [names('not-there-yet'), names('not-there-yet'), true],
  [names('shop'), labels('In', 'web', 'ops'), true],
  [names('shop'), labels('NotIn', 'web'), false],
  [names('default'), labels('NotIn', 'web'), true],
  [names('shop'), labels('Exists'), true],
  [names('shop'), labels('DoesNotExist'), false],
  [labels('In', 'web'), labels('In', 'ops'), false],
])('%j and %j have a namespace in common: %j', (one, other, common) => {
  expect(haveCommon(one, other, NAMESPACES)).toBe(common);
  expect(haveCommon(other, one, NAMESPACES)).toBe(common);
});
