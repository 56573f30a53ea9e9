import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import type { ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { MIB } from '../../../src/lib/limits/units.js';
import { Stages } from '../../../src/report/stages.js';
import type { PreparedJob, RehearsedJob } from '../../../src/stages/job.js';
import { rehearse } from '../../../src/stages/rehearse/rehearse.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun } from '../run/run-objects.js';

/* What a whole rehearsal makes of admission that takes affinity to few labels alone, as GKE Autopilot's does. */

let plane: ControlPlane;
let admin: Connection;
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmission';

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const TERMS = 'requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
const FEW_LABELS = `!has(variables.pod.affinity) || variables.pod.affinity.nodeAffinity.${TERMS}.all(t, !has(t.matchExpressions) || t.matchExpressions.all(e, e.key in ['kubernetes.io/os', 'kubernetes.io/arch']))`;

/** Makes a namespace in which Pods, and what makes them, are refused where a CEL expression is false. */
async function refuseIn(namespace: string, expression: string): Promise<void> {
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  const kinds = [
    { apiGroups: [''], resources: ['pods'] },
    { apiGroups: ['apps'], resources: ['daemonsets', 'replicasets'] },
  ];
  const rules = kinds.map((kind) => ({ ...kind, apiVersions: ['v1'], operations: ['CREATE'] }));
  const metadata = { name: namespace };
  const pod = 'has(object.spec.template) ? object.spec.template.spec : object.spec';
  await admin.client.create(`${POLICIES}policies`, {
    metadata,
    spec: {
      matchConstraints: { resourceRules: rules },
      variables: [{ name: 'pod', expression: pod }],
      validations: [
        { expression: "object.metadata.name != 'canary'", message: 'in force' },
        { expression, message: 'few labels alone' },
      ],
    },
  } as ApiObject);
  await admin.client.create(`${POLICIES}policybindings`, {
    metadata,
    spec: {
      policyName: namespace,
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    },
  } as ApiObject);
  const canary = {
    metadata: { name: 'canary' },
    spec: { containers: [{ name: 'a', image: 'a' }] },
  };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const acts = () =>
    admin.client.create(path, canary as ApiObject, { query: { dryRun: 'All' } }).then(
      () => false,
      (error) => String(error).includes('in force'),
    );
  await until('the policy to act', acts);
}

const NODE = { name: 'n1', uid: 'n1', architecture: 'amd64', addresses: [], podRanges: [] };
const NODES = [{ ...NODE, images: [{ names: ['registry.test/pause:3'], bytes: 1 }] }];
const IMAGE = { given: 'web', repository: 'web', platforms: ['linux/amd64'] };

async function rehearsed(namespace: string, release?: string): Promise<RehearsedJob> {
  const run = await leasedRun(admin.client, { namespace, release });
  const nodesUnlisted = release === undefined;
  const job = {
    ...{ client: admin.client, version: 'v1.37.2', inputs: { configMapBudget: MIB } },
    ...{ log: new Stages(), signal: new AbortController().signal, pace: new Pace({}) },
    ...{ injectors: [{ architecture: 'amd64' }], nodesUnlisted, nodes: nodesUnlisted ? [] : NODES },
    plan: {
      ...{ carrier: 'configmap', images: [IMAGE], catalogParts: 1 },
      ...{ chunkBytes: 1, writtenBytes: 1, storeBytes: 1 },
    },
    ...{ configMapBytes: 1, databaseBytes: Promise.resolve(undefined), notOn: [] },
  };
  return await rehearse(job as unknown as PreparedJob, run);
}

test.each([
  ['of a release', 'release', 'web'],
  ['where nobody may list nodes', 'unlisted', undefined],
])('terms about virtual nodes that admission refuses are left out %s', async (_, name, release) => {
  await refuseIn(name, FEW_LABELS);
  expect((await rehearsed(name, release)).unfitToo).toBe(true);
});

test('what is refused without them, too, is told in the words of the first time', async () => {
  await refuseIn('nothing', 'false');
  await expect(rehearsed('nothing', 'web')).rejects.toThrow(
    /few labels alone \((?=.*ReplicaSet).*\): so the cluster refuses what this run would create/,
  );
});

test('they stay where admission takes them', async () => {
  await admin.client.create('/api/v1/namespaces', { metadata: { name: 'free' } });
  expect((await rehearsed('free', 'web')).unfitToo).toBeUndefined();
});
