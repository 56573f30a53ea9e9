import { expect, jest, test } from '@jest/globals';
import { kubectl } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { type OnVariant, onVariant } from './on-variant.js';

// CRI-O takes two minutes to say that a hostPort on its loopback leads nowhere.
jest.setTimeout(600_000);

const image = async () => `oci:${await writeImage([randomLayer(1_000_000)], 'acme/any:1')}`;

async function runtimes({ cluster }: OnVariant): Promise<string[]> {
  const path = '-o=jsonpath={.items[*].status.nodeInfo.containerRuntimeVersion}';
  return [...new Set((await kubectl(cluster, 'get', 'nodes', path)).split(' '))];
}

function comeBy(routes: readonly string[], on: () => OnVariant): void {
  test.each(routes)('nodes come by the route %s', async (route) => {
    await on().jobs.inject([await image()], { inputs: { route } });
  });
}

await onVariant('old-containerd', (on) => {
  test('its containerd is of 1.x', async () => {
    expect(await runtimes(on())).toEqual([expect.stringMatching(/^containerd:\/\/1\./)]);
  });
  comeBy(['nodeport', 'hostport', 'hostnetwork'], on);
});

await onVariant('cri-o', (on) => {
  test('its runtime is CRI-O', async () => {
    expect(await runtimes(on())).toEqual([expect.stringMatching(/^cri-o:\/\/1\.34\./)]);
  });
  comeBy(['nodeport', 'hostnetwork'], on);

  // CRI-O makes hostPorts itself, and none of them is on the loopback (`internal/hostport`).
  test('without hostPorts on its loopback it is told what to do', async () => {
    const { jobs } = on();
    const main = await jobs.ended(await jobs.start({ images: await image(), route: 'hostport' }));
    expect([main.exitCode, main.errors]).toEqual([
      1,
      [
        expect.stringMatching(
          /runtime of node node\d cannot reach the registry at 127\.0\.0\.1:.*no route to host.*set the input `route` to auto or hostnetwork/,
        ),
      ],
    ]);
    await jobs.end(main);
  });
});

await onVariant('cri-o-nftables', (on) => {
  test('where neither a NodePort nor a hostPort is on the loopback, the run goes on to the host’s network', async () => {
    await on().jobs.inject([await image()], {
      look: ({ log }) =>
        expect(log).toMatch(/by a relay on each node that listens on the node's own/),
    });
  });
});
