import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import { type Permission, permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';
import { until } from '../../cluster/until.js';
import { expectProofs } from '../../helpers/proofs.js';
import { Runner, type StepResult } from '../../helpers/runner.js';
import {
  apply,
  deleteNamespaces,
  inventory,
  kubectl,
  type Site,
  site,
  whyNoSite,
} from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

/*
 * Users who lack one right each, on a real cluster: what the action can do without, it does without.
 */

const onSite = whyNoSite() === undefined ? test : test.skip;

/** A user of the cluster and what they may do. */
interface User {
  readonly name: string;
  readonly granted: readonly Permission[];
  /** Whether they work in the namespace that is given to them. */
  readonly given: boolean;
}

const NAMESPACE = 'least-privilege';

const isNeeded = ({ without }: Permission) => without === undefined;
const wordsOf = ({ verb, resource, scope }: Permission) => `${verb} ${resource} (${scope})`;
const nameOf = (words: string) => `least-${words.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')}`;

/** Users who have every right but one that may be missing. */
const LACKING_ONE = [true, false].flatMap((given) => {
  const all = permissionsOf(given);
  // What the run in a namespace of its own can do without is mostly the same right, in another scope.
  const droppable = all.filter((one) => !isNeeded(one) && (given || one.resource === 'namespaces'));
  return droppable.map((lacking) => {
    const full = permissionsOf(given, lacking.resource !== 'nodes');
    const granted = full.filter((one) => wordsOf(one) !== wordsOf(lacking));
    return { lacking, user: { name: nameOf(wordsOf(lacking)), granted, given } };
  });
});

const ROLE_ALONE: User = {
  name: 'least-role-alone',
  granted: permissionsOf(true, false).filter((one) => isNeeded(one) && one.scope === 'namespace'),
  given: true,
};
const WITH_NODES: User = {
  name: 'least-with-nodes',
  granted: permissionsOf(true).filter((one) => isNeeded(one) || one.resource === 'nodes'),
  given: true,
};
const OWN_NAMESPACE: User = {
  name: 'least-own-namespace',
  granted: permissionsOf(false).filter(isNeeded),
  given: false,
};
const USERS = [...LACKING_ONE.map(({ user }) => user), ROLE_ALONE, WITH_NODES, OWN_NAMESPACE];

let here: Site;
let runner: Runner;
let small: string;
let large: string;
let before: string[];

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() !== undefined) return;
  here = await site();
  small = await writeImage([randomLayer(200_000)], 'acme/least:1');
  large = await writeImage([randomLayer(9_000_000), randomLayer(9_000_000)], 'acme/large:1');
  await kubectl(here.cluster, 'create', 'namespace', NAMESPACE);
  await apply(here.cluster, {
    apiVersion: 'v1',
    kind: 'List',
    items: [...OF_OTHERS, ...USERS.flatMap(objectsOf)],
  });
  before = await inventory(here.cluster);
});

afterEach(async () => {
  await runner.endLeft();
});

afterAll(async () => {
  if (whyNoSite() === undefined) {
    await deleteNamespaces(here.cluster, NAMESPACE);
    const names = USERS.map(({ name }) => name);
    const all = ['--ignore-not-found', 'clusterrole,clusterrolebinding', ...names];
    await kubectl(here.cluster, 'delete', ...all);
  }
  await runner.close();
});

/** What others have in the namespace, so that each right is of use there: it asks for something, and lets all come. */
const OF_OTHERS: readonly object[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    spec: { podSelector: {}, ingress: [{}], egress: [{}], policyTypes: ['Ingress', 'Egress'] },
  },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    spec: { limits: [{ type: 'Container', min: { memory: '4Mi' } }] },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    spec: { hard: { pods: '20', configmaps: '500', 'limits.memory': '20Gi' } },
  },
].map((object) => ({ ...object, metadata: { name: 'of-others', namespace: NAMESPACE } }));

/** The roles of a user, as the README has them, and what binds them. */
function objectsOf({ name, granted }: User): object[] {
  const roles = loadAll(roleYaml(granted, NAMESPACE)) as { kind: string; metadata: object }[];
  const subjects = [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }];
  return roles.flatMap((role) => {
    const { kind } = role;
    const metadata = { ...role.metadata, name };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: `${kind}Binding` };
    return [
      { ...role, metadata },
      { ...binding, metadata, roleRef, subjects },
    ];
  });
}

/** The administrator's kubeconfig as that of another user. */
async function kubeconfigOf({ name }: User, contextNamespace?: string): Promise<string> {
  const raw = await kubectl(here.cluster, 'config', 'view', '--raw', '--flatten', '--output=json');
  const config = JSON.parse(raw);
  config.users[0].user.as = name;
  if (contextNamespace) config.contexts[0].context.namespace = contextNamespace;
  return JSON.stringify(config);
}

/** A whole job of a user: green, with every image on every node, and nothing of it left. */
async function job(
  user: User,
  more: Readonly<Record<string, string>> = {},
  look?: (main: StepResult) => void,
): Promise<void> {
  const inputs = {
    images: small,
    kubeconfig: await kubeconfigOf(user),
    ...(user.given && { namespace: NAMESPACE }),
    ...more,
  };
  const main = await runner.run({ inputs, env: { RUNNER_DEBUG: '1' } });
  expect({ errors: main.errors, log: main.log }).toEqual({ errors: [], log: main.log });
  expect(main.exitCode).toBe(0);
  const references: Record<string, string> = JSON.parse(main.outputs.images as string);
  await expectProofs(here.cluster, Object.values(references));
  look?.(main);
  const post = await runner.run({ inputs, state: main.state });
  expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
  // What the user may not delete goes with the Lease that owns it, a moment later.
  const isAsBefore = async () =>
    JSON.stringify(await inventory(here.cluster)) === JSON.stringify(before);
  await until('the cluster to be as it was', isAsBefore, { seconds: 30 });
  expect(await readdir(runner.temporaryDirectory)).toEqual([]);
}

/** Inputs with which a run would use a right: large images travel otherwise than small ones. */
function inputsFor({ resource }: Permission): Record<string, string> {
  switch (resource) {
    case 'secrets':
    case 'pods/portforward':
      return { images: large };
    case 'pods/log':
      return { images: large, carrier: 'configmap', 'configmap-budget': '16Mi' };
    default:
      return {};
  }
}

for (const { lacking, user } of LACKING_ONE) {
  onSite(`green without the right to ${wordsOf(lacking)}`, async () => {
    await job(user, inputsFor(lacking));
  });
}

onSite('a Role with nothing that may be missing, and no right outside of it', async () => {
  await job(ROLE_ALONE, {}, ({ log }) => {
    expect(log).toContain('nodes that nobody may list');
    expect(log).toMatch(/every image runs on node[12], node[12]/);
  });
});

onSite('the list of the nodes, and nothing else that may be missing', async () => {
  await job(WITH_NODES);
});

onSite('a namespace for each run, and nothing that may be missing', async () => {
  await job(OWN_NAMESPACE);
});

onSite("without rights for namespaces the context's own one is named, and not used", async () => {
  const kubeconfig = await kubeconfigOf(ROLE_ALONE, NAMESPACE);
  const main = await runner.run({ inputs: { images: small, kubeconfig } });
  expect(main.exitCode).toBe(1);
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toMatch(
    /create, get, list, delete namespaces in the cluster.*or name a namespace that is there with the input `namespace` \(the context's own is "least-privilege"\), for which fewer rights are enough\.$/,
  );
  expect(await inventory(here.cluster)).toEqual(before);
});

onSite('without the nodes and without DaemonSets, the sentence names both', async () => {
  const main = await runner.run({
    inputs: {
      images: small,
      kubeconfig: await kubeconfigOf({ ...ROLE_ALONE, name: 'least-nobody' }),
      namespace: NAMESPACE,
    },
  });
  expect(main.errors[0]).toMatch(
    /delete daemonsets in the namespace .*\(or list nodes in the cluster\)/,
  );
  expect(await inventory(here.cluster)).toEqual(before);
});
