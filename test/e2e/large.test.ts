import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setInterval as every } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectProofs } from '../helpers/proofs.js';
import { Runner } from '../helpers/runner.js';
import { inventory, type Site, site, whyNoSite } from '../helpers/site.js';
import { Layout, tarOf, workplace, writeDirectory } from '../unit/images/fixtures.js';

const LAYERS = 10;
const LAYER_BYTES = 50_000_000;
/** The most memory that the action may take on the runner, in MiB, whatever it sends. */
const MEMORY = { stream: 200, couriers: 220 };

let here: Site;
let runner: Runner;

beforeAll(async () => {
  runner = await Runner.create();
  if (whyNoSite() === undefined) here = await site();
});

afterAll(() => runner.close());

/** Writes an image of 500 MB that nothing can compress, as an OCI layout; returns its place. */
async function writeLarge(): Promise<string> {
  const layout = new Layout();
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const layers = Array.from({ length: LAYERS }, (_, index) => {
    const raw = tarOf([{ path: `file-${index}`, bytes: randomBytes(LAYER_BYTES) }]);
    return { raw, stored: gzipSync(raw, { level: 0 }), mediaType };
  });
  layout.list(layout.image(layers), 'docker.io/acme/large:500');
  return await writeDirectory(await workplace(), layout.entries(), 'large');
}

/** The most memory that a process has had until it ended, in bytes. */
async function peakOf(pid: number, ended: Promise<unknown>): Promise<number> {
  const stop = new AbortController();
  ended.finally(() => stop.abort());
  let peak = 0;
  try {
    for await (const _ of every(100, undefined, { signal: stop.signal })) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      peak = 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? peak / 1024);
    }
  } catch {
    // The process has ended.
  }
  return peak;
}

(whyNoSite() === undefined ? test.each : test.skip.each)([
  ['as a stream', MEMORY.stream, { carrier: 'auto' }],
  ['by couriers', MEMORY.couriers, { carrier: 'configmap' }],
])(
  '500 MB reach both nodes %s through less than %i MiB of memory on the runner',
  async (_, mebibytes, carrier) => {
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
      expect(peak).toBeLessThan(mebibytes * 1024 * 1024);
    } finally {
      const post = await runner.run({ inputs, state: main.state });
      expect([post.exitCode, post.warnings]).toEqual([0, []]);
      expect(await inventory(cluster)).toEqual(before);
    }
  },
  600_000,
);
