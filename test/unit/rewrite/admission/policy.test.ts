import { describe, expect, test } from '@jest/globals';
import { EXPRESSION_MAX_CHARACTERS, POLICY_MAX_BYTES } from '../../../../src/lib/limits/rewrite.js';
import {
  MUTATION,
  type Variable,
  variablesFor,
} from '../../../../src/rewrite/admission/expressions.js';
import { type PolicyPlan, policyFor } from '../../../../src/rewrite/admission/policy.js';
import type { Scope } from '../../../../src/rewrite/admission/scope.js';
import { type InjectedNames, injectedNames } from '../../../../src/rewrite/names.js';
import { digestOf, image, REGISTRY, SPELLINGS } from '../images.js';
import { evaluated, type Request } from './cel.js';

const ALL: Scope = { kind: 'all' };
const RUN = { id: '0badcafe', namespace: 'ci', registry: REGISTRY, labels: { team: 'web' } };

const nginx = image('nginx:1.29');
const NAMES = injectedNames([nginx, image('ghcr.io/acme/web:ci', 'b')]);

/** A Pod whose containers have these images; they are named by their place. */
function podOf(list: string, ...images: string[]): object {
  return {
    spec: { containers: [], [list]: images.map((one, at) => ({ name: `${at}`, image: one })) },
  };
}

function created(object: object, namespace = 'default', namespaceObject = {}): Request {
  return {
    ...{ object, oldObject: null, namespaceObject },
    request: { namespace, operation: 'CREATE' },
  };
}

/** The variables of a policy as the API server gets them. */
function variablesOf(
  names: InjectedNames,
  scope: Scope = ALL,
  run: PolicyPlan['run'] = RUN,
): readonly Variable[] {
  const { policy } = policyFor({ run, names, scope });
  return (policy as { spec: { variables: Variable[] } }).spec.variables;
}

describe('the containers that change', () => {
  test.each(['containers', 'initContainers'])('are those of injected %s', (list) => {
    const pod = podOf(list, 'nginx:1.29', 'nginx:1.28', 'docker.io/library/nginx:1.29');
    expect(evaluated(variablesOf(NAMES), list, created(pod))).toEqual([
      { name: '0', image: nginx.pullable, pullPolicy: 'IfNotPresent' },
      { name: '2', image: nginx.pullable, pullPolicy: 'IfNotPresent' },
    ]);
  });

  test('are none where a Pod has none of a kind', () => {
    const pod = created(podOf('containers', 'busybox'));
    expect(evaluated(variablesOf(NAMES), 'containers', pod)).toEqual([]);
    expect(evaluated(variablesOf(NAMES), 'initContainers', pod)).toEqual([]);
  });

  test('are new ones among ephemeral containers, and never those that the Pod has', () => {
    const update: Request = {
      object: podOf('ephemeralContainers', 'nginx:1.29', 'nginx:1.29', 'busybox'),
      oldObject: podOf('ephemeralContainers', 'nginx:1.29'),
      request: { namespace: 'default', operation: 'UPDATE' },
    };
    const first = { ...update, oldObject: podOf('initContainers', 'nginx:1.29') };
    const image = nginx.pullable;
    const pullPolicy = 'IfNotPresent';
    const [zero, one] = ['0', '1'].map((name) => ({ name, image, pullPolicy }));
    expect(evaluated(variablesOf(NAMES), 'ephemeralContainers', update)).toEqual([one]);
    expect(evaluated(variablesOf(NAMES), 'ephemeralContainers', first)).toEqual([zero, one]);
  });

  test.each(['containers', 'initContainers'])('are %s that an update changes', (list) => {
    const before = [
      { name: 'a', image: 'nginx:1.29', imagePullPolicy: 'Always' },
      { name: 'b', image: nginx.pullable, imagePullPolicy: 'Never' },
      { name: 'c', image: 'busybox', imagePullPolicy: 'Always' },
    ];
    const after = before.map((one) => ({ ...one, image: 'nginx:1.29' }));
    const update: Request = {
      object: { spec: { [list]: after } },
      oldObject: { spec: { [list]: before } },
      request: { namespace: 'default', operation: 'UPDATE' },
    };
    // What was there before the policy stays, and no update may change a pull policy.
    expect(evaluated(variablesOf(NAMES), list, update)).toEqual([
      { name: 'b', image: nginx.pullable, pullPolicy: 'Never' },
      { name: 'c', image: nginx.pullable, pullPolicy: 'Always' },
    ]);
  });

  test.each(SPELLINGS.map((row) => [row[0] as string, row] as const))(
    'have any spelling of %s, and no other one',
    (full, spellings) => {
      const others = SPELLINGS.flat().filter((other) => !spellings.includes(other));
      const pod = podOf('containers', ...spellings, ...others);
      const variables = variablesOf(new Map([[full, `${REGISTRY}/it`]]));
      expect(evaluated(variables, 'containers', created(pod))).toEqual(
        spellings.map((_, at) => ({
          ...{ name: `${at}`, image: `${REGISTRY}/it` },
          pullPolicy: 'IfNotPresent',
        })),
      );
    },
  );
});

describe('the scope', () => {
  const since = Date.parse('2026-11-28T09:06:52.700Z');
  const own: Scope = { kind: 'own', namespace: 'shop', since };
  const madeAt = (creationTimestamp: string) => ({ metadata: { creationTimestamp } });
  const applies = (namespace: string, creationTimestamp: string, run: PolicyPlan['run'] = RUN) =>
    evaluated(
      variablesOf(NAMES, own, run),
      'applies',
      created({}, namespace, madeAt(creationTimestamp)),
    );

  test("is the context's namespace, and those that are made once the run has begun", () => {
    expect(applies('shop', '2020-01-01T00:00:00Z')).toBe(true);
    expect(applies('other', '2026-11-28T09:06:51Z')).toBe(false);
    // Creation times are in whole seconds: this may be later than the start.
    expect(applies('other', '2026-11-28T09:06:52Z')).toBe(true);
    expect(applies('other', '2027-01-01T00:00:00Z')).toBe(true);
  });

  test('has the namespace of the run itself, however old it is', () => {
    const itself = { ...RUN, namespace: 'jackal-inject-0badcafe' };
    expect(applies(itself.namespace, '2020-01-01T00:00:00Z', itself)).toBe(true);
    expect(applies('shop', '2020-01-01T00:00:00Z', itself)).toBe(true);
    expect(applies('other', '2026-11-28T09:06:51Z', itself)).toBe(false);
    // A namespace that was given has other Pods, too.
    expect(applies(RUN.namespace, '2020-01-01T00:00:00Z')).toBe(false);
  });

  test.each<[Scope, object]>([
    [own, {}],
    [ALL, {}],
    [
      { kind: 'names', namespaces: ['a', 'b'] },
      {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a', 'b'] },
          ],
        },
      },
    ],
    [
      { kind: 'labels', requirements: [{ key: 'ci', operator: 'Exists' }] },
      { namespaceSelector: { matchExpressions: [{ key: 'ci', operator: 'Exists' }] } },
    ],
  ])('%j selects namespaces by labels where it can', (scope, selector) => {
    const { policy } = policyFor({ run: RUN, names: NAMES, scope });
    const { matchConstraints } = (policy as { spec: { matchConstraints: object } }).spec;
    const { namespaceSelector } = matchConstraints as { namespaceSelector?: object };
    expect(namespaceSelector === undefined ? {} : { namespaceSelector }).toEqual(selector);
  });

  test('has the namespace of the run itself beside those that are named', () => {
    const own = { ...RUN, namespace: 'jackal-inject-0badcafe' };
    const scope: Scope = { kind: 'names', namespaces: ['a'] };
    const { policy } = policyFor({ run: own, names: NAMES, scope });
    expect(JSON.stringify(policy)).toContain('"values":["a","jackal-inject-0badcafe"]');
  });

  test('of all namespaces leaves out those of the cluster', () => {
    const { policy } = policyFor({ run: RUN, names: NAMES, scope: ALL });
    const { matchConditions } = (policy as { spec: { matchConditions: Variable[] } }).spec;
    const inside = (namespace: string) =>
      evaluated(matchConditions, 'not-the-clusters-own', created({}, namespace));
    expect(['kube-system', 'kube-public', 'default', 'my-kube-'].map(inside)).toEqual([
      ...[false, false],
      ...[true, true],
    ]);
  });
});

test("a policy ends by the time of the requests, of which a Pod's managed fields tell", () => {
  const end = Date.parse('2026-11-28T15:06:52.700Z');
  const conditionsOf = (plan: Partial<PolicyPlan>) => {
    const { policy } = policyFor({ run: RUN, names: NAMES, scope: ALL, ...plan });
    return (policy as { spec: { matchConditions: Variable[] } }).spec.matchConditions;
  };
  const acts = (managedFields: object | undefined) =>
    evaluated(conditionsOf({ end }), 'is-not-over', created({ metadata: { managedFields } }));
  const at = (...times: string[]) => times.map((time) => ({ manager: 'kubectl', time }));
  expect(acts(at('2026-11-28T15:06:51Z'))).toBe(true);
  expect(acts(at('2026-11-28T15:06:52Z'))).toBe(false);
  expect(acts(at('2026-11-28T09:00:00Z', '2026-12-01T00:00:00Z'))).toBe(false);
  expect(acts([{ manager: 'kubectl' }])).toBe(true);
  expect(evaluated(conditionsOf({ end }), 'is-not-over', created({ metadata: {} }))).toBe(true);
  expect(JSON.stringify(conditionsOf({}))).not.toContain('is-not-over');
});

describe('a Pod is looked at closely', () => {
  const mayBe = (pod: object) => {
    const { policy } = policyFor({ run: RUN, names: NAMES, scope: ALL });
    const { matchConditions } = (policy as { spec: { matchConditions: Variable[] } }).spec;
    return evaluated(matchConditions, 'may-be-rewritten', created(pod));
  };

  test.each(['containers', 'initContainers', 'ephemeralContainers'])(
    'for the last part of a name in its %s',
    (list) => {
      expect(mayBe(podOf(list, 'busybox', `x/nginx:1@${digestOf('c')}`))).toBe(true);
      expect(mayBe(podOf(list, 'localhost:5000/web'))).toBe(true);
      expect(mayBe(podOf(list, 'busybox', 'nginx/other:nginx', 'nginx2', 'nginx:5000/x'))).toBe(
        false,
      );
    },
  );

  test('and not once more when its names are rewritten', () => {
    expect(mayBe(podOf('containers', nginx.pullable, 'busybox'))).toBe(false);
  });

  test('each one, where there are too many names for one expression', () => {
    const conditions = (count: number) => {
      const name = (at: number) => `ghcr.io/acme/${'long'.repeat(50)}-${at}:1`;
      const names = new Map(Array.from({ length: count }, (_, at) => [name(at), `${REGISTRY}/it`]));
      const scope: Scope = { kind: 'names', namespaces: ['a'] };
      const { policy } = policyFor({ run: RUN, names, scope });
      const { matchConditions } = (policy as { spec: { matchConditions: Variable[] } }).spec;
      return matchConditions.map((condition) => condition.name);
    };
    expect(conditions(400)).toEqual(['may-be-rewritten']);
    expect(conditions(600)).toEqual([]);
  });
});

describe('the objects', () => {
  const plan: PolicyPlan = { run: RUN, names: NAMES, scope: ALL };

  test('are found by the labels of the run, and bound to each other', () => {
    const { policy, binding } = policyFor(plan);
    const labels = {
      team: 'web',
      'app.kubernetes.io/managed-by': 'jackal-inject',
      'app.kubernetes.io/name': 'jackal-inject',
      'jackal-inject.dev/run': '0badcafe',
      'jackal-inject.dev/role': 'policy',
    };
    const annotations = { 'jackal-inject.dev/namespace': 'ci' };
    const metadata = { name: 'jackal-0badcafe', labels, annotations };
    expect(policy).toMatchObject({ kind: 'MutatingAdmissionPolicy', metadata });
    expect(binding).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: 'jackal-0badcafe' },
    });
  });

  test('go with the Namespace of the run, where it has one', () => {
    const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'jackal-inject-0badcafe', uid: 'u' };
    for (const object of Object.values(policyFor({ ...plan, owner }))) {
      expect(object).toMatchObject({ metadata: { ownerReferences: [owner] } });
    }
    expect(JSON.stringify(policyFor(plan))).not.toContain('ownerReferences');
  });

  test('wait for the proof where the run has a namespace to tell of it', () => {
    const { policy, binding } = policyFor({ ...plan, awaitsProof: true });
    expect(policy).toMatchObject({
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'Namespace' },
        matchConditions: [
          { name: 'is-proven' },
          { name: 'not-the-clusters-own' },
          { name: 'may-be-rewritten' },
        ],
      },
    });
    expect(binding).toMatchObject({
      spec: { paramRef: { name: 'ci', parameterNotFoundAction: 'Allow' } },
    });
    expect(JSON.stringify(policyFor(plan))).not.toMatch(/param/);
  });

  test('let every request through that they cannot judge, and leave Pods of runs alone', () => {
    expect(policyFor(plan).policy).toMatchObject({
      spec: {
        failurePolicy: 'Ignore',
        matchConstraints: {
          objectSelector: {
            matchExpressions: [{ key: 'jackal-inject.dev/run', operator: 'DoesNotExist' }],
          },
        },
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: MUTATION } },
        ],
      },
    });
  });

  test('change nothing outside of the scope, and what may be changed in it', () => {
    const applied = (list: string) =>
      `${list}: variables.${list}.map(c, Object.spec.${list}{name: c.name, image: c.image, imagePullPolicy: c.pullPolicy})`;
    expect(MUTATION).toBe(
      `variables.applies ? Object{spec: Object.spec{${applied('containers')}, ${applied('initContainers')}, ${applied('ephemeralContainers')}}} : Object{}`,
    );
  });
});

/** Names of the usual length: 24 characters with the tag, behind the registry host. */
function manyImages(count: number) {
  return Array.from({ length: count }, (_, at) =>
    image(`ghcr.io/acme/platform/service-${String(at).padStart(5, '0')}:v1.2.3`, 'a'),
  );
}

describe('many images', () => {
  test('500 of them fit, each found, and no expression is longer than CEL takes', () => {
    const images = manyImages(500);
    const { policy } = policyFor({ run: RUN, names: injectedNames(images), scope: ALL });
    const variables = variablesFor(injectedNames(images), RUN, ALL);
    for (const { expression } of variables) {
      expect(expression.length).toBeLessThanOrEqual(EXPRESSION_MAX_CHARACTERS);
    }
    expect(variables.filter(({ name }) => /^names\d/.test(name)).length).toBeGreaterThan(1);
    expect(JSON.stringify(policy).length).toBeLessThan(POLICY_MAX_BYTES / 4);
    const [first, last] = [images[0], images.at(-1)];
    const pod = podOf('containers', first?.name ?? '', `${last?.name}@${digestOf('a')}`, 'other');
    expect(evaluated(variables, 'containers', created(pod))).toEqual([
      { name: '0', image: first?.pullable, pullPolicy: 'IfNotPresent' },
      { name: '1', image: last?.pullable, pullPolicy: 'IfNotPresent' },
    ]);
  });

  test('more than fit into one object are refused in a sentence', () => {
    const names = injectedNames(manyImages(6000));
    expect(() => policyFor({ run: RUN, names, scope: ALL })).toThrow(
      /^The policy that rewrites 12000 names of images would have 2\.\d MiB, and at most 1 MiB are written; name fewer images in one step, or set the input `rewrite` to none\.$/,
    );
  });
});
