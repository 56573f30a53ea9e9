import { mkdir } from 'node:fs/promises';
import { type Api, connect } from './api.js';
import { nodeAddress } from './machine/addresses.js';
import { writeKubeconfig } from './machine/certificates.js';
import {
  apiServerNames,
  certificatesOf,
  makeCertificates,
  prepareControlPlane,
  serverOf,
  serversOf,
} from './machine/control-plane.js';
import { shareConnections } from './machine/front.js';
import { type Machine, startComponent, startMachine } from './machine/machine.js';
import { joinBridge, routeFromHost } from './machine/network.js';
import { POLICIES, prepareNode } from './machine/node.js';
import { apiReady, controllersReady, nodeReady, policiesReady, runtimeReady } from './ready.js';
import { runtimeOf } from './runtime/runtime.js';
import { type ClusterState, kubeconfigOf, logsOf, save } from './state.js';

/**
 * Starts everything of a cluster that is only written down so far, and waits until it is ready.
 * When one thing fails the others are broken off and have ended before this returns.
 */
export async function bringUp(state: ClusterState, signal?: AbortSignal): Promise<void> {
  const failure = new AbortController();
  const signals = signal ? [signal, failure.signal] : [failure.signal];
  const together = async (...work: Promise<unknown>[]) => {
    for (const one of work) one.catch((thrown) => failure.abort(thrown));
    await Promise.allSettled(work);
    signal?.throwIfAborted();
    failure.signal.throwIfAborted();
  };
  await bringUpTogether(state, together, AbortSignal.any(signals));
}

async function bringUpTogether(
  state: ClusterState,
  together: (...work: Promise<unknown>[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { controlPlane, network, nodes } = state;
  const positions = nodes.map((_, index) => index + 1);
  await mkdir(logsOf(state.name), { recursive: true });
  await together(makeCertificates(controlPlane, network, nodes), startMachines(state));
  await prepareControlPlane(state, logsOf(state.name));
  await Promise.all(positions.map((at) => prepareNode(state, at, logsOf(state.name))));
  const pki = certificatesOf(controlPlane);
  const server = serverOf(network);
  await writeKubeconfig(kubeconfigOf(state.name), pki, 'admin', server, state.name);
  await routeFromHost(network, nodes.length);

  const apis = await Promise.all(serversOf(network).map((each) => connect(each, pki)));
  const runtime = runtimeOf(state.kind.runtime).component;
  const [api] = apis as [Api, ...Api[]];
  try {
    await startNamed(controlPlane, 'etcd', ...apiServerNames(network));
    for (const node of nodes) await startNamed(node, runtime);
    await save(state);
    await together(
      ...apis.map((each, at) =>
        apiReady(state, apiServerNames(network)[at] as string, each, signal),
      ),
      ...nodes.map((node) => runtimeReady(state, node, signal)),
    );
    await startNamed(controlPlane, 'controller-manager', 'scheduler');
    const since = new Date();
    await together(
      controllersReady(state, api, signal),
      ...positions.map((at) => startKubelet(state, at, since, api, signal)),
    );
  } finally {
    for (const each of apis) each.close();
  }
  state.phase = 'running';
  await save(state);
}

/** One after the other: each is written down before the next, so that `down` finds it. */
async function startMachines(state: ClusterState): Promise<void> {
  await startNetworked(state, state.controlPlane, 0);
  for (const [index, node] of state.nodes.entries()) await startNetworked(state, node, index + 1);
}

/** Starts a machine, joined to the bridge; position 0 is the control plane. */
async function startNetworked(state: ClusterState, machine: Machine, at: number): Promise<void> {
  const { network, nodes } = state;
  await startMachine(machine);
  await save(state);
  const addresses =
    at === 0 ? [...new Set([...network.apiServers, network.front])] : [nodeAddress(network, at)];
  const first = machine.first?.pid ?? 0;
  await joinBridge(
    network,
    { first, addresses, link: `${network.bridge}-${at}` },
    nodes.length,
    at,
  );
  if (at === 0) await shareConnections(network, first);
}

async function startNamed(machine: Machine, ...names: string[]): Promise<void> {
  for (const component of machine.components) {
    if (names.includes(component.name)) await startComponent(machine, component);
  }
}

async function startKubelet(
  state: ClusterState,
  position: number,
  since: Date,
  api: Api,
  signal?: AbortSignal,
): Promise<void> {
  await startNamed(state.nodes[position - 1] as Machine, 'kubelet', 'proxy');
  await save(state);
  await nodeReady(state, position, since, api, signal);
  if (state.kind.networkPolicies === 'none') return;
  await startNamed(state.nodes[position - 1] as Machine, POLICIES);
  await save(state);
  await policiesReady(state, position, signal);
}

/** Starts a node again that was stopped, and waits until it is Ready. */
export async function startNode(state: ClusterState, position: number): Promise<void> {
  const node = state.nodes[position - 1] as Machine;
  const api = await connect(serverOf(state.network), certificatesOf(state.controlPlane));
  try {
    const since = new Date();
    await startNetworked(state, node, position);
    await startNamed(node, runtimeOf(state.kind.runtime).component);
    await runtimeReady(state, node);
    await startKubelet(state, position, since, api);
  } finally {
    api.close();
  }
}
