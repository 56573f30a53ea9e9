import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { apply, buildImage, deleteNamespaces, kubectl, whyNoSite } from '../../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

const NAMESPACE = 'e2e-admission';
const IMAGES = ['one', 'two', 'three', 'four'].map((name) => `acme/admission-${name}:1`);

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  for (const image of IMAGES) {
    const layers = [['file', randomBytes(200_000)] as const];
    await buildImage(jobs.here.dockerHost, join(jobs.runner.directory, 'image'), image, layers);
  }
});

afterEach(async () => jobs?.endLeft());

afterAll(async () => jobs?.close());

/** What organisations ask of Pods, as CEL. */
const RULES = {
  probes: 'object.spec.containers.all(c, has(c.readinessProbe) && has(c.livenessProbe))',
  name: "'app.kubernetes.io/name' in object.metadata.labels && object.metadata.labels['team'] == 'web'",
  tolerations: 'object.spec.tolerations.all(t, has(t.key) && t.key != "")',
  resources:
    "object.spec.containers.all(c, ['cpu', 'memory'].all(r, r in c.resources.requests && r in c.resources.limits))",
  requests:
    "object.spec.containers.all(c, quantity(c.resources.requests['cpu']).isGreaterThan(quantity('0')))",
};

/** A namespace with everything in it that organisations like to have there. */
async function strictNamespace(): Promise<void> {
  const { cluster } = jobs.here;
  await apply(cluster, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  const inNamespace = { metadata: { name: 'usual', namespace: NAMESPACE } };
  await apply(cluster, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    ...inNamespace,
    spec: {
      limits: [
        {
          type: 'Container',
          default: { cpu: '500m', memory: '512Mi' },
          defaultRequest: { cpu: '100m', memory: '128Mi' },
          max: { cpu: '2', memory: '1Gi' },
          maxLimitRequestRatio: { cpu: '20' },
        },
      ],
    },
  });
  await apply(cluster, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    ...inNamespace,
    spec: { hard: { 'limits.cpu': '4', 'requests.cpu': '4', 'limits.memory': '4Gi', pods: '10' } },
  });
  await apply(cluster, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    ...inNamespace,
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  });
  await apply(cluster, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAMESPACE },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
        ],
      },
      validations: Object.entries(RULES).map(([message, expression]) => ({ message, expression })),
    },
  });
  await apply(cluster, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAMESPACE },
    spec: {
      policyName: NAMESPACE,
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } },
      },
    },
  });
  const run = ['run', 'canary', `--namespace=${NAMESPACE}`, '--image=any', '--dry-run=server'];
  const overrides = {
    spec: {
      containers: [
        {
          name: 'canary',
          image: 'any',
          resources: { requests: { cpu: '50m' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    },
  };
  const acts = () =>
    kubectl(cluster, ...run, `--overrides=${JSON.stringify(overrides)}`).then(
      () => false,
      (error: Error) => error.message.includes(`ValidatingAdmissionPolicy '${NAMESPACE}'`),
    );
  await until('the policy to act', acts);
}

async function removeStrictNamespace(): Promise<void> {
  const { cluster } = jobs.here;
  const kinds = 'validatingadmissionpolicy,validatingadmissionpolicybinding';
  await kubectl(cluster, 'delete', '--ignore-not-found', kinds, NAMESPACE);
  await deleteNamespaces(cluster, NAMESPACE);
}

onSite('a namespace with all that organisations ask for gets what it asks for', async () => {
  const { cluster, dockerHost } = jobs.here;
  const [tainted] = cluster.nodes;
  const taint = ['taint', 'node', tainted?.name ?? ''];
  try {
    await strictNamespace();
    await kubectl(cluster, ...taint, 'dedicated=jackal:NoExecute');
    // No relays, which the namespace does not take.
    const inputs = { namespace: NAMESPACE, route: 'nodeport', labels: 'team=web\ncost=7' };
    const step = await jobs.start({ images: IMAGES.join('\n'), ...inputs });
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const get = async (kind: string, ...more: string[]) =>
      JSON.parse(
        await kubectl(cluster, 'get', kind, `--namespace=${NAMESPACE}`, '--output=json', ...more),
      ).items;
    const [policies, pods] = [
      await get('networkpolicies', '--selector=team=web'),
      await get('pods', '--selector=cost=7'),
    ];
    expect(policies).toHaveLength(1);
    expect(pods).toHaveLength(1 + cluster.nodes.length);
    for (const { spec, status } of pods) {
      expect(status.phase).toBe('Running');
      const own = spec.tolerations.filter((one: { key?: string }) => one.key === 'dedicated');
      expect(own).toHaveLength(spec.nodeName === tainted?.name ? 1 : 0);
    }
    const post = await jobs.runner.run({
      inputs: { images: 'any', kubeconfig: cluster.kubeconfig },
      env: { DOCKER_HOST: dockerHost },
      state: main.state,
    });
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    for (const kind of ['pods', 'services', 'leases', 'networkpolicies']) {
      const left = await get(kind, '--selector=app.kubernetes.io/managed-by=jackal-inject');
      expect([kind, left]).toEqual([kind, []]);
    }
  } finally {
    await kubectl(cluster, ...taint, 'dedicated-').catch(() => undefined);
    await removeStrictNamespace();
  }
});

onSite(
  'a node whose CPU and memory are all promised to others takes the Pods all the same',
  async () => {
    const { cluster } = jobs.here;
    const [node] = cluster.nodes;
    const name = node?.name ?? '';
    const { status } = JSON.parse(await kubectl(cluster, 'get', 'node', name, '--output=json'));
    const { cpu, memory } = status.allocatable;
    const resources = { requests: { cpu, memory } };
    const container = { name: 'greedy', image: PAUSE_IMAGE, imagePullPolicy: 'Never', resources };
    await apply(cluster, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'greedy', namespace: 'default' },
      spec: { nodeName: name, terminationGracePeriodSeconds: 0, containers: [container] },
    });
    try {
      await kubectl(
        cluster,
        ...['wait', '--for=jsonpath={.status.phase}=Running', '--timeout=300s', 'pod/greedy'],
      );
      const main = await jobs.ended(await jobs.start({ images: IMAGES[0] as string }));
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      await kubectl(cluster, 'delete', 'pod', 'greedy');
      await jobs.end(main);
    } finally {
      await kubectl(cluster, 'delete', 'pod', 'greedy', '--ignore-not-found');
    }
  },
);

onSite('nodes that take no more Pods are named before anything travels', async () => {
  const { cluster } = jobs.here;
  await jobs.withNodeStatus(cluster.nodes, { allocatable: { pods: '0' } }, async () => {
    const step = await jobs.start({ images: IMAGES[0] as string });
    const main = await jobs.ended(step);
    expect(main.exitCode).toBe(1);
    const names = cluster.nodes.map(({ name }) => `${name} (0)`).join(', ');
    expect(main.errors).toEqual([
      `No more Pod fits on the nodes ${names}, because as many run there as its kubelet takes; remove a Pod or raise the kubelet's \`maxPods\`.`,
    ]);
    expect(await jobs.objects('configmap', 'chunk')).toEqual([]);
    await jobs.end(main);
  });
});
