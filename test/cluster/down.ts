import { existsSync } from 'node:fs';
import { cp, mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeGroups } from './machine/cgroup.js';
import { stopMachine } from './machine/machine.js';
import { removeBridge } from './machine/network.js';
import { cacheRoot, stateRoot } from './paths.js';
import { type ClusterState, directoryOf, logsOf } from './state.js';

/**
 * Ends and removes everything of a cluster: its processes (with the Pods'), mounts and networks go
 * with its machines, then links and rules of the host, control groups, files.
 */
export async function takeDown(state: ClusterState): Promise<void> {
  const machines = [...state.nodes, state.controlPlane];
  await Promise.all(machines.map(stopMachine));
  await removeBridge(state.network);
  await removeGroups(state.name);
  await rm(directoryOf(state.name), { recursive: true, force: true });
  await rmdir(stateRoot()).catch(() => {}); // another cluster's state may still be in it
}

/** Copies the logs of a cluster that did not come up to where they outlive it. */
export async function keepLogs(name: string): Promise<string | undefined> {
  if (!existsSync(logsOf(name))) return undefined;
  const kept = join(cacheRoot(), 'failed', name);
  await rm(kept, { recursive: true, force: true });
  await mkdir(kept, { recursive: true });
  await cp(logsOf(name), kept, { recursive: true });
  return kept;
}
