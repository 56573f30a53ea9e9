import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { apply, kubectl, OF_TESTS } from './site.js';

const API = 'admissionregistration.k8s.io/v1';
/** A label whose value is the policy's name, by which is seen that it counts, and not one of before. */
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
  const name = `${OF_TESTS}${randomUUID().slice(0, 8)}`;
  const mark = `JSONPatch{op: "add", path: "/metadata/labels/${MARK.replace('/', '~1')}", value: "${name}"}`;
  const kinds = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
  ];
  await apply(cluster, {
    apiVersion: API,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
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
      metadata: { name },
      spec: { policyName: name },
    });
    await until('the policy', () => counts(cluster, labels, name));
    await body();
  } finally {
    const kinds = 'mutatingadmissionpolicies,mutatingadmissionpolicybindings';
    await kubectl(cluster, 'delete', kinds, name, '--ignore-not-found');
    const isOver = async () => !(await counts(cluster, labels, name));
    await until('the end of the policy', isOver);
  }
}

/** Whether a Pod like the registry's would be changed; the API server learns of policies by a watch. */
async function counts(
  cluster: Cluster,
  labels: Readonly<Record<string, string>>,
  name: string,
): Promise<boolean> {
  const startupProbe = { exec: { command: ['/x', '1', '2', '3', '4', '5'] } };
  const overrides = {
    metadata: { labels },
    spec: { containers: [{ name: 'x', image: 'x', startupProbe }] },
  };
  const said = await kubectl(
    cluster,
    ...['run', 'probe', '--image=x', '--dry-run=server', '--output=json'],
    ...[`--overrides=${JSON.stringify(overrides)}`, '--override-type=strategic'],
  );
  return JSON.parse(said).metadata.labels?.[MARK] === name;
}
