import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { seeded } from '../integration/kube/site/fault-proxy.js';
import { onVariant } from './on-variant.js';

/* Runners that are killed at any moment, so that no post step comes: the next attempt of the same workflow cleans up. */

await onVariant('iptables', (on) => {
  let images: string;

  beforeAll(async () => {
    const layers = [randomLayer(6_000_000, 'a'), randomLayer(4_000_000, 'b')];
    images = `${await writeImage(layers, 'acme/medium:1')} as acme/medium:1`;
  });

  test('attempts killed at 20 moments without a post step are removed by the next ones', async () => {
    const { jobs } = on();
    const attempt = (number: number) =>
      jobs.start({ images }, { env: { GITHUB_RUN_ATTEMPT: String(number) } });
    const whole = await jobs.ended(await jobs.start({ images }));
    expect([whole.exitCode, whole.errors]).toEqual([0, []]);
    await jobs.end(whole);
    const random = seeded(2026);
    for (let kill = 1; kill <= 20; kill++) {
      const step = await attempt(kill);
      await pause(whole.duration * random());
      step.process.kill('SIGKILL');
      await step.ended;
    }
    const main = await jobs.ended(await attempt(21));
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    await jobs.emptyTemporaryDirectory();
    await jobs.end(main);
  });
});
