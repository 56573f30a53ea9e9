import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterKind, USUAL } from './kind.js';
import type { ClusterNetwork } from './machine/addresses.js';
import type { Machine } from './machine/machine.js';
import { stateRoot } from './paths.js';

/** What runs, as written to cluster.json. */
export interface ClusterState {
  name: string;
  phase: 'starting' | 'running';
  kind: ClusterKind;
  /** The kernel's id of this boot: after another one, nothing of the cluster runs. */
  boot: string;
  started: string;
  network: ClusterNetwork;
  /** Directories of the programs, in the cache. */
  programs: Record<string, string>;
  controlPlane: Machine;
  nodes: Machine[];
}

/** Directory of a cluster. */
export function directoryOf(name: string): string {
  return join(stateRoot(), name);
}

function fileOf(name: string): string {
  return join(directoryOf(name), 'cluster.json');
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Writes down what runs; at once or not at all, and one after the other. */
export async function save(state: ClusterState): Promise<void> {
  lastSave = lastSave.catch(() => {}).then(() => write(state));
  await lastSave;
}

let lastSave: Promise<void> = Promise.resolve();

async function write(state: ClusterState): Promise<void> {
  const file = fileOf(state.name);
  await mkdir(directoryOf(state.name), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** What is written down of a cluster; undefined when there is none by this name. */
export async function load(name: string): Promise<ClusterState | undefined> {
  const text = await readFile(fileOf(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as ClusterState;
  // One that was brought up before something could be chosen has the usual of that.
  state.kind = { ...USUAL, ...state.kind };
  if (state.boot !== bootId()) forgetProcesses([state.controlPlane, ...state.nodes]);
  return state;
}

/** After a reboot the ids are other processes'. */
function forgetProcesses(machines: Machine[]): void {
  for (const machine of machines) {
    delete machine.keeper;
    delete machine.first;
    for (const component of machine.components) delete component.process;
  }
}

/** All clusters that are written down, by name. */
export async function loadAll(): Promise<ClusterState[]> {
  const names = await readdir(stateRoot()).catch(() => []);
  const states = await Promise.all(names.toSorted().map(load));
  return states.filter((state) => state !== undefined);
}

/** Path of the administrator's kubeconfig. */
export function kubeconfigOf(name: string): string {
  return join(directoryOf(name), 'kubeconfig');
}

/** Directory of the components' logs, one file each. */
export function logsOf(name: string): string {
  return join(directoryOf(name), 'logs');
}
