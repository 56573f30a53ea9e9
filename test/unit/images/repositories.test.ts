import { expect, test } from '@jest/globals';
import { repositoriesOf } from '../../../src/images/repositories.js';

function repositories(...names: string[]): Record<string, string> {
  return Object.fromEntries(repositoriesOf(names.map((name) => ({ name }))));
}

test('the registry host is left out', () => {
  expect(repositories('docker.io/library/nginx', 'ghcr.io/acme/web', 'localhost:5000/web')).toEqual(
    {
      'docker.io/library/nginx': 'library/nginx',
      'ghcr.io/acme/web': 'acme/web',
      'localhost:5000/web': 'web',
    },
  );
});

test('names that differ in the host alone stay apart, readable, whatever their order', () => {
  const forward = repositories('ghcr.io/acme/web', 'quay.io/acme/web');
  expect(forward).toEqual(repositories('quay.io/acme/web', 'ghcr.io/acme/web'));
  expect(new Set(Object.values(forward)).size).toBe(2);
  for (const path of Object.values(forward)) expect(path).toMatch(/^[0-9a-f]{8}\/acme\/web$/);
});

test('several tags of one name share the repository', () => {
  expect(repositories('ghcr.io/acme/web', 'ghcr.io/acme/web')).toEqual({
    'ghcr.io/acme/web': 'acme/web',
  });
});
