import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Cluster, type ClusterNode, down, up } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { Jobs, NODE_PORTS } from '../../helpers/jobs.js';
import { startProxy } from '../../helpers/nodes/proxies.js';
import { expectProofs } from '../../helpers/proofs.js';
import { apply, buildImage, kubectl, site, whyNoSite } from '../../helpers/site.js';
import { withHosts } from './hosts.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const NAME = 'routes';

/** A cluster whose nodes have no NodePort on their loopback. */
let cluster: Cluster;
let jobs: Jobs;
/** Jobs on the site's own cluster, whose nodes have one. */
let usual: Jobs;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  const { dockerHost } = await site();
  cluster = await up({ name: NAME, proxyMode: 'nftables' });
  jobs = await Jobs.create({ cluster, dockerHost });
  usual = await Jobs.create();
  const folder = join(jobs.runner.directory, 'image');
  await buildImage(dockerHost, folder, 'acme/routes:1', [['a', randomBytes(1000)]]);
});

afterEach(async () => {
  await jobs?.endLeft();
  await usual?.endLeft();
});

afterAll(async () => {
  await jobs?.close();
  await usual?.close();
  if (whyNoSite() === undefined) await down(NAME);
});

/** The relays that run on a cluster, as `node hostNetwork`. */
async function relaysOn(where: Cluster): Promise<string[]> {
  const columns = 'custom-columns=N:.spec.nodeName,H:.spec.hostNetwork,P:.status.phase';
  const pods = ['get', 'pods', '--all-namespaces', '--no-headers', `--output=${columns}`];
  const text = await kubectl(where, ...pods, '--selector', 'jackal-inject.dev/role=relay');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .sort();
}

const onAll = (host: string) => cluster.nodes.map(({ name }) => `${name} ${host} Running`);

onSite(
  'nodes without a NodePort on their loopback get relays when their pull was refused',
  async () => {
    await jobs.inject(['acme/routes:1'], {
      look: async ({ log }) => {
        expect(log).toMatch(
          /cannot reach the registry at 127\.0\.0\.1:.*connection refused.* Now they come by a relay on each node that has a hostPort/,
        );
        expect(await relaysOn(cluster)).toEqual(onAll('<none>'));
      },
    });
  },
);

onSite('and when their runtimes ask a mirror first, which hides that refusal', async () => {
  const [first, second] = cluster.nodes as [ClusterNode, ClusterNode];
  // A kubelet tells there how it is, and knows nothing else.
  const mirror = '[host."http://127.0.0.1:10248"]\n';
  const inject = async () => {
    await jobs.inject(['acme/routes:1'], {
      look: async ({ log }) => {
        expect(log).toMatch(
          /asks another registry for what is at 127\.0\.0\.1:.*not found.* Now they come by a relay on each node that has a hostPort/,
        );
        expect(await relaysOn(cluster)).toEqual(onAll('<none>'));
      },
    });
  };
  await withHosts(first, mirror, () => withHosts(second, mirror, inject));
});

/** Has kube-proxy's configuration, which a run reads, name a mode, and gives `body` jobs that leave it as it is. */
async function withProxyMode(
  mode: string,
  { here }: Jobs,
  body: (jobs: Jobs) => Promise<void>,
): Promise<void> {
  const data = { 'config.conf': `kind: KubeProxyConfiguration\nmode: "${mode}"\n` };
  const metadata = { name: 'kube-proxy', namespace: 'kube-system' };
  await apply(here.cluster, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  try {
    const within = await Jobs.create(here);
    await body(within).finally(() => within.endLeft());
    await within.close();
  } finally {
    await kubectl(here.cluster, 'delete', 'configmap', 'kube-proxy', '--namespace', 'kube-system');
  }
}

onSite('where kube-proxy’s configuration says so, relays come first', async () => {
  await withProxyMode('nftables', jobs, async (within) => {
    await within.inject(['acme/routes:1'], {
      look: async ({ log }) => {
        expect(log).toMatch(
          /by a relay on each node that has a hostPort on 127\.0\.0\.1: kube-proxy in nftables mode/,
        );
        expect(log).not.toMatch(/cannot reach the registry/);
        expect(await relaysOn(cluster)).toEqual(onAll('<none>'));
      },
    });
  });
});

onSite('relays in the host’s network, with a Service that opens no port of the nodes', async () => {
  await jobs.inject(['acme/routes:1'], {
    inputs: { route: 'hostnetwork' },
    look: async () => {
      expect(await relaysOn(cluster)).toEqual(onAll('true'));
      const all = [
        'get',
        'services',
        '--all-namespaces',
        '--output=jsonpath={.items[*].spec.type}',
      ];
      expect(await kubectl(cluster, ...all)).not.toContain('NodePort');
    },
  });
});

onSite('a NodePort alone ends with node, route, the runtime’s words and what to do', async () => {
  const main = await jobs.ended(await jobs.start({ images: 'acme/routes:1', route: 'nodeport' }));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    /runtime of node node\d cannot reach the registry at 127\.0\.0\.1:.*connection refused.*NodePort on the nodes' own 127\.0\.0\.1.*set the input `route` to auto or hostport/,
  );
  await jobs.end(main);
});

onSite('a namespace that admits no relay is told with what each route failed with', async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict', labels } };
  await apply(cluster, object);
  try {
    const within = await Jobs.create(jobs.here);
    const main = await within.ended(
      await within.start({ images: 'acme/routes:1', namespace: 'strict' }),
    );
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(
      /^No route brings the nodes to the registry\. nodeport: .*connection refused.* Before: hostport: .*hostPort.*; hostnetwork: .*hostNetwork/,
    );
    await within.end(main);
    await within.close();
  } finally {
    await kubectl(cluster, 'delete', 'namespace', 'strict');
  }
});

onSite(
  'a node whose kube-proxy has ended gets a relay, and the others keep their NodePort',
  async () => {
    const { cluster } = usual.here;
    const [, node] = cluster.nodes as [ClusterNode, ClusterNode];
    await node.stopComponent('proxy');
    try {
      // Nodes of which the mode is known have 20 s for their first pull, those of which it is not 3 s.
      await withProxyMode('iptables', usual, async (within) => {
        // They begin with the first that is refused, and whoever is not proven when they are over gets a relay, too.
        const step = await within.withLoopbackHeld(node, NODE_PORTS, async () => {
          const started = await within.start({ images: 'acme/routes:1' });
          const proven = () => within.objects('pod', 'proof', 'status.phase=Running');
          await until('the other node to be proven', async () => (await proven()).length === 1);
          return started;
        });
        const main = await within.ended(step);
        expect([main.exitCode, main.errors]).toEqual([0, []]);
        const references: Record<string, string> = JSON.parse(main.outputs.images as string);
        await expectProofs(cluster, Object.values(references));
        expect(await relaysOn(cluster)).toEqual([`${node.name} <none> Running`]);
        await within.end(main);
      });
    } finally {
      await startProxy(node);
    }
  },
);
