import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import type { Cluster } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { podRoutes } from '../../cluster/machine/network.js';
import { REPOSITORY } from '../runner.js';
import { builtByGo, tool } from '../tools.js';

/** What a way is like, in each direction alike. */
export interface LinkShape {
  readonly bitsPerSecond: number;
  /** Milliseconds there and back. */
  readonly roundTrip: number;
  /** Share of the packets that get lost, 0 to 1. */
  readonly loss: number;
}

/** A network namespace that reaches a cluster over such a way, and nothing else. */
export interface Link {
  /** Program and arguments that run a command in it. */
  readonly within: readonly string[];
  /** The end of the way on this side: a port of the cluster's bridge. */
  readonly device: string;
  close(): Promise<void>;
}

/** Host part of the namespace's address on the cluster's bridge; machines have lower ones. */
const HOST = 200;

/**
 * Opens a way to a cluster with tc-netem's qualities, played by a program (see main.go), since not
 * every kernel has netem. Nothing else on this machine takes that way, and the kernel takes it down
 * with the program, which ends with this process however that ends.
 * @throws ActionError when the kernel has no TAP devices.
 */
export async function openLink(cluster: Cluster, shape: LinkShape): Promise<Link> {
  const { bridge, gateway } = cluster.network;
  const device = `${bridge}-link`;
  const { pid, close } = await startWire(device, shape);
  const within = ['nsenter', `--net=/proc/${pid}/ns/net`];
  try {
    await run('ip', ['link', 'set', device, 'master', bridge, 'up']);
    const [program = '', ...enter] = within;
    const inside = [
      'link set lo up',
      `address add ${gateway.replace(/\d+$/, `${HOST}`)}/24 dev eth0`,
      'link set eth0 up',
      ...podRoutes(cluster.network, cluster.nodes.length),
    ];
    await run(program, [...enter, 'ip', '-batch', '-'], { input: inside.join('\n') });
    return { within, device, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function startWire(device: string, { bitsPerSecond, roundTrip, loss }: LinkShape) {
  const [program, setpriv] = await Promise.all([wireProgram(), tool('setpriv')]);
  const oneWayMicroseconds = Math.round((roundTrip * 1000) / 2);
  const shape = [bitsPerSecond / 8, oneWayMicroseconds, loss].map(String);
  const child = spawn(setpriv, ['--pdeathsig', 'KILL', program, device, ...shape], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data;
  });
  const ready = once(child.stdout, 'data').then(() => true);
  if ((await Promise.race([ready, ended])) !== true) {
    throw new ActionError(`The way ${device} cannot be opened: ${said.trim()}`);
  }
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid as number, close };
}

/** The program, built from main.go; once, as long as that does not change. */
async function wireProgram(): Promise<string> {
  const source = join(REPOSITORY, 'test/helpers/link/main.go');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 8);
  return await builtByGo(`link-${key}-${process.arch}`, 'link', (go, directory) =>
    go(['build', '-trimpath', '-o', join(directory, 'link'), source]),
  );
}
