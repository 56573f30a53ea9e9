import { join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';
import { type Api, connect } from './api.js';
import type { ClusterKind } from './kind.js';
import { type ClusterNetwork, nodeAddress } from './machine/addresses.js';
import { certificatesOf, serverOf } from './machine/control-plane.js';
import {
  type Component,
  entering,
  type Machine,
  processOf,
  startComponent,
  stopComponent,
  stopMachine,
} from './machine/machine.js';
import { isAlive } from './machine/process.js';
import { runtimeSocket } from './runtime/runtime.js';
import { startNode } from './start.js';
import { type ClusterState, directoryOf, kubeconfigOf, logsOf, save } from './state.js';

/** A machine of a cluster: the control plane, or a node. All values are as of when they are read. */
export interface ClusterMachine {
  name: string;
  address: string;
  running: boolean;
  /** Its /run, /var/lib and /var/log lie here. */
  directory: string;
  /** Path of its network namespace, for `nsenter --net=PATH`. */
  networkNamespace: string;
  /** Process id of each component that runs, by name. */
  pids: Record<string, number>;
  /** Path of each component's log, by name. */
  logs: Record<string, string>;
  /** Program and arguments that run a command inside the machine. */
  enter(command: readonly string[]): string[];
  /** Ends one component (`apiserver`, `kubelet`, …), as an administrator does. */
  stopComponent(name: string): Promise<void>;
  /** Starts one component again; does not wait until it is ready. */
  startComponent(name: string): Promise<void>;
}

export interface ClusterNode extends ClusterMachine {
  /** Path of containerd's socket, or that of the runtime in its place, usable from outside. */
  containerdSocket: string;
  /** Ends the node with all its Pods at once, as when its power is cut. */
  stop(): Promise<void>;
  /** Starts a stopped node with the disk it had, and waits until it is Ready. */
  start(): Promise<void>;
}

export interface Cluster {
  name: string;
  /** Whether all its machines and components run. */
  running: boolean;
  kind: ClusterKind;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  server: string;
  /** The bridge that joins its machines and the host, and the addresses on it. */
  network: ClusterNetwork;
  /** Path of the kubectl of the cluster's version. */
  kubectl: string;
  /** Path of ctr, for use with a node's containerdSocket. */
  ctr: string;
  /** Directory of the cluster's files; cluster.json in it says what runs. */
  directory: string;
  controlPlane: ClusterMachine;
  nodes: ClusterNode[];
  /** A connection to the API server as administrator, which starts no kubectl; to be closed. */
  connect(): Promise<Api>;
}

/** Milliseconds for an answer of an API server that is up, and may be busy. */
const PATIENCE = 60_000;

/** Whether a cluster has come up and nothing of it has ended since. */
export function isRunning(state: ClusterState): boolean {
  const machines = [state.controlPlane, ...state.nodes];
  return state.phase === 'running' && machines.every(isMachineRunning);
}

function isMachineRunning({ first, components }: Machine): boolean {
  return isAlive(first) && components.every((component) => isAlive(component.process));
}

/** What callers are given of a cluster. */
export function clusterOf(state: ClusterState): Cluster {
  const { name, kind, network } = state;
  return {
    ...{ name, kind, network },
    ...{ kubeconfig: kubeconfigOf(name), server: serverOf(network) },
    get running() {
      return isRunning(state);
    },
    kubectl: join(state.programs.kube ?? '', 'kubectl'),
    ctr: join(state.programs.containerd ?? '', 'ctr'),
    directory: directoryOf(name),
    controlPlane: machineOf(state, state.controlPlane, network.controlPlane),
    nodes: state.nodes.map((node, index) => nodeOf(state, node, index + 1)),
    connect: () => connect(serverOf(network), certificatesOf(state.controlPlane), PATIENCE),
  };
}

function machineOf(state: ClusterState, machine: Machine, address: string): ClusterMachine {
  const component = (name: string): Component => {
    const found = machine.components.find((one) => one.name === name);
    if (found) return found;
    const names = machine.components.map((one) => one.name).join(', ');
    throw new ActionError(`${machine.name} has no component ${name}; it has ${names}.`);
  };
  return {
    ...{ name: machine.name, address, directory: machine.directory },
    get running() {
      return isMachineRunning(machine);
    },
    get networkNamespace() {
      return `/proc/${machine.first?.pid ?? 0}/ns/net`;
    },
    get pids() {
      const all = machine.components.map((one) => [one.name, processOf(one)] as const);
      return Object.fromEntries(all.filter((pair) => pair[1] !== undefined)) as Record<
        string,
        number
      >;
    },
    logs: Object.fromEntries(
      machine.components.map((one) => [
        one.name,
        join(logsOf(state.name), `${machine.name}-${one.name}.log`),
      ]),
    ),
    enter: (command) => entering(machine, command),
    stopComponent: (name) => stopComponent(component(name)),
    async startComponent(name) {
      await startComponent(machine, component(name));
      await save(state);
    },
  };
}

function nodeOf(state: ClusterState, node: Machine, position: number): ClusterNode {
  const machine = machineOf(state, node, nodeAddress(state.network, position));
  // Descriptors, so that what is read anew each time stays so.
  return Object.defineProperties({} as ClusterNode, {
    ...Object.getOwnPropertyDescriptors(machine),
    ...Object.getOwnPropertyDescriptors({
      containerdSocket: runtimeSocket(state.kind.runtime, node),
      async stop() {
        await stopMachine(node);
        await save(state);
      },
      async start() {
        if (!isAlive(node.first)) await startNode(state, position);
      },
    }),
  });
}
