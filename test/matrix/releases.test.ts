import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { imageLine, ReleaseSteps } from '../e2e/release/steps.js';
import { expectProofs } from '../helpers/proofs.js';
import { onVariant } from './on-variant.js';

/* Releases where nodes come to the registry by relays, which stay from step to step. */

await onVariant('nftables', (on) => {
  let relayed: ReleaseSteps;

  beforeAll(async () => {
    relayed = await ReleaseSteps.create('relayed', on().jobs.here);
  });

  afterAll(() => relayed?.jobs.close());

  test('relays go on when a release is replaced, and its registry lost', async () => {
    const { cluster } = relayed;
    const [, second] = cluster.nodes as [ClusterNode, ClusterNode];
    try {
      const made = await relayed.release([await imageLine('acme/relayed:1', 500_000)]);
      await expectProofs(cluster, made.references);
      const relays = await relayed.pods('relay');
      const names = () => relays.map(({ metadata }) => metadata?.uid).sort();
      expect(names()).toHaveLength(cluster.nodes.length);

      const changed = await relayed.release([await imageLine('acme/relayed:2', 600_000)]);
      expect(changed.main.log).toContain('the release has come so far by it');
      expect(changed.main.outputs.registry).toBe(made.main.outputs.registry);
      await expectProofs(cluster, changed.references);
      const now = (await relayed.pods('relay')).map(({ metadata }) => metadata?.uid).sort();
      expect(now).toEqual(names());
      await relayed.loseRegistry();
      await relayed.pullAgain(second, changed.references);
    } finally {
      await relayed.endLeft();
    }
  });
});
