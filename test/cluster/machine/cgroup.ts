import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../until.js';

/** The control groups of this project stand below this one, at the root of each hierarchy. */
const TOP = 'jackal-inject';

interface Hierarchy {
  directory: string;
  version: 1 | 2;
  controllers: string[];
}

/** The control group hierarchies mounted here: one for version 2, one for each controller for 1. */
export function hierarchies(): Hierarchy[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n');
  return mounts.flatMap((line): Hierarchy[] => {
    const [, directory = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup') return [{ directory, version: 1, controllers: options.split(',') }];
    if (type !== 'cgroup2') return [];
    const file = join(directory, 'cgroup.controllers');
    const controllers = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
    return [{ directory, version: 2, controllers: controllers.filter((name) => name !== '') }];
  });
}

/** The path of a control group, as the kubelet's `cgroupRoot` wants it. */
export function cgroupPath(...names: string[]): string {
  return `/${[TOP, ...names].join('/')}`;
}

function hierarchyOf(controller: string): Hierarchy | undefined {
  return hierarchies().find(({ controllers }) => controllers.includes(controller));
}

/**
 * Makes a control group in every hierarchy and returns the files to write a process id into. Where
 * the machine does not allow it the hierarchy is left out.
 */
export async function makeGroup(...names: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const hierarchy of hierarchies()) {
    try {
      files.push(join(await makeIn(hierarchy, [TOP, ...names]), 'cgroup.procs'));
    } catch {
      // A container without the right to. What cannot do without says so in its log.
    }
  }
  return files;
}

async function makeIn({ directory, version, controllers }: Hierarchy, names: string[]) {
  let group = directory;
  for (const name of names) {
    // A group has the controllers of version 2 that its parent hands on, each by itself allowed.
    const hand = (one: string) => writeFile(join(group, 'cgroup.subtree_control'), `+${one}`);
    if (version === 2) for (const one of controllers) await hand(one).catch(() => {});
    const parent = group;
    group = join(group, name);
    await mkdir(group, { recursive: true });
    if (version === 1 && controllers.includes('cpuset')) await inheritCpus(parent, group);
  }
  return group;
}

/** A new group of version 1 has no CPUs and no memory at first and so can hold no process. */
async function inheritCpus(parent: string, group: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readFile(join(group, file), 'utf8')).trim() !== '') continue;
    await writeFile(join(group, file), await readFile(join(parent, file), 'utf8'));
  }
}

/**
 * Holds all processes of a control group together to a share of one CPU: 0.2 is a fifth, Infinity
 * no limit. Returns whether the machine allows it.
 */
export async function limitCpu(fraction: number, ...names: string[]): Promise<boolean> {
  const place = hierarchyOf('cpu');
  if (!place) return false;
  const directory = join(place.directory, TOP, ...names);
  const period = 100_000; // microseconds, the kernel's default
  const quota = Number.isFinite(fraction) ? Math.max(1000, Math.round(fraction * period)) : -1;
  try {
    if (place.version === 2) {
      await writeFile(join(directory, 'cpu.max'), `${quota < 0 ? 'max' : quota} ${period}`);
    } else {
      await writeFile(join(directory, 'cpu.cfs_period_us'), `${period}`);
      await writeFile(join(directory, 'cpu.cfs_quota_us'), `${quota}`);
    }
    return true;
  } catch {
    return false;
  }
}

/** Removes a control group and all below it, in every hierarchy, once their processes have ended. */
export async function removeGroups(...names: string[]): Promise<void> {
  for (const { directory } of hierarchies()) {
    const group = join(directory, TOP, ...names);
    if (!existsSync(group)) continue;
    // The kernel lets go of a group a moment after its last process has ended.
    await until(`the control group ${group} to be empty`, async () => removeTree(group));
    await rmdir(join(directory, TOP)).catch(() => {}); // others' clusters may still be in it
  }
}

async function removeTree(group: string): Promise<boolean> {
  if (!existsSync(group)) return true;
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(group, entry.name));
  }
  await rmdir(group);
  return true;
}
