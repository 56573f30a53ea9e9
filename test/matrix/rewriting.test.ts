import { expect, test } from '@jest/globals';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { triedImage } from '../e2e/rewrite/workloads.js';
import { onVariant } from './on-variant.js';

/* Names are rewritten by every API server behind an address, and on older Kubernetes by none. */

const IMAGE = 'acme/any:1';

const written = async () => `oci:${await writeImage([randomLayer(1_000_000)], IMAGE)}`;

await onVariant('two-api-servers', (on) => {
  test('when the step is green each of them rewrites names', async () => {
    const { cluster, jobs } = on();
    const main = await jobs.ended(await jobs.start({ images: await written() }));
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const [reference] = Object.values(JSON.parse(main.outputs.images as string));
    // Each command has a connection of its own, and the next of the servers.
    const tries = Array.from({ length: 8 }, () => triedImage(cluster, 'default', IMAGE));
    expect([...new Set(await Promise.all(tries))]).toEqual([reference]);
    await jobs.end(main);
  });
});

await onVariant('kubernetes-1-35', (on) => {
  test('where there is no such policy the step goes on and says so', async () => {
    await on().jobs.inject([await written()], {
      look: ({ log }) => {
        expect(log).toMatch(
          /Names of images are not rewritten by the cluster, for Kubernetes v1\.35\.\d+ serves no MutatingAdmissionPolicy .*: use the outputs `images`,/,
        );
        expect(log).not.toContain('::group::Rewrite names');
      },
    });
  });

  test('who asks for one is told before anything is written', async () => {
    const { jobs } = on();
    const inputs = { images: await written(), rewrite: 'policy' };
    const main = await jobs.ended(await jobs.start(inputs));
    expect([main.exitCode, main.errors]).toEqual([
      1,
      [
        expect.stringMatching(
          /^The input `rewrite` is policy, and Kubernetes v1\.35\.\d+ serves no MutatingAdmissionPolicy .*set it to auto, which goes on without one, where that cannot be mended\.$/,
        ),
      ],
    ]);
    expect(main.state.cleanup).toBeUndefined();
    await jobs.end(main);
  });
});
