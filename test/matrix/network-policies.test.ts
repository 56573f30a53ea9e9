import { afterAll, expect, test } from '@jest/globals';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { apply, kubectl } from '../helpers/site.js';
import { onVariant } from './on-variant.js';

const image = async () => `oci:${await writeImage([randomLayer(1_000_000)], 'acme/any:1')}`;

await onVariant('network-policies', (on) => {
  /** A namespace whose Pods neither hear nor reach anybody. */
  async function denied(name: string, ...more: object[]): Promise<void> {
    const metadata = { namespace: name };
    const spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { ...metadata, name: 'deny-all' },
        spec,
      },
      ...more,
    ];
    await apply(on().cluster, { apiVersion: 'v1', kind: 'List', items });
  }

  afterAll(async () => {
    await kubectl(on().cluster, 'delete', '--ignore-not-found', 'namespace', 'open', 'shut');
  });

  test('where all is denied the run lets nodes come to its registry', async () => {
    await denied('open');
    await on().jobs.inject([await image()], { inputs: { namespace: 'open' } });
  });

  test('where it may not, the sentence names the policy and what to let in', async () => {
    const hard = { 'count/networkpolicies.networking.k8s.io': '1' };
    const metadata = { name: 'one-policy', namespace: 'shut' };
    await denied('shut', { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } });
    const { jobs } = on();
    const main = await jobs.ended(
      await jobs.start({ images: await image(), namespace: 'shut', route: 'nodeport' }),
    );
    expect(main.exitCode).toBe(1);
    expect(main.errors).toEqual([
      expect.stringMatching(
        /NetworkPolicies deny-all of the namespace "shut" keep nodes from the registry.* let port 5000/,
      ),
    ]);
    await jobs.end(main);
  });
});
