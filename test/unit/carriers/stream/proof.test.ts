import { expect, test } from '@jest/globals';
import { isNonce, isProof, newNonce, proofOf } from '../../../../src/carriers/stream/proof.js';

const TOKEN = 'a token of thirty-two characters';
const CLIENT = '00'.repeat(32);
const SERVER = 'ff'.repeat(32);

// printf 'jackal serve 00…00 ff…ff' | openssl dgst -sha256 -hmac 'a token of thirty-two characters'
const SERVE = '51f456fba765a2da9aba827a6da375d1e39768ce3a63fa1e31f2ef8e3eb9111c';
const DELIVER = '82f9d24789704c486b70606249c89fb5fcb633a7c709cf2b9e0e6d4fee4c1ef6';
const CATALOG = '51fff48b9cdbe97b6b5f1df1ec713bdcbe05a047e56f1216fce08a4dcf7d0c77';

test('all proofs are those that openssl makes', () => {
  expect(proofOf(TOKEN, 'serve', CLIENT, SERVER)).toBe(SERVE);
  expect(proofOf(TOKEN, 'deliver', CLIENT, SERVER)).toBe(DELIVER);
  const matter = `catalog sha256:${'09'.repeat(32)}` as const;
  expect(proofOf(TOKEN, matter, CLIENT, SERVER)).toBe(CATALOG);
});

test('a proof is the whole of it, and nothing else', () => {
  expect(isProof(SERVE, SERVE)).toBe(true);
  const others = [
    DELIVER,
    SERVE.slice(1),
    `${SERVE}0`,
    '',
    undefined,
    [SERVE],
    SERVE.toUpperCase(),
  ];
  expect(others.filter((other) => isProof(other, SERVE))).toEqual([]);
});

test('nonces are 64 lower-case digits, each time others', () => {
  expect(isNonce(newNonce())).toBe(true);
  expect(newNonce()).not.toBe(newNonce());
  const wrong = ['', CLIENT.slice(1), `${CLIENT}0`, SERVER.toUpperCase(), undefined, `${CLIENT}\n`];
  expect(wrong.filter(isNonce)).toEqual([]);
});
