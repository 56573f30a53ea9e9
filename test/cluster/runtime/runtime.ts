import { join } from 'node:path';
import type { Machine } from '../machine/machine.js';
import { containerd1, containerd2 } from './containerd.js';
import { crio } from './crio.js';

/**
 * A node's container runtime: ours, the distribution's containerd (1.6 or 1.7), or CRI-O, of the last minor that pulls
 * from 127.0.0.1 over plain HTTP without being told to, or of the first that does not.
 */
export type RuntimeName = 'containerd' | 'containerd-debian' | 'crio' | 'crio-https';

/** What a machine needs of a runtime. */
export interface Runtime {
  /** Name of the component. */
  readonly component: string;
  readonly command: readonly string[];
  /** Its socket, inside a machine. */
  readonly socket: string;
  /** Texts of its files by their names below INSIDE. */
  readonly files: Readonly<Record<string, string>>;
  /** The command, outside, that gives it the image that holds a Pod's namespaces, once it answers. */
  importPause(node: Machine, programs: Readonly<Record<string, string>>): string[];
}

/** Path of the runtime's socket as seen from outside. */
export function runtimeSocket(name: RuntimeName, node: Machine): string {
  return join(node.directory, runtimeOf(name).socket);
}

/** How a runtime is set up on a machine. */
export function runtimeOf(name: RuntimeName): Runtime {
  const runtimes = {
    containerd: containerd2,
    'containerd-debian': containerd1,
    crio,
    'crio-https': crio,
  };
  return runtimes[name]();
}
