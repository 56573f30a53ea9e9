import type { ApiClient, ApiObject } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { NETWORK_POLICY_PATIENCE_SECONDS } from '../lib/limits/pods.js';
import { DELIVERY_PORT, REGISTRY_PORT } from '../run/pod.js';
import type { OpenRun, RunPlace } from '../run/run.js';
import { labelsFor, labelsOf, nameOf, ROLE_LABEL, RUN_LABEL } from '../run/run.js';

/**
 * The policy that lets everybody come to the registry's ports, and couriers and relays go there, and in a release the
 * registry that takes another one's place, and nothing else: none of them has anything to do elsewhere. To a relay with a
 * hostPort nodes come at the port that the registry has, too.
 */
function registryPolicy(run: OpenRun) {
  const ofRegistry = labelsOf(run.id, 'registry');
  const { [ROLE_LABEL]: role, ...ofRun } = ofRegistry;
  const ports = [REGISTRY_PORT, DELIVERY_PORT].map((port) => ({ protocol: 'TCP', port }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: nameOf.networkPolicy(run.id),
      labels: labelsFor(run, 'network-policy'),
      ownerReferences: [run.owner],
    },
    spec: {
      podSelector: {
        matchLabels: ofRun,
        matchExpressions: [{ key: ROLE_LABEL, operator: 'In', values: [role, 'courier', 'relay'] }],
      },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports }],
      egress: [{ to: [{ podSelector: { matchLabels: ofRegistry } }], ports }],
    },
  };
}

/**
 * Where somebody's network policies are in force in the run's namespace, adds one that admits the
 * registry's ports: they add up, so nothing else is opened. Returns whether it is there. A courtesy: who
 * may not, or whom a policy engine refuses it, does without. Throws the signal's reason.
 */
export async function admitRegistry(
  client: ApiClient,
  run: OpenRun,
  signal: AbortSignal,
): Promise<boolean> {
  const options = { signal, patienceSeconds: NETWORK_POLICY_PATIENCE_SECONDS };
  try {
    if ((await strangePolicies(client, run, signal)).length === 0) {
      return false;
    }
    await client.create<ApiObject>(
      collection.networkPolicies(run.namespace),
      registryPolicy(run),
      options,
    );
    return true;
  } catch (error) {
    signal.throwIfAborted();
    return isFault(error, 'exists');
  }
}

/** Names of the network policies in a run's namespace that are not its own. Throws ApiError. */
async function strangePolicies(
  client: ApiClient,
  { id, namespace }: RunPlace,
  signal: AbortSignal,
): Promise<string[]> {
  const { items } = await client.list<ApiObject>(collection.networkPolicies(namespace), {
    query: { labelSelector: `${RUN_LABEL}!=${id}` },
    patienceSeconds: NETWORK_POLICY_PATIENCE_SECONDS,
    signal,
  });
  return items.flatMap(({ metadata }) => metadata?.name ?? []);
}

/** Which nodes came to the registry, and which did not. */
export interface Reach {
  /** The registry's own node. */
  readonly registryNode: string;
  readonly reached: readonly string[];
  readonly unreached: readonly string[];
  /** Connections were refused at once, as where nobody opens the port; who keeps packets from Pods lets them go unanswered. */
  readonly isRefused?: boolean;
}

/**
 * Whether nodes were kept from the registry as a network policy keeps them: its own node comes to it, for
 * no policy stands between a node and its own Pods, and no other one does.
 */
function looksPoliced({ registryNode, reached, unreached }: Reach): boolean {
  return (
    unreached.length > 0 &&
    !unreached.includes(registryNode) &&
    reached.every((node) => node === registryNode)
  );
}

/**
 * Explains an unreachable registry by the network policies of its namespace, or where they let its ports in by what is in
 * none, such as policies that a network plugin has of its own, as a sentence that says what to do; undefined when it looks
 * like neither. Never throws.
 */
export async function networkPolicyWords(
  client: ApiClient,
  run: RunPlace,
  reach: Reach,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!looksPoliced(reach)) {
    return undefined;
  }
  const { id, namespace } = run;
  const names = await strangePolicies(client, run, signal).catch(() => undefined);
  const ours = await client
    .get(`${collection.networkPolicies(namespace)}/${nameOf.networkPolicy(id)}`, { signal })
    .catch(() => undefined);
  if (ours !== undefined || names?.length === 0) {
    if (reach.isRefused) {
      return undefined;
    }
    return `Only its own node ${reach.registryNode} reaches the registry, and no NetworkPolicy of the namespace "${namespace}" keeps others from it; let ports ${REGISTRY_PORT} and ${DELIVERY_PORT} of that namespace's Pods in wherever else nodes are kept from Pods: in the network plugin's own policies, such as Cilium's, Calico's or an AdminNetworkPolicy, and in firewalls between nodes.`;
  }
  const which = names === undefined ? 'A NetworkPolicy' : `The NetworkPolicies ${names.join(', ')}`;
  const who = names === undefined ? 'seems to keep' : 'keep';
  return `${which} of the namespace "${namespace}" ${who} nodes from the registry, for only its own node ${reach.registryNode} reaches it; let port ${REGISTRY_PORT} of Pods with the label ${RUN_LABEL} in, or grant the kubeconfig's user to create NetworkPolicies there.`;
}
