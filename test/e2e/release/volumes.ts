import type { ClusterNode } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { apply, kubectl } from '../../helpers/site.js';
import type { ReleaseSteps } from './steps.js';

const CLASS = 'jackal-test';

/**
 * Gives the cluster a default StorageClass with some volumes, all on one node, until `body` has ended. They are directories
 * of that node; nobody provisions others.
 */
export async function withVolumes(
  { cluster }: ReleaseSteps,
  node: ClusterNode,
  count: number,
  body: () => Promise<void>,
): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `${CLASS}-${index}`);
  const [program = '', ...enter] = node.enter([]);
  const inNode = (...command: string[]) => run(program, [...enter, ...command]);
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  try {
    await apply(cluster, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: CLASS, annotations },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    for (const name of names) {
      await inNode('mkdir', '--parents', '--mode=777', pathOf(name));
      await apply(cluster, volumeOn(node, name));
    }
    await body();
  } finally {
    const now = ['--ignore-not-found', '--wait'];
    await kubectl(cluster, 'delete', 'persistentvolume', ...names, ...now);
    await kubectl(cluster, 'delete', 'storageclass', CLASS, ...now);
    for (const name of names) await inNode('rm', '--recursive', '--force', pathOf(name));
  }
}

const pathOf = (name: string) => `/var/lib/${name}`;

function volumeOn(node: ClusterNode, name: string): object {
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: CLASS,
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: pathOf(name) },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  };
}
