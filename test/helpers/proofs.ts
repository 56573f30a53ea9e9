import { expect } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';
import { list } from './read.js';

interface ProofPod {
  readonly spec: { readonly nodeName: string; readonly containers: { readonly image: string }[] };
  readonly status: {
    readonly containerStatuses: {
      readonly imageID: string;
      readonly state: { running?: object };
    }[];
  };
}

/**
 * Every node has a Pod whose containers run the references, by the digests that the kubelet tells. Those
 * may be others where a node has the same config under several manifests: `digests` is false then.
 */
export async function expectProofs(
  cluster: Cluster,
  given: readonly string[],
  { digests = true } = {},
): Promise<void> {
  // One image may stand under several names in the output.
  const references = [...new Set(given)].sort();
  const labels = 'jackal-inject.dev/role=proof';
  const pods = await list<ProofPod>(cluster, '/api/v1/pods', { labels });
  const nodes = pods.map(({ spec }) => spec.nodeName);
  expect(nodes.sort()).toEqual(cluster.nodes.map(({ name }) => name).sort());
  const digest = (name: string) => name.replace(/^.*@/, '');
  for (const { spec, status } of pods) {
    expect(spec.containers.map(({ image }) => image).sort()).toEqual(references);
    const shown = status.containerStatuses.map(({ imageID, state }) =>
      state.running ? digest(imageID) : 'not running',
    );
    if (digests) expect(shown.sort()).toEqual(references.map(digest).sort());
    else expect(shown).not.toContain('not running');
  }
}
