import { readdir } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { loadAll } from 'js-yaml';
import {
  type Permission,
  permissionsOf,
  releasePermissions,
  roleYaml,
} from '../../../src/preflight/permissions.js';
import type { Cluster } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { expectProofs } from '../../helpers/proofs.js';
import { Runner, type StepResult } from '../../helpers/runner.js';
import { apply, deleteNamespaces, inventory, kubectl } from '../../helpers/site.js';
import { randomLayer, writeImage } from './random-image.js';

/** A user of the cluster and what they may do. */
export interface User {
  readonly name: string;
  readonly granted: readonly Permission[];
  /** Whether they work in the namespace that is given to them. */
  readonly given: boolean;
}

/** The namespace that is given to users. */
export const NAMESPACE = 'least-privilege';

const isNeeded = ({ without }: Permission) => without === undefined;
export const wordsOf = ({ verb, resource, scope }: Permission) => `${verb} ${resource} (${scope})`;
const nameOf = (words: string) => `least-${words.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')}`;

/** Users who have every right but one that may be missing. */
export const LACKING_ONE = [true, false].flatMap((given) => {
  const all = permissionsOf(given);
  // What the run in a namespace of its own can do without is mostly the same right, in another scope.
  const droppable = all.filter((one) => !isNeeded(one) && (given || one.resource === 'namespaces'));
  return droppable.map((lacking) => {
    const full = permissionsOf(given, lacking.resource !== 'nodes');
    const granted = full.filter((one) => wordsOf(one) !== wordsOf(lacking));
    return { lacking, user: { name: nameOf(wordsOf(lacking)), granted, given } };
  });
});

/** A Role with nothing that may be missing, and no right outside of it. */
export const ROLE_ALONE: User = {
  name: 'least-role-alone',
  granted: permissionsOf(true, false).filter((one) => isNeeded(one) && one.scope === 'namespace'),
  given: true,
};
/** The list of the nodes, and nothing else that may be missing. */
export const WITH_NODES: User = {
  name: 'least-with-nodes',
  granted: permissionsOf(true).filter((one) => isNeeded(one) || one.resource === 'nodes'),
  given: true,
};
/** A namespace for each run, and nothing that may be missing. */
export const OWN_NAMESPACE: User = {
  name: 'least-own-namespace',
  granted: permissionsOf(false).filter(isNeeded),
  given: false,
};
/** A user with what releases need besides. */
function withReleases({ name, granted, given }: User): User {
  const more = releasePermissions(given).filter(isNeeded);
  return { name: `${name}-release`, granted: [...granted, ...more], given };
}

/** A release in a namespace of its own, and nothing that may be missing. */
export const RELEASE_OF_ITS_OWN = withReleases(OWN_NAMESPACE);
/** Releases in a namespace that is given, with nothing that may be missing. */
export const RELEASES_GIVEN = [ROLE_ALONE, WITH_NODES].map(withReleases);
const USERS = [
  ...LACKING_ONE.map(({ user }) => user),
  ...[ROLE_ALONE, WITH_NODES, OWN_NAMESPACE, RELEASE_OF_ITS_OWN, ...RELEASES_GIVEN],
];

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

/**
 * What every step of a user is given. With a namespace of their own some may not have relays, which come where kube-proxy
 * is slower than the trial of the first route: they wait for it.
 */
const placeOf = ({ given }: User) => (given ? { namespace: NAMESPACE } : { route: 'nodeport' });

/** Users on a cluster, in a namespace that others have, too. */
export class Users {
  private before: string[] = [];

  private constructor(
    private readonly cluster: Cluster,
    readonly runner: Runner,
    private readonly images: { readonly small: string; readonly large: string },
  ) {}

  static async create(cluster: Cluster): Promise<Users> {
    const small = await writeImage([randomLayer(200_000)], 'acme/least:1');
    const layers = [randomLayer(9_000_000), randomLayer(9_000_000)];
    const large = await writeImage(layers, 'acme/large:1');
    const users = new Users(cluster, await Runner.create(), { small, large });
    await kubectl(cluster, 'create', 'namespace', NAMESPACE);
    const items = [...OF_OTHERS, ...USERS.flatMap(objectsOf)];
    await apply(cluster, { apiVersion: 'v1', kind: 'List', items });
    users.before = await inventory(cluster);
    return users;
  }

  async close(): Promise<void> {
    await deleteNamespaces(this.cluster, NAMESPACE);
    const names = USERS.map(({ name }) => name);
    const all = ['--ignore-not-found', 'clusterrole,clusterrolebinding', ...names];
    await kubectl(this.cluster, 'delete', ...all);
    await this.runner.close();
  }

  /** Inputs of a user's step: a small image, and the administrator's kubeconfig as theirs. */
  async inputsOf(user: User, contextNamespace?: string): Promise<Record<string, string>> {
    const view = ['config', 'view', '--raw', '--flatten', '--output=json'];
    const config = JSON.parse(await kubectl(this.cluster, ...view));
    config.users[0].user.as = user.name;
    if (contextNamespace) config.contexts[0].context.namespace = contextNamespace;
    return { images: this.images.small, kubeconfig: JSON.stringify(config) };
  }

  /** A whole job of a user: green, with every image on every node, and nothing of it left. */
  async job(
    user: User,
    more: Readonly<Record<string, string>> = {},
    look?: (main: StepResult) => void,
  ): Promise<void> {
    const inputs = { ...(await this.inputsOf(user)), ...placeOf(user), ...more };
    const main = await this.runner.run({ inputs, env: { RUNNER_DEBUG: '1' } });
    expect({ errors: main.errors, log: main.log }).toEqual({ errors: [], log: main.log });
    expect(main.exitCode).toBe(0);
    const references: Record<string, string> = JSON.parse(main.outputs.images as string);
    await expectProofs(this.cluster, Object.values(references));
    look?.(main);
    const post = await this.runner.run({ inputs, state: main.state });
    expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
    await this.untilAsBefore();
    expect(await readdir(this.runner.temporaryDirectory)).toEqual([]);
  }

  /** A release of a user: made, replaced by another image, and deleted, after which nothing of it is left. */
  async release(user: User): Promise<void> {
    const { small, large } = this.images;
    const inputs = { ...(await this.inputsOf(user)), ...placeOf(user), release: 'least' };
    const steps = [
      { images: small },
      // What the user may not stream travels in ConfigMaps, and stays there.
      { images: large },
      { command: 'delete' },
    ];
    for (const step of steps) {
      const main = await this.runner.run({ inputs: { ...inputs, ...step } });
      expect({ errors: main.errors, log: main.log }).toEqual({ errors: [], log: main.log });
      if (main.outputs.images !== undefined) {
        await expectProofs(this.cluster, Object.values(JSON.parse(main.outputs.images)));
      }
      const post = await this.runner.run({ inputs, state: main.state });
      expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
    }
    await this.untilAsBefore();
  }

  /** What a user may not delete goes with the Lease that owns it, a moment later. */
  private async untilAsBefore(): Promise<void> {
    const isAsBefore = async () =>
      JSON.stringify(await inventory(this.cluster)) === JSON.stringify(this.before);
    await until('the cluster to be as it was', isAsBefore);
  }

  /** Nothing has come, and nothing is missing. */
  async expectNothingDone(): Promise<void> {
    expect(await inventory(this.cluster)).toEqual(this.before);
  }

  /** Inputs with which a run would use a right: large images travel otherwise than small ones. */
  inputsFor({ resource }: Permission): Record<string, string> {
    const { large } = this.images;
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
}
