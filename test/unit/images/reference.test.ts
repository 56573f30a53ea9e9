import { expect, test } from '@jest/globals';
import { parseReference } from '../../../src/images/reference.js';

const HEX = 'a'.repeat(64);

test.each([
  ['nginx', 'docker.io/library/nginx', undefined, undefined],
  ['nginx:1.25', 'docker.io/library/nginx', '1.25', undefined],
  ['docker.io/nginx', 'docker.io/library/nginx', undefined, undefined],
  ['index.docker.io/acme/web', 'docker.io/acme/web', undefined, undefined],
  ['acme/web', 'docker.io/acme/web', undefined, undefined],
  ['localhost/web:1', 'localhost/web', '1', undefined],
  ['localhost:5000/web', 'localhost:5000/web', undefined, undefined],
  ['ghcr.io/a/b/c:x_Y-1.0', 'ghcr.io/a/b/c', 'x_Y-1.0', undefined],
  ['[::1]:5000/web:2', '[::1]:5000/web', '2', undefined],
  ['LOCAL/web', 'LOCAL/web', undefined, undefined],
  [`web@sha256:${HEX}`, 'docker.io/library/web', undefined, `sha256:${HEX}`],
  [`r.io:1/web:t@sha256:${HEX}`, 'r.io:1/web', 't', `sha256:${HEX}`],
  ['a__b/c---d.e', 'docker.io/a__b/c---d.e', undefined, undefined],
])('reads %s as Docker does', (text, name, tag, digest) => {
  const reference = parseReference(text);
  expect([reference.name, reference.tag, reference.digest]).toEqual([name, tag, digest]);
});

test.each([
  ['', 'the name is empty'],
  [':tag', 'the name is empty'],
  ['acme/Web', 'lower case'],
  ['web:-x', '"-x" is not a tag'],
  [`web:${'t'.repeat(129)}`, 'is not a tag'],
  ['web@sha256:12', 'the digest is malformed'],
  ['acme//web', '"" is not a repository name'],
  ['acme/we..b', 'is not a repository name'],
  ['größe/web', 'is not a repository name'],
  ['a_b.c/web', 'is not a registry host'],
  [HEX, 'image ID'],
  [`r.io/${'a'.repeat(251)}`, 'more than 255 characters'],
])('refuses %s', (text, reason) => {
  expect(() => parseReference(text)).toThrow(reason);
});

test('a name of exactly 255 characters is read', () => {
  expect(parseReference(`r.io/${'a'.repeat(250)}`).name).toHaveLength(255);
});
