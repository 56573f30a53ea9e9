import { parseArgs } from 'node:util';
import { ActionError } from '../../src/lib/errors.js';
import { DEFAULT_KUBERNETES } from './build/build.js';
import { type Cluster, DEFAULT_NAME, down, find, status, up } from './cluster.js';
import type { ProxyMode } from './state.js';

const USAGE = `usage: npm run cluster -- up [--nodes 2] [--kubernetes ${DEFAULT_KUBERNETES}] [--proxy-mode iptables|nftables] [--name ${DEFAULT_NAME}]
       npm run cluster -- down [--name ${DEFAULT_NAME}]
       npm run cluster -- status
       npm run cluster -- kubeconfig [--name ${DEFAULT_NAME}]`;

async function main(): Promise<void> {
  const { values, positionals } = parseArguments();
  const name = values.name ?? DEFAULT_NAME;
  switch (positionals.length === 1 ? positionals[0] : undefined) {
    case 'up':
      return await bringUp(name, values.nodes, values.kubernetes, values['proxy-mode']);
    case 'down': {
      const was = await down(name);
      return say(was ? `The cluster ${name} is gone.` : `There is no cluster ${name}.`);
    }
    case 'status':
      return say((await status()).map(describe).join('\n') || 'No cluster is running.');
    case 'kubeconfig':
      return say((await find(name)).kubeconfig);
    default:
      throw new ActionError(USAGE);
  }
}

function parseArguments() {
  const text = { type: 'string' } as const;
  const options = { name: text, nodes: text, kubernetes: text, 'proxy-mode': text };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (cause) {
    throw new ActionError(`${(cause as Error).message}\n${USAGE}`, { cause });
  }
}

async function bringUp(
  name: string,
  nodes = '2',
  kubernetes = DEFAULT_KUBERNETES,
  proxyMode = 'iptables',
): Promise<void> {
  if (proxyMode !== 'iptables' && proxyMode !== 'nftables') {
    throw new ActionError(`--proxy-mode is iptables or nftables, not "${proxyMode}".`);
  }
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () =>
      interrupt.abort(new ActionError(`Ended by ${signal}; nothing is left of ${name}.`)),
    );
  }
  const start = performance.now();
  const cluster = await up({
    ...{ name, nodes: Number(nodes), kubernetes, proxyMode: proxyMode satisfies ProxyMode },
    log: (line) => console.error(line),
    signal: interrupt.signal,
  });
  say(describe(cluster));
  say(`ready after ${((performance.now() - start) / 1000).toFixed(1)} s; to use it:`);
  say(`  export KUBECONFIG=${cluster.kubeconfig}`);
  say(`  alias kubectl=${cluster.kubectl}`);
}

function describe(cluster: Cluster): string {
  const machines = [cluster.controlPlane, ...cluster.nodes].map((machine) => {
    const pids = Object.entries(machine.pids).map(([component, pid]) => `${component} ${pid}`);
    return `  ${machine.name}  ${machine.address}  ${pids.join(', ') || 'not running'}`;
  });
  const { name, kubernetes, proxyMode, kubeconfig } = cluster;
  const state = cluster.running ? 'running' : 'not complete';
  const head = `${name}: ${state}, Kubernetes ${kubernetes}, kube-proxy ${proxyMode}, ${kubeconfig}`;
  return [head, ...machines].join('\n');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (thrown) {
  process.stderr.write(
    `${thrown instanceof ActionError ? thrown.message : (thrown as Error).stack}\n`,
  );
  process.exitCode = 1;
}
