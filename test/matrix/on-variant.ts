import { afterAll, afterEach, beforeAll, describe, test } from '@jest/globals';
import { type Cluster, down, up } from '../cluster/cluster.js';
import { Jobs } from '../helpers/jobs.js';
import { type Variant, variants, whyNotHere } from './variants.js';

/** What tests on a variant are given, once they run. */
export interface OnVariant {
  readonly cluster: Cluster;
  readonly jobs: Jobs;
}

/**
 * Tests on a variant of the test cluster, which comes up for them and is taken down after them. Where it cannot be had
 * they are skipped, and the reason is said.
 */
export async function onVariant(name: string, tests: (on: () => OnVariant) => void): Promise<void> {
  const variant = variants.find((one) => one.name === name) as Variant;
  const reason = await whyNotHere(variant);
  if (reason !== undefined) {
    console.error(`!!! The tests on ${name} are SKIPPED: ${reason}`);
    describe(name, () => test.skip(reason, () => {}));
    return;
  }
  describe(name, () => {
    let on: OnVariant | undefined;
    beforeAll(async () => {
      const cluster = await up({ ...variant.options, name: `on-${name}`, log: console.error });
      on = { cluster, jobs: await Jobs.create({ cluster, dockerHost: '' }) };
    });
    afterEach(() => on?.jobs.endLeft());
    // What the tests do at their end comes before the cluster goes.
    tests(() => on as OnVariant);
    afterAll(async () => {
      await on?.jobs.close();
      await down(`on-${name}`);
    });
  });
}
