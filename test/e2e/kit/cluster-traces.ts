import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stateRoot } from '../../cluster/paths.js';

const execute = promisify(execFile);

/** What could be left of a cluster on its host. */
export interface Traces {
  /** Processes in its control groups. */
  processes: string[];
  /** Mounts with its name. */
  mounts: string[];
  /** Links and routes of clusters, but for those of other clusters that are known. */
  links: string[];
  /** All rules of the host's packet filter, but for those of other clusters that are known. */
  rules: string;
  /** Its control groups. */
  groups: string[];
  /** Whether its directory exists. */
  files: boolean;
  /** Settings of the whole kernel that a kubelet, runc or kube-proxy like to change. */
  settings: string[];
}

const SETTINGS = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'net/ipv4/ip_forward',
];

/** Looks for everything of a cluster; other clusters may run beside it. */
export async function traces(name: string): Promise<Traces> {
  const all = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const group = (pid: string) => read(`/proc/${pid}/cgroup`);
  const processes = all.filter((pid) => group(pid).includes(`/jackal-inject/${name}/`));
  // Another cluster may come or go while these are listed.
  const before = otherBridges(name);
  const { stdout: links } = await execute('ip', ['-o', 'link', 'show']);
  const { stdout: routes } = await execute('ip', ['route', 'show', 'table', 'all']);
  const { stdout: rules } = await execute('iptables-save');
  const { stdout: nft } = await execute('nft', ['list', 'ruleset']);
  const others = [...before, ...otherBridges(name)];
  const isOfOthers = (line: string) =>
    others.some((bridge) => new RegExp(`\\b${bridge}\\b`).test(line));
  const ours = (line: string) => /\bjackal\d/.test(line) && !isOfOthers(line);
  return {
    processes: processes.map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')),
    mounts: read('/proc/self/mounts')
      .split('\n')
      .filter((line) => line.includes(`/${name}/`)),
    links: [
      ...[...links.matchAll(/^\d+: ([^@:]+)/gm)].map((match) => match[1] ?? '').filter(ours),
      ...routes.split('\n').filter(ours),
    ].toSorted(),
    rules: (rules + nft)
      .replaceAll(/^#.*$|\[\d+:\d+\]|packets \d+ bytes \d+/gm, '')
      .split('\n')
      .filter((line) => !isOfOthers(line))
      .join('\n'),
    groups: controlGroups('/sys/fs/cgroup', name),
    files: existsSync(join(stateRoot(), name)),
    settings: SETTINGS.map((path) => `${path} ${read(`/proc/sys/${path}`).trim()}`),
  };
}

/** Names of the bridges of all clusters but one. */
function otherBridges(name: string): string[] {
  const names = existsSync(stateRoot()) ? readdirSync(stateRoot()) : [];
  const texts = names.map((one) =>
    one === name ? '' : read(join(stateRoot(), one, 'cluster.json')),
  );
  return texts.flatMap((text) => {
    const bridge = text === '' ? undefined : JSON.parse(text).network.bridge;
    return bridge ? [bridge] : [];
  });
}

/** The control groups with a cluster's name, of all hierarchies. */
function controlGroups(root: string, name: string): string[] {
  const hierarchies = [root, ...readdirSync(root).map((entry) => join(root, entry))];
  return hierarchies
    .map((hierarchy) => join(hierarchy, 'jackal-inject', name))
    .filter((directory) => existsSync(directory));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a process that has just ended
  }
}
