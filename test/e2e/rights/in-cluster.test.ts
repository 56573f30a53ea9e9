import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { permissionsOf } from '../../../src/preflight/permissions.js';
import { site, whyNoSite } from '../../helpers/site.js';
import { RUNS, RunnersInside, wayOf } from '../kit/runners-inside.js';

/*
 * A runner that is a Pod of the cluster: no kubeconfig, no Docker, no Rust, no shell, and nothing outside of the cluster
 * can be reached. What else such runners may have is in the matrix.
 */

const onSite = whyNoSite() === undefined ? test : test.skip;

let inside: RunnersInside;

beforeAll(async () => {
  if (whyNoSite() === undefined) inside = await RunnersInside.create(await site());
});

afterEach(async () => {
  await inside?.runner.endLeft();
});

afterAll(() => inside?.close());

onSite(
  'a step in a Pod needs no kubeconfig, no right beyond those documented, and streams from Pod to Pod',
  async () => {
    await inside.grant(permissionsOf(true));
    const images = await inside.archive('acme/inside:1', 18_000_000);
    const inputs = { images, namespace: RUNS, carrier: 'stream:direct' };
    await inside.job(await inside.pod('runner'), inputs, (main) => {
      expect(main.log).toContain('Cluster: https://10.96.0.1,');
      expect(wayOf(main)).toEqual(['stream', 'direct']);
    });
  },
);
