import { expect, test } from '@jest/globals';
import { parseReference } from '../../../src/images/reference.js';
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

test('the longest names are shortened, so that nodes take the reference as a whole', () => {
  // What stands in front: a loopback address with its port, and the secret.
  const registry = `127.0.0.1:65535/${'f'.repeat(32)}`;
  const names = [
    `r.io/${'a'.repeat(250)}`,
    `r.io/${'a'.repeat(249)}b`,
    `quay.io/${'a/'.repeat(123)}a`,
    `r.io/${'a-'.repeat(124)}a`,
    `r.io/${'a/'.repeat(80)}${'web'.repeat(20)}`,
  ];
  const found = Object.values(repositories(...names));
  expect(new Set(found).size).toBe(names.length);
  for (const repository of found) {
    const { name } = parseReference(`${registry}/${repository}`);
    expect(name).toBe(`${registry}/${repository}`);
  }
  // The last part stays readable.
  expect(found.at(-1)).toMatch(/^[0-9a-f]{8}\/a\/.*\/(?:web){20}$/);
});
