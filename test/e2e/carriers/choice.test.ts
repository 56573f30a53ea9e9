import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../../src/kube/connect.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { type Permission, permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';
import { createLease, deleteLease } from '../../../src/run/lease.js';
import { newRun } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { apply, kubectl, whyNoSite } from '../../helpers/site.js';
import { withRunnerCutOff } from '../kit/cut-off-runner.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
/** Two layers: more than what goes in ConfigMaps when a stream is there, and less than their budget. */
const LAYER_BYTES = 9_000_000;
const USER = 'carrier-tester';
const ROLE = 'jackal-inject';

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() === undefined) jobs = await Jobs.create();
});
afterEach(() => jobs?.endLeft());
afterAll(() => jobs?.close());

/** Writes an image that no node has; returns the line that names it. */
async function image(): Promise<string> {
  const layers = ['one', 'two'].map((path) => randomLayer(LAYER_BYTES, path));
  return `oci:${await writeImage(layers, 'acme/carried:1')}`;
}

/** Has a runner that reaches the API server alone, and neither the nodes nor their Pods. */
const withRunnerFar = (body: (within: readonly string[]) => Promise<unknown>) =>
  withRunnerCutOff(jobs.here.cluster, 'nodes and pods', body);

/** Has a user with all rights but some while `body` goes on, which is given that user's kubeconfig. */
async function withoutRight(
  lacks: (permission: Permission) => boolean,
  body: (kubeconfig: string) => Promise<void>,
): Promise<void> {
  const { cluster, runner } = { cluster: jobs.here.cluster, runner: jobs.runner };
  const role = join(runner.directory, 'role.yaml');
  const kubeconfig = join(runner.directory, 'tester.yaml');
  await writeFile(role, roleYaml(permissionsOf(false).filter((one) => !lacks(one))));
  const admin = await readFile(cluster.kubeconfig, 'utf8');
  await writeFile(kubeconfig, admin.replace(/^(\s*)user:\s*$/gm, `$&\n$1  as: ${USER}`));
  try {
    await kubectl(cluster, 'create', '--filename', role);
    const binding = ['create', 'clusterrolebinding', ROLE, `--clusterrole=${ROLE}`];
    await kubectl(cluster, ...binding, `--user=${USER}`);
    await body(kubeconfig);
  } finally {
    await kubectl(cluster, 'delete', 'clusterrole,clusterrolebinding', ROLE, '--ignore-not-found');
    await rm(kubeconfig, { force: true });
  }
}

const isForward = ({ resource }: Permission) => resource === 'pods/portforward';

onSite('a runner far from the nodes streams through the API server', async () => {
  const line = await image();
  await withRunnerFar((within) =>
    jobs.inject([line], {
      within,
      look: ({ log }) => {
        expect(log).toContain('What nodes lack is streamed through the API server.');
      },
    }),
  );
});

onSite('little goes straight where the runner is near, and as ConfigMaps from afar', async () => {
  const line = `oci:${await writeImage([randomLayer(100_000)], 'acme/little:1')}`;
  await jobs.inject([line], {
    look: ({ log }) => {
      expect(log).toContain("travel as a stream: the runner is on the nodes' own network.");
    },
  });
  await withRunnerFar((within) =>
    jobs.inject([line], {
      within,
      look: ({ log }) => expect(log).toContain('travel as ConfigMaps: they are less than '),
    }),
  );
});

onSite('little is streamed from afar, too, where others leave no room for it', async () => {
  const { client } = await connect({ kubeconfig: jobs.here.cluster.kubeconfig, env: {} });
  const { signal } = new AbortController();
  const other = newRun({ namespace: 'default' });
  await createLease(client, other, 64 * MIB, signal);
  try {
    const line = `oci:${await writeImage([randomLayer(100_000)], 'acme/late:1')}`;
    await withRunnerFar((within) =>
      jobs.inject([line], {
        within,
        look: async ({ log }) => {
          await deleteLease(client, other, signal);
          expect(log).toContain('travel as a stream: other runs leave no room for ConfigMaps.');
          expect(log).toContain('What nodes lack is streamed through the API server.');
        },
      }),
    );
    await createLease(client, other, 64 * MIB, signal);
    // What a release has is to stay there, which a stream's does not without a StorageClass.
    await withRunnerFar(async (within) => {
      // Whatever namespace the others are in, one control plane bears it all.
      const inputs = { images: line, release: 'late', namespace: 'kube-public' };
      const main = await jobs.ended(await jobs.start(inputs, { within }));
      expect(main.exitCode).toBe(1);
      expect(main.errors.join()).toMatch(/while another run has 64\.0 MiB there/);
      await deleteLease(client, other, signal);
      await jobs.end(main);
    });
  } finally {
    await deleteLease(client, other, signal);
    client.close();
  }
});

onSite('who may not forward ports streams straight when he is near', async () => {
  const line = await image();
  await withoutRight(isForward, async (kubeconfig) => {
    await jobs.inject([line], {
      inputs: { kubeconfig },
      look: ({ log, outputs, warnings }) => {
        expect(log).toContain('The images travel as a stream: they are 18.0 MB.');
        const traffic = { carrier: 'stream', way: 'direct' };
        expect(JSON.parse(outputs.traffic as string)).toMatchObject(traffic);
        expect(warnings).toEqual([]);
      },
    });
  });
});

onSite(
  'who may not forward ports and is far sends ConfigMaps, as far as the budget goes',
  async () => {
    const line = await image();
    const why =
      "because the kubeconfig's user may not create pods/portforward and the runner does not reach the nodes' own network";
    await withRunnerFar((within) =>
      withoutRight(isForward, async (kubeconfig) => {
        await jobs.inject([line], {
          within,
          inputs: { kubeconfig },
          look: ({ log }) => {
            expect(log).toContain(
              `The images travel as ConfigMaps: there can be no stream, ${why}.`,
            );
          },
        });
        const inputs = { images: line, kubeconfig, 'configmap-budget': '1Mi' };
        const step = await jobs.start(inputs, { within });
        const main = await jobs.ended(step);
        expect(main.errors.join()).toMatch(
          new RegExp(
            `need 17\\.\\d MiB in ConfigMaps, .* budget of 1\\.0 MiB, .*${why}; mend that`,
          ),
        );
        expect(main.log).not.toContain('Open the run');
        await jobs.end(main);
      }),
    );
  },
);

onSite('who may not create Secrets sends ConfigMaps, and is told so', async () => {
  const line = await image();
  const isSecret = ({ resource }: Permission) => resource === 'secrets';
  await withoutRight(isSecret, async (kubeconfig) => {
    await jobs.inject([line], {
      inputs: { kubeconfig },
      look: ({ log }) =>
        expect(log).toContain("because the kubeconfig's user may not create secrets."),
    });
  });
});

onSite('a stream that the cluster refuses half-way becomes ConfigMaps', async () => {
  const { cluster } = jobs.here;
  const name = 'jackal-test-no-forward';
  const line = await image();
  const kinds = [
    {
      apiGroups: [''],
      apiVersions: ['v1'],
      resources: ['pods/portforward'],
      operations: ['CONNECT'],
    },
  ];
  // The API server learns of policies by a watch, and of their end, too.
  const refuses = () =>
    kubectl(
      cluster,
      'create',
      '--raw',
      '/api/v1/namespaces/default/pods/none/portforward',
      '-f',
      '/dev/null',
    ).then(
      () => false,
      (error) => `${error}`.includes('nobody forwards ports here'),
    );
  try {
    await apply(cluster, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: kinds },
        validations: [{ expression: 'false', message: 'nobody forwards ports here' }],
      },
    });
    await apply(cluster, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    });
    await until('the policy', refuses);
    await withRunnerFar(async (within) => {
      const step = await jobs.start({ images: line }, { within });
      const main = await jobs.ended(step);
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      expect(main.warnings.join()).toMatch(/nobody forwards ports here.* travel as ConfigMaps now/);
      expect(main.log).toMatch(/were sent as ConfigMaps/);
      await jobs.end(main);
    });
  } finally {
    const policies = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
    await kubectl(cluster, 'delete', policies, name, '--ignore-not-found');
    await until('the end of the policy', async () => !(await refuses()));
  }
});
