import { isIPv6 } from 'node:net';
import { expect, test } from '@jest/globals';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { ofRole } from '../helpers/jobs.js';
import { kubectl } from '../helpers/site.js';
import { onVariant } from './on-variant.js';

const image = async () => `oci:${await writeImage([randomLayer(1_000_000)], 'acme/any:1')}`;

await onVariant('ipv6-first', (on) => {
  test('Pods and Services have an address of IPv6 first, and one of IPv4 beside it', async () => {
    const { cluster, jobs } = on();
    expect(cluster.server).toContain('[fd00:');
    await jobs.inject([await image()], {
      look: async () => {
        const get = async (kind: string, path: string) =>
          (await kubectl(cluster, 'get', kind, ...ofRole('registry'), `-o=jsonpath=${path}`)).split(
            ' ',
          );
        const pod = await get('pods', '{.items[*].status.podIPs[*].ip}');
        expect(pod.map(isIPv6)).toEqual([true, false]);
        const api = await kubectl(
          cluster,
          'get',
          'service',
          'kubernetes',
          '-o=jsonpath={.spec.clusterIP}',
        );
        expect(isIPv6(api)).toBe(true);
      },
    });
  });

  test.each(['nodeport', 'hostport', 'hostnetwork'])(
    'nodes come by the route %s',
    async (route) => {
      await on().jobs.inject([await image()], { inputs: { route } });
    },
  );

  test('couriers carry what is more than may lie in ConfigMaps at once', async () => {
    const inputs = { carrier: 'configmap', 'configmap-budget': '24Mi' };
    const layers = Array.from({ length: 5 }, () => randomLayer(6_000_000));
    const large = await writeImage(layers, 'acme/large:1');
    await on().jobs.inject([`oci:${large}`], {
      inputs,
      look: ({ outputs }) =>
        expect(JSON.parse(outputs.traffic as string)).toMatchObject({ carrier: 'courier' }),
    });
  });
});
