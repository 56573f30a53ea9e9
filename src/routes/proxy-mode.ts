import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { configMapsPath } from '../kube/configmaps.js';
import { ifAnswered } from '../kube/error.js';
import { settled } from '../lib/slots.js';

/**
 * Where kubeadm, kind, minikube and others keep kube-proxy's configuration (kubeadm `addons/proxy`), and where EKS does (its
 * add-on `kube-proxy`; the first has how to log in there).
 */
const PATHS = ['kube-proxy', 'kube-proxy-config'].map(
  (name) => `${configMapsPath('kube-system')}/${name}`,
);

/**
 * kube-proxy's mode as its configuration says; undefined where there is none that may be read. It is a hint: a node may
 * have another one, or none at all.
 */
export async function readProxyMode(
  client: ApiClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const modes = await settled(
    PATHS.map(async (path) => {
      const found = await ifAnswered(client.get<V1ConfigMap>(path, { signal }), signal);
      return found && proxyModeIn(Object.values(found.data ?? {}).join('\n'));
    }),
  );
  return modes.find((mode) => mode !== undefined);
}

/** The mode in the text of a KubeProxyConfiguration, YAML or JSON; empty for the default. */
export function proxyModeIn(text: string): string | undefined {
  return /^\s*"?mode"?:\s*["']?([a-z]*)["']?,?\s*$/m.exec(text)?.[1];
}
