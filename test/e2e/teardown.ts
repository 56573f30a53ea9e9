import { down } from '../cluster/cluster.js';
import type { DockerEngine } from '../cluster/docker.js';
import { readWord } from '../helpers/site.js';

/** Takes down what the set-up brought up. */
export default async function teardown(): Promise<void> {
  const { jackalEngines = [] } = globalThis as { jackalEngines?: readonly DockerEngine[] };
  const word = readWord();
  await takeDown(jackalEngines, 'sites' in word ? word.sites.map(({ cluster }) => cluster) : []);
}

/** Ends engines, and takes clusters down unless they are to be kept. */
export async function takeDown(
  engines: readonly DockerEngine[],
  clusters: readonly string[],
): Promise<void> {
  await Promise.all(engines.map((engine) => engine.close()));
  if (process.env.JACKAL_TEST_CLUSTER === undefined)
    await Promise.all(clusters.map((name) => down(name)));
}
