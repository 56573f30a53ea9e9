import { expect, test } from '@jest/globals';
import { POLICY_MAX_BYTES } from '../../../../src/lib/limits/rewrite.js';
import {
  policyAfter,
  rewrittenBy,
  type WrittenPolicy,
} from '../../../../src/rewrite/admission/earlier.js';
import { type PolicyPlan, policyFor } from '../../../../src/rewrite/admission/policy.js';
import { type InjectedNames, injectedNames } from '../../../../src/rewrite/names.js';
import { digestOf, image, REGISTRY } from '../images.js';

/** A plan of a release whose step before had contents of these digests. */
const planOf = (names: InjectedNames, ...digits: string[]) => {
  const contents = digits.map((digit) => `manifest ${digestOf(digit)} 7 application/json`);
  const record = ['jackal 1', 'prefix', ...contents, 'end', ''].join('\n');
  const run = { id: '0badcafe', namespace: 'ci', registry: REGISTRY, labels: {}, release: 'web' };
  const plan: PolicyPlan = { run, names, scope: { kind: 'all' } };
  return { ...plan, run: { ...run, kept: { since: 0, record } } };
};

const named = (name: string, digit: string) => injectedNames([image(name, digit)]);
const written = (plan: PolicyPlan) => policyFor(plan).policy as WrittenPolicy;

test('a policy goes on with the names of the one before it whose images are held', () => {
  const before = written(planOf(new Map([...named('web:1', 'a'), ...named('api:1', 'b')])));
  const { earlier, policy } = policyAfter(before, planOf(named('web:2', 'c'), 'a'));
  expect(earlier).toEqual(named('web:1', 'a'));
  const all = new Map([...named('web:2', 'c'), ...named('web:1', 'a')]);
  const pullables = [...rewrittenBy(policy, 'names', 'earlier')].map(
    ([name, rest]) => [name, `${REGISTRY}/${rest}`] as const,
  );
  expect(new Map(pullables)).toEqual(all);
  // The step after it takes none of these for names of its own.
  expect(policyAfter(policy, planOf(named('web:3', 'd'), 'a', 'c')).earlier).toEqual(
    named('web:2', 'c'),
  );
});

test('names that are given anew, and those of a release without a record, are none of them', () => {
  const before = written(planOf(named('web:1', 'a')));
  const { earlier } = policyAfter(before, planOf(named('web:1', 'b'), 'a'));
  expect([...earlier.keys()]).toEqual([`docker.io/library/web@${digestOf('a')}`]);
  expect(policyAfter(before, planOf(named('web:2', 'b'))).earlier.size).toBe(0);
});

test('where all names are too many for one policy it has its own, and tells how many it has not', () => {
  const half = Math.ceil(POLICY_MAX_BYTES / 2 / 240);
  const many = (tag: string, digit: string) =>
    injectedNames(
      Array.from({ length: half }, (_, at) => image(`ghcr.io/acme/${at}:${tag}`, digit)),
    );
  const [first, next] = [planOf(many('1', 'a')), planOf(many('2', 'b'), 'a')];
  const { policy, earlier, leftOut } = policyAfter(written(first), next);
  expect([earlier.size, leftOut]).toEqual([0, first.names.size]);
  expect(policy).toEqual(policyFor(next).policy);
});
