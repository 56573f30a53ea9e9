import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { injectorBinary } from '../../helpers/injector-binary.js';
import { catalogOf, hashOf, type Listed } from '../../helpers/on-demand.js';
import { apply, createNamespace, deleteNamespaces, kubectl } from '../../helpers/site.js';

/** A registry in a Pod that lists contents and has none of them. */
export interface DeliveryPod {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly token: string;
  /** The Pod's own address, which this machine reaches. */
  readonly address: string;
  /** Pulls a content past the API server and gives the SHA-256 of what came. */
  pull(digest: string, onBytes?: (bytes: number) => void): Promise<string>;
  remove(): Promise<void>;
}

const PULL_PORT = 5000;
const DELIVERY_PORT = 5001;

/** Starts one on a node, in a namespace of its own. */
export async function startDeliveryPod(
  cluster: Cluster,
  node: string,
  contents: readonly Listed[],
): Promise<DeliveryPod> {
  const namespace = `stream-${randomBytes(4).toString('hex')}`;
  const name = 'registry';
  const token = randomBytes(32).toString('hex');
  const secret = randomBytes(16).toString('hex');
  const injector = (await readFile(await injectorBinary())).toString('base64');
  const metadata = { namespace };
  const core = { apiVersion: 'v1' };
  await createNamespace(cluster, namespace);
  await apply(cluster, {
    ...{ ...core, kind: 'List' },
    items: [
      {
        ...{ ...core, kind: 'ConfigMap', metadata: { ...metadata, name: 'injector' } },
        binaryData: { injector },
      },
      {
        ...{ ...core, kind: 'ConfigMap', metadata: { ...metadata, name: 'catalog' } },
        data: { catalog: catalogOf(secret, contents) },
      },
      {
        ...{ ...core, kind: 'Secret', metadata: { ...metadata, name: 'token' } },
        stringData: { token },
      },
      { ...core, kind: 'Pod', metadata: { ...metadata, name }, spec: podSpec(node) },
    ],
  });
  let address = '';
  await until('the registry to run', async () => {
    const status = ['{.status.phase}', '{.status.podIP}'].join(' ');
    const query = ['get', 'pod', name, '--namespace', namespace, `-o=jsonpath=${status}`];
    const [phase, ip = ''] = (await kubectl(cluster, ...query)).split(' ');
    address = ip;
    return phase === 'Running';
  });
  const base = `http://${address}:${PULL_PORT}/v2/${secret}/acme/web/blobs`;
  return {
    ...{ namespace, name, port: DELIVERY_PORT, token, address },
    pull: (digest, onBytes) => hashOf(`${base}/${digest}`, onBytes),
    remove: () => deleteNamespaces(cluster, namespace),
  };
}

function podSpec(nodeName: string): object {
  const options = ['--catalog', '/catalog/catalog', '--chunks', '/chunks', '--store', '/store'];
  const ports = ['--listen', String(PULL_PORT), '--deliver', String(DELIVERY_PORT)];
  const mount = (name: string) => ({ name, mountPath: `/${name}` });
  return {
    nodeName,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'registry',
        image: 'registry.k8s.io/pause:3.10.1',
        imagePullPolicy: 'Never',
        command: ['/injector/injector', 'serve', ...options, ...ports, '--token', '/token/token'],
        volumeMounts: ['injector', 'catalog', 'token', 'chunks', 'store'].map(mount),
      },
    ],
    volumes: [
      { name: 'injector', configMap: { name: 'injector', defaultMode: 0o555 } },
      { name: 'catalog', configMap: { name: 'catalog' } },
      { name: 'token', secret: { secretName: 'token' } },
      { name: 'chunks', emptyDir: {} },
      { name: 'store', emptyDir: {} },
    ],
  };
}
