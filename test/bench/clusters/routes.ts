import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Cluster, down, up } from '../../cluster/cluster.js';
import { dockerEngine } from '../../cluster/docker.js';
import type { ProxyMode } from '../../cluster/kind.js';
import { Runner } from '../../helpers/runner.js';
import { buildImage, untilRunsAreGone } from '../../helpers/site.js';
import { type Bench, figure, median, promised } from '../figure.js';

const BENCH = 'routes';
const ROUNDS = 3;
const BYTES = 5_000_000;
/** Promised: seconds by which `auto` is slower where there is no NodePort on the loopback. */
const PROMISED_SECONDS = 5;

/** A cluster's kube-proxy and the input `route`. */
interface Turn {
  readonly proxyMode: ProxyMode;
  readonly route: string;
}

const TURNS: readonly Turn[] = [
  { proxyMode: 'iptables', route: 'auto' },
  { proxyMode: 'iptables', route: 'hostport' },
  { proxyMode: 'iptables', route: 'hostnetwork' },
  { proxyMode: 'nftables', route: 'hostport' },
  { proxyMode: 'nftables', route: 'auto' },
];

const nameOf = ({ proxyMode, route }: Turn) => `${proxyMode}, ${route}`;

/** What it costs to come to the registry by each route, and to find out that a NodePort does not do. */
export const routes: Bench = {
  name: BENCH,
  about: 'a 5 MB image onto two nodes by each route, with kube-proxy in iptables and nftables mode',
  async *run(log) {
    const runner = await Runner.create();
    const docker = await dockerEngine({ log });
    const clusters = new Map<ProxyMode, Cluster>();
    const seconds = new Map<string, number[]>();
    try {
      for (const proxyMode of ['iptables', 'nftables'] as const) {
        clusters.set(proxyMode, await up({ name: `bench-${proxyMode}`, proxyMode, log }));
      }
      // The first round fills caches and does not count.
      for (let round = 0; round <= ROUNDS; round++) {
        for (const turn of TURNS) {
          const cluster = clusters.get(turn.proxyMode) as Cluster;
          const tag = `jackal.test/routes:${round}`;
          const layers = [['f', randomBytes(BYTES)]] as const;
          await buildImage(docker.host, join(runner.directory, 'image'), tag, layers);
          const inputs = { images: tag, kubeconfig: cluster.kubeconfig, route: turn.route };
          const main = await runner.run({ inputs, env: { DOCKER_HOST: docker.host } });
          await runner.run({ inputs, state: main.state });
          if (main.exitCode !== 0) throw new Error(main.errors.join(' '));
          await untilRunsAreGone(cluster);
          if (round > 0) {
            const name = nameOf(turn);
            seconds.set(name, [...(seconds.get(name) ?? []), main.duration / 1000]);
          }
        }
      }
      const usual = median(seconds.get(nameOf(TURNS[0] as Turn)) ?? []);
      for (const [name, values] of seconds) {
        const isPromised = name === 'nftables, auto';
        const limit = isPromised ? promised(usual + PROMISED_SECONDS) : undefined;
        const peer = limit ?? { name: 'iptables, auto', value: usual };
        yield figure(BENCH, name, 's', 'less', median(values), peer);
      }
    } finally {
      try {
        await docker.close();
        await runner.close();
      } finally {
        for (const { name } of clusters.values()) await down(name);
      }
    }
  },
};
