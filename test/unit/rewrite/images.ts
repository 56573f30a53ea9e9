import type { NamedImage } from '../../../src/rewrite/names.js';

export const REGISTRY = `127.0.0.1:30399/${'5'.repeat(32)}`;

/** A digest of one hex digit. */
export const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;

/** An injected image of this name, whose digest the source has. */
export function image(name: string, digit = 'a', about: Partial<NamedImage> = {}): NamedImage {
  const path = name.replace(/[:@][^/]*$/, '');
  const repository = path.includes('/') ? path.slice(path.indexOf('/') + 1) : `library/${path}`;
  const digest = digestOf(digit);
  return {
    ...{ given: name, name, digest, digestKept: true },
    pullable: `${REGISTRY}/${repository}@${digest}`,
    ...about,
  };
}

/** Spellings of references, the same image in each row; the first one is the full name. */
export const SPELLINGS: readonly (readonly string[])[] = [
  [
    'docker.io/library/nginx:1.29',
    'nginx:1.29',
    'library/nginx:1.29',
    'docker.io/nginx:1.29',
    'index.docker.io/nginx:1.29',
    'index.docker.io/library/nginx:1.29',
  ],
  ['docker.io/library/web:latest', 'web', 'web:latest', 'docker.io/web', 'library/web'],
  ['docker.io/acme/web:ci', 'acme/web:ci', 'index.docker.io/acme/web:ci'],
  ['docker.io/library/a/b:1', 'library/a/b:1', 'index.docker.io/library/a/b:1'],
  ['docker.io/localhost/web:1', 'index.docker.io/localhost/web:1'],
  ['docker.io/library/localhost:1', 'localhost:1'],
  ['docker.io/library/docker.io:latest', 'docker.io'],
  ['localhost/web:1'],
  ['localhost:5000/web:latest', 'localhost:5000/web'],
  ['ghcr.io/acme/web:latest', 'ghcr.io/acme/web'],
  ['ghcr.io/library/nginx:1.29'],
  ['Host/acme/web:1'],
  ['[::1]:5000/acme/web:latest', '[::1]:5000/acme/web'],
  [
    `docker.io/library/nginx@${digestOf('a')}`,
    `nginx@${digestOf('a')}`,
    `nginx:1.29@${digestOf('a')}`,
    `docker.io/library/nginx:1.28@${digestOf('a')}`,
  ],
  [`localhost:5000/web@${digestOf('b')}`, `localhost:5000/web:v1@${digestOf('b')}`],
];
