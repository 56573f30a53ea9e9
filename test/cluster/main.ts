import { parseArgs } from 'node:util';
import { ActionError } from '../../src/lib/errors.js';
import { type Cluster, DEFAULT_NAME, down, find, status, up } from './cluster.js';
import { CHOICES, type ClusterKind, describeKind, flagOf, USUAL } from './kind.js';

/** Each option of `up` with what it may be, the usual first. */
const OPTIONS = Object.entries(USUAL).map(([key, usual]) => {
  const choices = (CHOICES as Record<string, readonly unknown[]>)[key] ?? [usual];
  return `[${flagOf(key)} ${choices.join('|')}]`;
});

const USAGE = `usage: npm run cluster -- up [--name ${DEFAULT_NAME}] ${OPTIONS.join(' ')}
       npm run cluster -- down [--name ${DEFAULT_NAME}]
       npm run cluster -- status
       npm run cluster -- kubeconfig [--name ${DEFAULT_NAME}]`;

async function main(): Promise<void> {
  const { values, positionals } = parseArguments();
  const name = values.name ?? DEFAULT_NAME;
  switch (positionals.length === 1 ? positionals[0] : undefined) {
    case 'up':
      return await bringUp(name, wanted(values));
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
  const names = ['--name', ...Object.keys(USUAL).map(flagOf)];
  const options = Object.fromEntries(
    names.map((name) => [name.slice(2), { type: 'string' } as const]),
  );
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (cause) {
    throw new ActionError(`${(cause as Error).message}\n${USAGE}`, { cause });
  }
}

/** The kind of cluster that the arguments ask for; what is no number where one has to be is found out by `up`. */
function wanted(values: Record<string, string | undefined>): Partial<ClusterKind> {
  const entries = Object.entries(USUAL).flatMap(([key, usual]) => {
    const value = values[flagOf(key).slice(2)];
    return value === undefined ? [] : [[key, typeof usual === 'number' ? Number(value) : value]];
  });
  return Object.fromEntries(entries) as Partial<ClusterKind>;
}

async function bringUp(name: string, kind: Partial<ClusterKind>): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () =>
      interrupt.abort(new ActionError(`Ended by ${signal}; nothing is left of ${name}.`)),
    );
  }
  const start = performance.now();
  const cluster = await up({
    ...{ name, ...kind },
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
  const { name, kind, kubeconfig } = cluster;
  const state = cluster.running ? 'running' : 'not complete';
  const head = `${name}: ${state}, ${describeKind(kind)}, ${kubeconfig}`;
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
