import type { Cluster } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { apply, kubectl } from './site.js';

const API = 'admissionregistration.k8s.io/v1';
const NAME = 'jackal-test';
/** A mark of the policy's own, by which is seen that it counts. */
const MARK = 'jackal-test.dev/changed';

/**
 * Has the cluster change Pods with these labels when they are created, while `body` goes on.
 *
 * @param patches CEL of JSONPatch objects
 */
export async function policy(
  cluster: Cluster,
  labels: Readonly<Record<string, string>>,
  patches: readonly string[],
  body: () => Promise<void>,
): Promise<void> {
  const mark = `JSONPatch{op: "add", path: "/metadata/labels/${MARK.replace('/', '~1')}", value: "yes"}`;
  const kinds = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
  ];
  await apply(cluster, {
    apiVersion: API,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      matchConstraints: { resourceRules: kinds, objectSelector: { matchLabels: labels } },
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: `[${[...patches, mark].join(', ')}]` },
        },
      ],
    },
  });
  try {
    await apply(cluster, {
      apiVersion: API,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: NAME },
      spec: { policyName: NAME },
    });
    await until('the policy', () => counts(cluster, labels), { seconds: 60 });
    await body();
  } finally {
    const kinds = 'mutatingadmissionpolicies,mutatingadmissionpolicybindings';
    await kubectl(cluster, 'delete', kinds, NAME, '--ignore-not-found');
  }
}

/** Whether a Pod like the registry's would be changed; the API server learns of policies by a watch. */
async function counts(
  cluster: Cluster,
  labels: Readonly<Record<string, string>>,
): Promise<boolean> {
  const probe = { httpGet: { path: '/', port: 1 } };
  const overrides = {
    metadata: { labels },
    spec: { containers: [{ name: 'x', image: 'x', readinessProbe: probe }] },
  };
  const said = await kubectl(
    cluster,
    ...['run', 'probe', '--image=x', '--dry-run=server', '--output=json'],
    ...[`--overrides=${JSON.stringify(overrides)}`, '--override-type=strategic'],
  );
  return MARK in (JSON.parse(said).metadata.labels ?? {});
}
