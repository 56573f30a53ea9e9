import { expect, test } from '@jest/globals';
import { parseScope, type Scope, scopeWords } from '../../../../src/rewrite/admission/scope.js';

const OWN = { namespace: 'shop', since: 1 };

test.each<[string, Scope, string]>([
  ['', { kind: 'own', ...OWN }, 'the namespace shop and those that are made from now on'],
  [' * ', { kind: 'all' }, 'all namespaces but those whose names begin with kube-'],
  ['team', { kind: 'names', namespaces: ['team'] }, 'the namespace team'],
  [
    'a, b\nkube-c\n',
    { kind: 'names', namespaces: ['a', 'b', 'kube-c'] },
    'the namespaces a, b, kube-c',
  ],
  [
    'team=web,stage in (ci, test),!legacy',
    {
      kind: 'labels',
      requirements: [
        { key: 'team', operator: 'In', values: ['web'] },
        { key: 'stage', operator: 'In', values: ['ci', 'test'] },
        { key: 'legacy', operator: 'DoesNotExist' },
      ],
    },
    'the namespaces that the input `rewrite-namespaces` selects',
  ],
])('"%s" is read', (value, scope, words) => {
  expect(parseScope(value, OWN)).toEqual(scope);
  expect(scopeWords(scope)).toBe(words);
});

test.each([
  ['*, shop', /has "\*", which is no name of a namespace; give names/],
  ['Shop', /has "Shop", which is no name/],
  [',', /has ",", which is no name/],
  ['a=b=c', /^The input `rewrite-namespaces` is "a=b=c", which is no label selector/],
  ['size>3', /cannot be compared with < or >; use =, !=, in or notin\.$/],
])('"%s" is refused', (value, sentence) => {
  expect(() => parseScope(value, OWN)).toThrow(sentence);
});
