import { expect, test } from '@jest/globals';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { imageLine, ReleaseSteps } from '../e2e/release/steps.js';
import { Jobs } from '../helpers/jobs.js';
import { expectProofs } from '../helpers/proofs.js';
import { apply, deleteNamespaces } from '../helpers/site.js';
import { onVariant } from './on-variant.js';

const image = async () => `oci:${await writeImage([randomLayer(1_000_000)], 'acme/any:1')}`;

await onVariant('network-policies', (on) => {
  /** Has jobs go on while there is a namespace whose Pods neither hear nor reach anybody. */
  async function denied(
    namespace: string,
    objects: readonly object[],
    body: (jobs: Jobs) => Promise<void>,
  ): Promise<void> {
    const { cluster, jobs } = on();
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny-all', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    };
    const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    const items = [own, policy, ...objects];
    await apply(cluster, { apiVersion: 'v1', kind: 'List', items });
    try {
      const within = await Jobs.create(jobs.here);
      try {
        await body(within);
      } finally {
        await within.close();
      }
    } finally {
      await deleteNamespaces(cluster, namespace);
    }
  }

  test('where all is denied the run lets nodes come to its registry', async () => {
    await denied('open', [], async (jobs) => {
      await jobs.inject([await image()], { inputs: { namespace: 'open' } });
    });
  });

  test('where all is denied relays come to the registry', async () => {
    await denied('relayed', [], async (jobs) => {
      await jobs.inject([await image()], { inputs: { namespace: 'relayed', route: 'hostport' } });
    });
  });

  test('a release copies from the registry that it replaces', async () => {
    await denied('kept', [], async ({ here }) => {
      const kept = await ReleaseSteps.create('kept', here, { namespace: 'kept' });
      try {
        const line = await imageLine('acme/kept:1', 2_000_000);
        for (const isSent of [true, false]) {
          const { references, sentBytes } = await kept.release([line], { carrier: 'stream' });
          expect(sentBytes > 0).toBe(isSent);
          await expectProofs(here.cluster, references);
        }
      } finally {
        await kept.endLeft();
        await kept.jobs.close();
      }
    });
  });

  test('where it may not, the sentence names the policy and what to let in', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'one-policy', namespace: 'shut' },
      spec: { hard: { 'count/networkpolicies.networking.k8s.io': '1' } },
    };
    await denied('shut', [quota], async (jobs) => {
      const main = await jobs.ended(
        await jobs.start({ images: await image(), namespace: 'shut', route: 'nodeport' }),
      );
      expect([main.exitCode, main.errors]).toEqual([
        1,
        [
          expect.stringMatching(
            /NetworkPolicies deny-all of the namespace "shut" keep nodes from the registry.* let port 5000/,
          ),
        ],
      ]);
      await jobs.end(main);
    });
  });
});
