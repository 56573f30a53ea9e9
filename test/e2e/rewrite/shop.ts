/** Images as the manifests name them. */
export const SHOP = 'ghcr.io/acme/shop:1';
export const JOBS = 'shop-jobs';

/** Labels of the Pods of each workload. */
export const WORKLOADS = ['web', 'database', 'import', 'report'] as const;

/** Pods as a private registry's users have them: with a secret that is not there, and pulled each time. */
function template(of: string, more: object = {}): string {
  const matchLabels = { of };
  return JSON.stringify({
    metadata: { labels: matchLabels },
    spec: {
      ...more,
      terminationGracePeriodSeconds: 0,
      imagePullSecrets: [{ name: 'ghcr.io' }],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels },
        },
      ],
      initContainers: [{ name: 'migrate', image: JOBS, command: ['/injector', 'probe'] }],
      containers: [
        { name: 'main', image: SHOP, imagePullPolicy: 'Always', command: ['/injector', 'hold'] },
      ],
    },
  });
}

const JOB = `completions: 2, parallelism: 2`;
const NEVER = { restartPolicy: 'Never' };

/** Workloads of two Pods each, one on each of two nodes, that name images as their users do. */
export const MANIFESTS = `# What a shop needs.
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 2, selector: { matchLabels: { of: web } }, template: ${template('web')} }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: database # of the shop
spec:
  replicas: 2
  serviceName: database
  podManagementPolicy: Parallel
  selector: { matchLabels: { of: database } }
  template: ${template('database')}
---
apiVersion: batch/v1
kind: Job
metadata: { name: import }
spec: { ${JOB}, template: ${template('import', NEVER)} }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
spec:
  schedule: '0 0 1 1 *'
  jobTemplate: { spec: { ${JOB}, template: ${template('report', NEVER)} } }
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: canary }
spec: { template: ${template('canary')} }
`;

/** A hook of Helm that ends well when its image is there. */
export const HOOK = `apiVersion: batch/v1
kind: Job
metadata: { name: before, annotations: { helm.sh/hook: pre-install } }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: before, image: ${SHOP}, command: [/injector, probe] }]
`;

/** The kind that somebody has added to the cluster. */
export const ROLLOUTS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'rollouts.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    scope: 'Namespaced',
    names: { kind: 'Rollout', plural: 'rollouts' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};
