import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import { lastLinesOf } from '../command.js';
import { until } from '../until.js';
import { makeGroup, removeGroups } from './cgroup.js';
import { childrenOf, identify, isAlive, type ProcessIdentity, sendSignal } from './process.js';

/** One of Kubernetes' programs on a machine. */
export interface Component {
  name: string;
  /** Program and arguments as seen inside the machine. */
  command: string[];
  /** Path of the file with what it prints. */
  log: string;
  /** The process that waits for the component outside; they end together. */
  process?: ProcessIdentity;
}

/**
 * A machine: processes with their own network, mounts, process ids and host name, held by a first
 * process. When that one is killed the kernel kills all the others and takes the mounts and the
 * network away, so nothing can be left behind, whatever containers have started.
 */
export interface Machine {
  name: string;
  /** Directory of its /run, /var/lib and /var/log as seen from outside. */
  directory: string;
  /** Directory outside → path inside, over what the host has there. */
  mounts: [from: string, to: string][];
  /** Names of its control group. */
  group: string[];
  /** Whether it has a network of its own (else the host's). */
  network: boolean;
  components: Component[];
  /** The process outside that waits for the first process, and that one, by its id outside. */
  keeper?: ProcessIdentity;
  first?: ProcessIdentity;
}

/** Directories of a machine that stand in the place of the host's. */
const OWN_DIRECTORIES = ['run', 'var/lib', 'var/log'];

/** Where files and programs of ours lie inside a machine. */
export const INSIDE = '/var/lib/jackal';

/** A machine that does not run yet. `programs` maps names below INSIDE to directories outside. */
export function newMachine(
  name: string,
  directory: string,
  group: string[],
  programs: Record<string, string>,
  network = true,
): Machine {
  const lib = join(directory, 'var/lib');
  // The one that hides our own directory comes last: the others are mounted from there.
  const hidesUs = (own: string) => Number(directory.startsWith(`/${own}/`));
  const own = OWN_DIRECTORIES.toSorted((a, b) => hidesUs(a) - hidesUs(b));
  return {
    name,
    directory,
    mounts: [
      ...Object.entries(programs).map(([to, from]): [string, string] => [
        from,
        join(lib, 'jackal', to),
      ]),
      ...own.map((path): [string, string] => [join(directory, path), `/${path}`]),
    ],
    group,
    network,
    components: [],
  };
}

/** Adds a component that does not run yet. */
export function addComponent(
  machine: Machine,
  name: string,
  command: string[],
  logs: string,
): Component {
  const component = { name, command, log: join(logs, `${machine.name}-${name}.log`) };
  machine.components.push(component);
  return component;
}

/**
 * The script that sets a machine up from inside and becomes its first process. Mounts are private
 * to the machine, but shared between its own processes: the kubelet's volumes reach containerd.
 */
const FIRST_PROCESS = `
name=$1 first=$2; shift 2
mount -t proc proc /proc
while [ $# -gt 0 ]; do mount --rbind "$1" "$2"; shift 2; done
mount --make-rshared /
hostname "$name"
echo ready
exec "$first"`;

/** Names of the control group that holds the containers of a machine. */
export function podsGroup(machine: Machine): string[] {
  return [...machine.group.slice(0, 2), 'pods'];
}

/** Starts a machine without its components. Its programs include `pause`, the first process. */
export async function startMachine(machine: Machine): Promise<void> {
  await rm(join(machine.directory, 'run'), { recursive: true, force: true }); // as after a boot
  for (const own of [...OWN_DIRECTORIES, 'tmp']) {
    await mkdir(join(machine.directory, own), { recursive: true });
  }
  for (const [, to] of machine.mounts) {
    if (to.startsWith(machine.directory)) await mkdir(to, { recursive: true });
  }
  await makeGroup(...podsGroup(machine)); // the kubelet wants to find it
  const script = ['sh', '-euc', FIRST_PROCESS, 'sh', machine.name, `${INSIDE}/pause/pause`];
  const unshare = ['unshare', ...namespacesOf(machine), '--fork', '--kill-child'];
  const command = await inGroup(machine, [...unshare, ...script, ...machine.mounts.flat()]);
  const keeper = spawn(command.program, command.args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  const complaints: Buffer[] = [];
  keeper.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const answer = await Promise.race([
    once(keeper.stdout, 'data').then(() => 'ready'),
    once(keeper, 'close').then(() => 'ended'),
  ]);
  if (answer !== 'ready' || keeper.pid === undefined) {
    const said = Buffer.concat(complaints).toString().trim();
    throw new ActionError(`The machine ${machine.name} could not be set up: ${said}`);
  }
  keeper.stdout.destroy();
  keeper.stderr.destroy();
  keeper.unref();
  machine.keeper = identify(keeper.pid);
  machine.first = identify(childrenOf(keeper.pid)[0] ?? keeper.pid);
}

function namespacesOf({ network }: Machine): string[] {
  return ['--mount', '--uts', '--ipc', '--pid', ...(network ? ['--net'] : [])];
}

/** Runs a command in a machine's control group: a shell puts itself there and becomes it. */
async function inGroup(machine: Machine, command: string[]) {
  const files = await makeGroup(...machine.group);
  const script = 'while [ "$1" != -- ]; do echo $$ >"$1" || true; shift; done; shift; exec "$@"';
  return { program: 'sh', args: ['-euc', script, 'sh', ...files, '--', ...command] };
}

/** What programs are told of their surroundings: nothing of the caller's, such as a proxy, but how Go collects its garbage. */
function environment(): NodeJS.ProcessEnv {
  const { GOGC, GOMEMLIMIT } = process.env;
  const path = `${INSIDE}/containerd:${INSIDE}/crio:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return { PATH: path, HOME: '/root', TMPDIR: '/run/tmp', GOGC, GOMEMLIMIT };
}

/** Program and arguments that run a command inside a machine, from outside. */
export function entering(machine: Machine, command: readonly string[]): string[] {
  if (!machine.first) throw new ActionError(`The machine ${machine.name} is not running.`);
  // Not `ip netns exec`: it mounts a fresh /sys, which hides the control groups.
  return ['nsenter', '--target', `${machine.first.pid}`, ...namespacesOf(machine), ...command];
}

/** Starts a component; it outlives this process. */
export async function startComponent(machine: Machine, component: Component): Promise<void> {
  if (isAlive(component.process)) return;
  await mkdir(join(machine.directory, 'run/tmp'), { recursive: true });
  const log = await open(component.log, 'a');
  const command = await inGroup(machine, entering(machine, component.command));
  const child = spawn(command.program, command.args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: environment(),
  });
  const failed = once(child, 'error');
  child.unref();
  await log.close();
  if (child.pid === undefined) throw (await failed)[0];
  component.process = identify(child.pid);
}

/** Process id, outside, of a component itself; undefined when it does not run. */
export function processOf(component: Component): number | undefined {
  return isAlive(component.process) ? childrenOf(component.process?.pid ?? 0)[0] : undefined;
}

/** Ends a component: SIGTERM, and SIGKILL when it has not ended after `seconds`. */
export async function stopComponent(component: Component, seconds = 5): Promise<void> {
  const outer = component.process;
  const isGone = () => !isAlive(outer);
  // What waits outside may not have begun the component itself yet.
  const inner = () => {
    const pid = processOf(component);
    if (pid !== undefined) return identify(pid);
    return isGone() ? 'gone' : undefined;
  };
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const found = await until(`${component.name} to have begun`, inner);
    if (found === 'gone') return;
    sendSignal(found, signal);
    if (signal === 'SIGKILL') await until(`${component.name} to end`, isGone);
    else await until(`${component.name} to end`, isGone, { seconds }).catch(() => {});
  }
}

/** @throws ActionError with the end of its log when a component has ended. */
export async function checkRunning(machine: Machine): Promise<void> {
  for (const component of machine.components) {
    if (!component.process || isAlive(component.process)) continue;
    throw new ActionError(
      `${component.name} of ${machine.name} has ended; its log is ${component.log} and ends so:\n${await lastLinesOf(component.log, 15)}`,
    );
  }
}

/** Ends all processes of a machine at once, as when its power is cut. Its disk stays. */
export async function stopMachine(machine: Machine): Promise<void> {
  const { keeper, first } = machine;
  // The keeper ends by itself, once it has taken note of the end of the first process.
  const inside = isAlive(first) ? first : keeper;
  if (inside) sendSignal(inside, 'SIGKILL');
  const outer = machine.components.map((component) => component.process);
  const all = [first, keeper, ...outer].filter((process) => process !== undefined);
  await until(`the processes of ${machine.name} to end`, () => !all.some(isAlive));
  await removeGroups(...machine.group.slice(0, 2));
  delete machine.keeper;
  delete machine.first;
  for (const component of machine.components) delete component.process;
}
