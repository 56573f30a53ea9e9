import { expect } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';
import { kubectl } from './site.js';

interface ProofPod {
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly containerStatuses: {
      readonly imageID: string;
      readonly state: { running?: object };
    }[];
  };
}

/** Every node has a Pod whose containers run the references, by digest, as the kubelet tells. */
export async function expectProofs(cluster: Cluster, references: readonly string[]): Promise<void> {
  const json = await kubectl(
    cluster,
    ...['get', 'pods', '--namespace', 'jackal-inject', '--output', 'json'],
    ...['--selector', 'jackal-inject.dev/role=proof'],
  );
  const pods: ProofPod[] = JSON.parse(json).items;
  const nodes = pods.map(({ spec }) => spec.nodeName);
  expect(nodes.sort()).toEqual(cluster.nodes.map(({ name }) => name).sort());
  const digest = (name: string) => name.replace(/^.*@/, '');
  for (const { status } of pods) {
    const shown = status.containerStatuses.map(({ imageID, state }) =>
      state.running ? digest(imageID) : 'not running',
    );
    expect(shown.sort()).toEqual(references.map(digest).sort());
  }
}
