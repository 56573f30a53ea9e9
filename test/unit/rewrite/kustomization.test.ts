import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { kustomizationFor, spellingsOf } from '../../../src/rewrite/kustomization.js';
import { injectedNames } from '../../../src/rewrite/names.js';
import { digestOf, image, REGISTRY, SPELLINGS } from './images.js';

/** How Kustomize tells whether an entry's name is meant (api, internal/image/image.go). */
function isMatched(text: string, name: string): boolean {
  const behind = '(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$';
  return new RegExp(`^${name}${behind}`).test(text);
}

test.each(SPELLINGS.map((row) => [row[0] as string, row] as const))(
  'the entry for %s means its spellings and no other one',
  (full, spellings) => {
    const matched = SPELLINGS.flat().filter((text) => isMatched(text, `(${spellingsOf(full)})$`));
    expect(matched).toEqual(spellings);
  },
);

test('no other tag or digest of a name is meant', () => {
  const others = ['nginx', 'nginx:1.28', 'nginx:1x29', 'nginx:1.29.1', 'xnginx:1.29'];
  const name = `${spellingsOf('docker.io/library/nginx:1.29')}$`;
  expect([...others, `nginx:1.29@${digestOf('b')}`].filter((one) => isMatched(one, name))).toEqual(
    [],
  );
  expect(isMatched('web:1', `${spellingsOf('docker.io/library/web:latest')}$`)).toBe(false);
});

test('a component has one entry for each image', () => {
  const images = [
    image('nginx:1.29', 'a', { digestKept: false }),
    image('ghcr.io/acme/web:ci', 'b'),
  ];
  expect(load(kustomizationFor(injectedNames(images)))).toEqual({
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    images: [
      {
        name: '(((index\\.)?docker\\.io/)?(library/)?nginx:1\\.29)$',
        newName: `${REGISTRY}/library/nginx`,
        digest: digestOf('a'),
      },
      {
        name: `(ghcr\\.io/acme/web(:[^@]*)?@${digestOf('b')}|ghcr\\.io/acme/web:ci)$`,
        newName: `${REGISTRY}/acme/web`,
        digest: digestOf('b'),
      },
    ],
  });
});
