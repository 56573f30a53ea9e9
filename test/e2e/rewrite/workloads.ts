import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import type { Cluster } from '../../cluster/cluster.js';
import { kubectl } from '../../helpers/site.js';
import { podsWith } from './pods.js';
import { END, SERVER } from './program.js';

const LABEL = 'app';

/**
 * A Pod's spec with an injected image under two spellings, an init container, and an image that is not injected. Pods of
 * one workload that stay go to different nodes.
 */
function podSpec(app: string, main: Partial<V1Container>): V1PodSpec {
  return {
    terminationGracePeriodSeconds: 0,
    initContainers: [{ name: 'init', image: `docker.io/library/${SERVER}`, args: END }],
    containers: [
      { name: 'main', image: SERVER, ...main },
      ...(main.args === undefined ? [{ name: 'other', image: PAUSE_IMAGE }] : []),
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { [LABEL]: app } },
      },
    ],
  };
}

/** A workload of each kind, as people write them, with two Pods each. */
export function workloads(namespace: string): object[] {
  const metadata = (name: string) => ({ name, namespace });
  const serving = (kind: string, spec: object = {}) => {
    const name = kind.toLowerCase();
    const labels = { [LABEL]: name };
    const template = { metadata: { labels }, spec: podSpec(name, {}) };
    const selector = { matchLabels: labels };
    return {
      ...{ apiVersion: 'apps/v1', kind, metadata: metadata(name) },
      spec: { ...spec, selector, template },
    };
  };
  const job = (name: string) => ({
    ...{ completions: 2, parallelism: 2 },
    template: {
      metadata: { labels: { [LABEL]: name } },
      spec: { ...podSpec(name, { args: END }), restartPolicy: 'Never' },
    },
  });
  return [
    {
      ...{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: metadata('cronjob') },
      spec: {
        schedule: '* * * * *',
        concurrencyPolicy: 'Forbid',
        // The first one's Pods are looked at, however many minutes that takes.
        successfulJobsHistoryLimit: 100,
        jobTemplate: { spec: job('cronjob') },
      },
    },
    serving('Deployment', { replicas: 2 }),
    serving('StatefulSet', { replicas: 2, serviceName: 'none' }),
    serving('DaemonSet'),
    {
      ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: metadata('job') },
      spec: job('job'),
    },
  ];
}

/** The Pods of a workload, the ended ones among them. */
export async function podsOf(cluster: Cluster, namespace: string, app: string): Promise<V1Pod[]> {
  return await podsWith(cluster, namespace, `${LABEL}=${app}`);
}

/** A Pod alone. */
export function pod(namespace: string, name: string, spec: Partial<V1PodSpec> & object): V1Pod {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: SERVER }],
      ...spec,
    },
  };
}

/** The images of a Pod, in order, init containers first. */
export function imagesOf({ spec }: V1Pod): string[] {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.map(({ image = '' }) => image);
}

/** The image that a Pod would have which names this one; the API server makes it, and does not keep it. */
export async function triedImage(
  cluster: Cluster,
  namespace: string,
  image: string,
): Promise<string> {
  const dry = ['--dry-run=server', '--output=jsonpath={.spec.containers[0].image}'];
  return await kubectl(cluster, 'run', 'tried', '--namespace', namespace, '--image', image, ...dry);
}
