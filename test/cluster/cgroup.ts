import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.js';

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
 * Makes the control groups in which processes are counted and limited, and returns the files to
 * write a process id into. Empty where the machine does not allow it: nothing but the limits for a
 * bench depends on it.
 */
export async function makeGroup(...names: string[]): Promise<string[]> {
  const places = new Map<string, Hierarchy>();
  for (const controller of ['cpu', 'memory']) {
    const found = hierarchyOf(controller);
    if (found) places.set(found.directory, found);
  }
  const files: string[] = [];
  for (const place of places.values()) {
    try {
      files.push(join(await makeIn(place, [TOP, ...names]), 'cgroup.procs'));
    } catch {
      // A container without the right to; see above.
    }
  }
  return files;
}

async function makeIn(place: Hierarchy, names: string[]): Promise<string> {
  let directory = place.directory;
  for (const name of names) {
    if (place.version === 2) {
      await writeFile(join(directory, 'cgroup.subtree_control'), '+cpu +memory +pids');
    }
    directory = join(directory, name);
    await mkdir(directory, { recursive: true });
  }
  return directory;
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
    await until(`the control group ${group} to be empty`, async () => removeTree(group), {
      seconds: 20,
    });
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
