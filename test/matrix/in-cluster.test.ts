import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { permissionsOf } from '../../src/preflight/permissions.js';
import { dockerSidecar, writeDockerImage } from '../e2e/kit/docker-sidecar.js';
import {
  blockUnder,
  bring,
  NAME,
  RUNNERS,
  RUNS,
  RunnersInside,
  wayOf,
} from '../e2e/kit/runners-inside.js';
import { TokenVolume } from '../e2e/kit/token-volume.js';
import { kubectl } from '../helpers/site.js';
import { type OnVariant, onVariant } from './on-variant.js';

/*
 * Runners that are Pods of the cluster, and what they may have besides: a login that changes, a Docker engine of their
 * own, or policies that leave them the API server alone.
 */

/** Runners in Pods of a variant's cluster, for the tests on it. */
function runnersOn(on: () => OnVariant): () => RunnersInside {
  let inside: RunnersInside | undefined;
  beforeAll(async () => {
    inside = await RunnersInside.create(on().jobs.here);
  });
  afterEach(async () => {
    await inside?.runner.endLeft();
  });
  afterAll(() => inside?.close());
  return () => inside as RunnersInside;
}

await onVariant('iptables', (on) => {
  const inside = runnersOn(on);

  test('a namespace for each run, and a token that is another one when the job ends', async () => {
    const { cluster } = on();
    await inside().grant(permissionsOf(false));
    const token = await TokenVolume.create(cluster, RUNNERS, NAME);
    const pod = await inside().pod('rotated', token.podParts);
    const images = await inside().archive('acme/rotated:1', 18_000_000);
    await inside().job(pod, { images, carrier: 'stream:direct' }, async (main) => {
      expect(wayOf(main)).toEqual(['stream', 'direct']);
      await token.rotate('rotated');
    });
  });

  test('an image of the Docker engine in a sidecar', async () => {
    const { cluster, jobs } = on();
    await inside().grant(permissionsOf(true));
    const { directory } = inside().runner;
    const sidecar = dockerSidecar(await bring(jobs.here, writeDockerImage), directory);
    const pod = await inside().pod('with-docker', sidecar);
    const context = join(directory, 'workspace');
    await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\nCMD ["/x"]\n');
    const place = ['--namespace', RUNNERS, 'with-docker', '--container=dind'];
    const build = ['docker', 'build', '--quiet', '--tag', 'acme/built:1', context];
    await kubectl(cluster, 'exec', ...place, '--', ...build);
    await inside().job(pod, { images: 'acme/built:1', namespace: RUNS });
  });
});

await onVariant('network-policies', (on) => {
  const inside = runnersOn(on);

  test('streams through the API server where a policy lets the Pod reach nothing else', async () => {
    const { cluster } = on();
    await inside().grant(permissionsOf(true));
    const { hostname, port } = new URL(cluster.server);
    const policy = (await blockUnder('A network policy'))
      .replace('192.0.2.10', hostname)
      .replace('6443', port);
    await inside().apply(policy);
    const pod = await inside().pod('shut-in');
    const images = await inside().archive('acme/shut-in:1', 18_000_000);
    await inside().job(pod, { images, namespace: RUNS }, (main) => {
      expect(wayOf(main)).toEqual(['stream', 'api']);
    });
  });
});
