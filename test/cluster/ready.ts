import { connect as connectSocket } from 'node:net';
import { ActionError, sentenceOf } from '../../src/lib/errors.js';
import { type Api, statusOf } from './api.js';
import { lastLinesOf, run } from './command.js';
import { nodeAddress } from './machine/addresses.js';
import { checkRunning, type Machine } from './machine/machine.js';
import { POLICIES } from './machine/node.js';
import { runtimeOf, runtimeSocket } from './runtime/runtime.js';
import type { ClusterState } from './state.js';
import { until } from './until.js';

/** Waits for something of a component; a failure names its log and tells the end of it. */
async function awaited<T>(
  machine: Machine,
  component: string,
  what: string,
  attempt: () => T | Promise<T>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const check = () => checkRunning(machine);
  try {
    await until(what, attempt, { signal, check });
  } catch (cause) {
    signal?.throwIfAborted();
    const log = machine.components.find(({ name }) => name === component)?.log ?? '';
    if (sentenceOf(cause).includes('has ended')) throw cause;
    throw new ActionError(
      `${sentenceOf(cause)} The log of ${component} on ${machine.name} is ${log} and ends so:\n${await lastLinesOf(log, 15)}`,
      { cause },
    );
  }
}

/** Waits until an API server says that it is ready. */
export async function apiReady(
  { controlPlane }: ClusterState,
  name: string,
  api: Api,
  signal?: AbortSignal,
): Promise<void> {
  const ready = async () => (await api.text('/readyz')) === 'ok';
  await awaited(controlPlane, name, 'the API server to be ready', ready, signal);
}

/** Waits until a node's runtime answers, and gives it the image that holds a Pod's namespaces. */
export async function runtimeReady(
  state: ClusterState,
  node: Machine,
  signal?: AbortSignal,
): Promise<void> {
  const runtime = runtimeOf(state.kind.runtime);
  const socket = runtimeSocket(state.kind.runtime, node);
  const answers = () =>
    new Promise<boolean>((resolve, reject) => {
      const connection = connectSocket(socket, () => {
        connection.destroy();
        resolve(true);
      });
      connection.on('error', reject);
    });
  const { component } = runtime;
  await awaited(node, component, `${component} of ${node.name} to answer`, answers, signal);
  const [program, ...args] = runtime.importPause(node, state.programs) as [string, ...string[]];
  await run(program, args, { signal });
}

interface NodeObject {
  status?: { conditions?: { type: string; status: string; lastHeartbeatTime: string }[] };
}

/** Waits until a node is Ready by what its kubelet has said since `since`, and reaches Services. */
export async function nodeReady(
  state: ClusterState,
  position: number,
  since: Date,
  api: Api,
  signal?: AbortSignal,
): Promise<void> {
  const node = state.nodes[position - 1] as Machine;
  const second = Math.floor(since.getTime() / 1000) * 1000; // as exact as the answer
  const ready = async () => {
    const { status } = await api.json<NodeObject>(`/api/v1/nodes/${node.name}`);
    const condition = status?.conditions?.find(({ type }) => type === 'Ready');
    return condition?.status === 'True' && Date.parse(condition.lastHeartbeatTime) >= second;
  };
  const health = `http://${nodeAddress(state.network, position)}:10256/healthz`;
  const synced = async () => (await statusOf(health)) === 200;
  await Promise.all([
    awaited(node, 'kubelet', `the node ${node.name} to be Ready`, ready, signal),
    awaited(node, 'proxy', `kube-proxy of ${node.name} to have set its rules`, synced, signal),
  ]);
}

/** Waits until NetworkPolicies come about on a node: kube-router is well once it has gone through them. */
export async function policiesReady(
  state: ClusterState,
  position: number,
  signal?: AbortSignal,
): Promise<void> {
  const node = state.nodes[position - 1] as Machine;
  const health = `http://${nodeAddress(state.network, position)}:20244/healthz`;
  const well = async () => (await statusOf(health)) === 200;
  await awaited(node, POLICIES, `network policies of ${node.name}`, well, signal);
}

/** Waits until Pods can be created in the namespace `default`: they need its ServiceAccount. */
export async function controllersReady(
  { controlPlane }: ClusterState,
  api: Api,
  signal?: AbortSignal,
): Promise<void> {
  const there = (path: string) => async () => (await api.text(path)) !== '';
  const namespace = '/api/v1/namespaces/default';
  const account = there(`${namespace}/serviceaccounts/default`);
  const roots = there(`${namespace}/configmaps/kube-root-ca.crt`);
  const name = 'controller-manager';
  await awaited(controlPlane, name, 'the default ServiceAccount', account, signal);
  await awaited(controlPlane, name, 'the ConfigMap kube-root-ca.crt', roots, signal);
}
