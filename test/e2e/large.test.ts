import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectProofs } from '../helpers/proofs.js';
import { peakOf, Runner } from '../helpers/runner.js';
import { inventory, type Site, site, whyNoSite } from '../helpers/site.js';
import { randomLayer, writeImage } from './kit/random-image.js';

const LAYERS = 10;
const LAYER_BYTES = 50_000_000;
/** The most memory that the action may take on the runner, in MB, whatever it sends and however. */
const MEMORY_MEGABYTES = 200;

let here: Site;
let runner: Runner;

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() === undefined) here = await site();
});

afterAll(() => runner.close());

/** Writes an image of 500 MB that nothing can compress; returns its place. */
async function writeLarge(): Promise<string> {
  const paths = Array.from({ length: LAYERS }, (_, index) => `file-${index}`);
  const layers = paths.map((path) => randomLayer(LAYER_BYTES, path));
  return await writeImage(layers, 'acme/large:500');
}

/**
 * The most that is in flight at once. Left to the measurements it is little, and 500 MB take eight minutes, where
 * the control plane is short of CPU.
 */
const most = { 'chunk-size': '1024Ki', concurrency: '16' };

(whyNoSite() === undefined ? test.each : test.skip.each)([
  ['as a stream', { carrier: 'auto' }],
  ['by couriers', { carrier: 'configmap', ...most }],
])(
  `500 MB reach both nodes %s through less than ${MEMORY_MEGABYTES} MB of memory on the runner`,
  async (_, carrier) => {
    const { cluster } = here;
    const before = await inventory(cluster);
    const inputs = {
      images: await writeLarge(),
      kubeconfig: cluster.kubeconfig,
      ...carrier,
    };
    const step = await runner.start({ inputs });
    const peak = await peakOf(step.process.pid as number, step.ended);
    const main = await step.ended;
    try {
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      await expectProofs(cluster, Object.values(JSON.parse(main.outputs.images as string)));
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(MEMORY_MEGABYTES * 1e6);
    } finally {
      const post = await runner.run({ inputs, state: main.state });
      expect([post.exitCode, post.warnings]).toEqual([0, []]);
      expect(await inventory(cluster)).toEqual(before);
    }
  },
);
