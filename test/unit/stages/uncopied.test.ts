import * as toolkit from '@actions/core';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { takePlaceOfRunner } from '../../../src/host/runner.js';
import { replacedBy } from '../../../src/payload/replaced.js';
import type { Delivery, KeptRelease } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { tellUncopied } from '../../../src/stages/keep.js';

/* What a step says of the images that it replaces and could not copy. */

let warnings: string[];

beforeEach(() => {
  warnings = [];
  takePlaceOfRunner({ ...toolkit, warning: (sentence) => warnings.push(sentence) });
});

afterEach(() => takePlaceOfRunner(toolkit));

const catalogOf = (version: number) =>
  [
    ...['jackal-catalog 1', 'prefix s', 'repository acme/shop', 'blob sha256:base 5000000'],
    `blob sha256:${version} 3000000`,
    ...[`tag acme/shop ${version} sha256:${version}`, 'end', ''],
  ].join('\n');

/** What is told where nobody may read logs. */
async function told(kept: Partial<KeptRelease>): Promise<number> {
  const job = { rights: { hear: false }, signal: new AbortController().signal };
  const delivery = { release: 'shop', namespace: 'team', kept } as Delivery;
  const replaced = replacedBy(catalogOf(2), catalogOf(1));
  return await tellUncopied(job as RehearsedJob, delivery, { name: 'registry' }, replaced);
}

test('all of them where the registry that had them does not run, whatever logs there are', async () => {
  expect(await told({})).toBe(3_000_000);
  expect(warnings).toEqual([
    'The registry of the release "shop" could not copy 3.0 MB of the images that this step replaces (acme/shop:1) from the one that had them, which does not run: what still runs of these cannot start on nodes that lack them, so roll out now.',
  ]);
});

test('nothing where it runs and nobody knows', async () => {
  expect(await told({ address: '10.0.0.7:5000' })).toBe(0);
  expect(warnings).toEqual([]);
});
