import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { policy } from '../../helpers/policy.js';
import { apply, deleteNamespaces, kubectl, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { podsOf } from './of-run.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const NAMESPACE = 'e2e-restricted';
const LAYER_BYTES = 6_000_000;

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() === undefined) jobs = await Jobs.create();
});

afterEach(() => jobs?.endLeft());

afterAll(() => jobs?.close());

async function written(layers: number): Promise<string> {
  const all = Array.from({ length: layers }, () => randomLayer(LAYER_BYTES));
  return `oci:${await writeImage(all, 'acme/secure:1')}`;
}

/** All Pods of the run, of which there are so many of each role. */
async function podsOfRun(counts: Partial<Record<'registry' | 'proof' | 'relay', number>>) {
  const { cluster } = jobs.here;
  const all: V1Pod[] = [];
  for (const role of ['registry', 'proof', 'relay'] as const) {
    const pods = await podsOf(cluster, role);
    expect([role, pods.length]).toEqual([role, counts[role] ?? 0]);
    all.push(...pods);
  }
  return all;
}

/** Nothing in a Pod is told who the Pod is to the API server. */
function expectNoToken(pods: readonly V1Pod[]): void {
  for (const { spec } of pods) {
    expect(spec?.automountServiceAccountToken).toBe(false);
    expect(JSON.stringify(spec)).not.toMatch(/serviceAccountToken"|secrets\/kubernetes\.io/);
  }
}

onSite('by NodePort the level restricted is enough, and no Pod is given a token', async () => {
  const { cluster } = jobs.here;
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: NAMESPACE, labels };
  await apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata });
  try {
    const within = await Jobs.create(jobs.here);
    await within.inject([await written(1)], {
      inputs: { namespace: NAMESPACE, route: 'nodeport' },
      look: async () => expectNoToken(await podsOfRun({ registry: 1, proof: 2 })),
    });
    await within.close();
  } finally {
    await deleteNamespaces(cluster, NAMESPACE);
  }
});

/** The users that OpenShift has set apart for a namespace. */
const USERS = { first: 1_000_650_000, count: 10_000 };
const OURS = { 'app.kubernetes.io/managed-by': 'jackal-inject' };
const POLICY = 'jackal-test-users';

/** Refuses the run's Pods that name another user than those of the namespace, as OpenShift's restricted-v2 does. */
async function withUsersOfNamespace(body: () => Promise<void>): Promise<void> {
  const { cluster } = jobs.here;
  const api = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: POLICY } };
  const isOne = (context: string) =>
    `(!has(${context}) || !has(${context}.runAsUser) || (${context}.runAsUser >= ${USERS.first} && ${context}.runAsUser < ${USERS.first + USERS.count}))`;
  const expression = `${isOne('object.spec.securityContext')} && object.spec.containers.all(c, ${isOne('c.securityContext')})`;
  const kinds = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  const overrides = { metadata: { labels: OURS }, spec: { securityContext: { runAsUser: 1 } } };
  const run = ['run', 'canary', '--image=any', '--dry-run=server'];
  // The API server learns of policies by a watch, and of their end, too.
  const acts = () =>
    kubectl(cluster, ...run, `--overrides=${JSON.stringify(overrides)}`).then(
      () => false,
      (error: Error) => error.message.includes('must be in the ranges'),
    );
  await apply(cluster, {
    ...{ ...api, kind: 'ValidatingAdmissionPolicy' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ ...kinds, operations: ['CREATE'] }],
        objectSelector: { matchLabels: OURS },
      },
      validations: [{ expression, message: 'runAsUser: Invalid value: must be in the ranges' }],
    },
  });
  try {
    const spec = { policyName: POLICY, validationActions: ['Deny'] };
    await apply(cluster, { ...api, kind: 'ValidatingAdmissionPolicyBinding', spec });
    await until('the policy to act', acts);
    await body();
  } finally {
    const kinds = 'validatingadmissionpolicy,validatingadmissionpolicybinding';
    await kubectl(cluster, 'delete', '--ignore-not-found', kinds, POLICY);
    await until('the end of the policy', async () => !(await acts()));
  }
}

/** Gives a Pod that names no user the namespace's first, as OpenShift does. */
const GIVEN = `JSONPatch{op: "add", path: "/spec/securityContext/runAsUser", value: has(object.spec.securityContext.runAsUser) ? object.spec.securityContext.runAsUser : ${USERS.first}}`;

onSite(
  'where users are the namespace’s own, registry, relays, couriers and proofs take those',
  async () => {
    const images = await written(6);
    await withUsersOfNamespace(() =>
      policy(jobs.here.cluster, OURS, [GIVEN], async () => {
        const carrier = { carrier: 'configmap', 'configmap-budget': '24Mi' };
        await jobs.inject([images], {
          inputs: { route: 'hostport', ...carrier },
          look: async ({ log }) => {
            expect(log).toMatch(/were sent as ConfigMaps by couriers/);
            const pods = await podsOfRun({ registry: 1, proof: 2, relay: 2 });
            expectNoToken(pods);
            for (const { spec } of pods) {
              expect(spec?.securityContext?.runAsUser).toBe(USERS.first);
            }
          },
        });
      }),
    );
  },
);
