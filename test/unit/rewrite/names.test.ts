import { describe, expect, test } from '@jest/globals';
import { fullNameOf, injectedFor, injectedNames } from '../../../src/rewrite/names.js';
import { digestOf, image, SPELLINGS } from './images.js';

test.each(SPELLINGS.map((row) => [row[0] as string, row] as const))(
  'every spelling of %s means it',
  (full, spellings) => {
    expect(spellings.map(fullNameOf)).toEqual(spellings.map(() => full));
  },
);

test.each(['', 'Nginx', '$(IMAGE)', 'a b', 'nginx@sha256:12', '-', 'a'.repeat(300)])(
  '"%s" is no name',
  (text) => {
    expect(fullNameOf(text)).toBeUndefined();
  },
);

describe('the names of injected images', () => {
  test('are their tag, and their digest where the source has it', () => {
    const kept = image('nginx:1.29', 'a');
    const made = image('ghcr.io/acme/web:ci', 'b', { digestKept: false });
    expect([...injectedNames([kept, made])]).toEqual([
      [`docker.io/library/nginx@${digestOf('a')}`, kept.pullable],
      ['docker.io/library/nginx:1.29', kept.pullable],
      ['ghcr.io/acme/web:ci', made.pullable],
    ]);
  });

  test('are found in any spelling, and no other name is', () => {
    const nginx = image('nginx:1.29');
    const names = injectedNames([nginx]);
    expect(injectedFor(names, 'index.docker.io/library/nginx:1.29')).toBe(nginx.pullable);
    expect(injectedFor(names, `nginx:1.29@${digestOf('a')}`)).toBe(nginx.pullable);
    const others = ['nginx', 'nginx:1.2', `nginx:1.29@${digestOf('b')}`, 'ghcr.io/nginx:1.29', ''];
    expect(others.map((other) => injectedFor(names, other))).toEqual(others.map(() => undefined));
  });

  test('of two tags stay apart', () => {
    const [one, other] = [image('nginx:1.28', 'a'), image('nginx:1.29', 'b')];
    const names = injectedNames([one, other]);
    expect(injectedFor(names, 'nginx:1.28')).toBe(one.pullable);
    expect(injectedFor(names, 'nginx:1.29')).toBe(other.pullable);
    expect(injectedFor(names, 'nginx')).toBeUndefined();
  });

  test('of one image under two names are both there', () => {
    const names = injectedNames([image('web:1', 'a'), image('ghcr.io/acme/web:1', 'a')]);
    expect(injectedFor(names, 'web:1')).toBe(image('web:1').pullable);
    expect(injectedFor(names, 'ghcr.io/acme/web:1')).toBe(image('ghcr.io/acme/web:1').pullable);
  });

  test('of an image without a tag are the bare name and latest', () => {
    const names = injectedNames([image('web', 'a', { given: 'dist/web.tar', digestKept: false })]);
    expect([...names.keys()]).toEqual(['docker.io/library/web:latest']);
  });

  test.each([false, true])('go to the image that is tagged latest (order turned: %s)', (turned) => {
    const images = [image('web', 'a'), image('web:latest', 'b')];
    const names = injectedNames(turned ? images.toReversed() : images);
    expect(injectedFor(names, 'web')).toBe(image('web:latest', 'b').pullable);
  });

  test.each([
    ['nginx@', true],
    ['docker-daemon:index.docker.io/library/nginx@', false],
  ])('of an image that was asked for as %ssha256:… are its digests alone', (start, digestKept) => {
    const asked = image('nginx', 'b', { given: `${start}${digestOf('a')}`, digestKept });
    const names = injectedNames([asked]);
    expect(injectedFor(names, 'nginx')).toBeUndefined();
    expect(injectedFor(names, `nginx:1.29@${digestOf('a')}`)).toBe(asked.pullable);
    expect(injectedFor(names, `nginx@${digestOf('b')}`)).toBe(
      digestKept ? asked.pullable : undefined,
    );
  });

  test('of one that its source names by a digest alone are its digests', () => {
    const tagged = image('web:1', 'a', { given: 'dist/all.tar' });
    const named = image(`web@${digestOf('b')}`, 'c', { given: 'dist/all.tar', digestKept: false });
    const names = injectedNames([tagged, named]);
    expect(injectedFor(names, `web@${digestOf('b')}`)).toBe(named.pullable);
    expect(injectedFor(names, 'web:1')).toBe(tagged.pullable);
    expect(['web', 'web:latest'].map((name) => injectedFor(names, name))).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('of a line that renames are the new one', () => {
    const names = injectedNames([
      image('acme/web:ci', 'a', { given: 'nginx:1.29 as acme/web:ci' }),
    ]);
    expect(injectedFor(names, 'acme/web:ci')).toBeDefined();
    expect(injectedFor(names, 'nginx:1.29')).toBeUndefined();
  });
});
