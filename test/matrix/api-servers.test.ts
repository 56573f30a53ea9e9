import { afterEach, expect, test } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { type ApiLine, startApiLine } from '../helpers/link/api-line.js';
import { expectProofs } from '../helpers/proofs.js';
import { kubectl } from '../helpers/site.js';
import { onVariant } from './on-variant.js';

let line: ApiLine | undefined;

afterEach(async () => {
  await line?.close();
  line = undefined;
});

await onVariant('two-api-servers', (on) => {
  test.each(['apiserver', 'apiserver2'])(
    'when %s ends during the upload the run goes on with the other one',
    async (name) => {
      const { cluster, jobs } = on();
      const place = await writeImage([randomLayer(6_000_000)], 'acme/any:1');
      line = await startApiLine(cluster, { holdBytes: 3_000_000 });
      const { kubeconfig } = line;
      const slowly = { carrier: 'configmap', 'chunk-size': '128Ki', concurrency: '1' };
      const step = await jobs.start({ images: `oci:${place}`, ...slowly, kubeconfig });
      try {
        await step.logged(/::group::Upload/);
        await line.held;
        await jobs.untilThere('configmap', 'chunk', 3);
        await cluster.controlPlane.stopComponent(name);
        line.release();
        const main = await jobs.ended(step);
        expect([main.exitCode, main.errors]).toEqual([0, []]);
        await startAgain(cluster, name);
        await expectProofs(cluster, Object.values(JSON.parse(main.outputs.images as string)));
        await jobs.end(main);
      } finally {
        // The post step of a job that is left goes by this line, too.
        line.release();
        await startAgain(cluster, name);
      }
    },
  );
});

/** Starts a server, and waits until each answers for itself, since a command is given to any of them. */
async function startAgain(cluster: Cluster, name: string): Promise<void> {
  await cluster.controlPlane.startComponent(name);
  for (const address of cluster.network.apiServers) {
    const ready = ['--server', `https://${address}:6443`, 'get', '--raw', '/readyz'];
    await until(
      `the API server at ${address} to serve`,
      async () => (await kubectl(cluster, ...ready)) === 'ok',
    );
  }
}
