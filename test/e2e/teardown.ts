import { down } from '../cluster/cluster.js';
import type { DockerEngine } from '../cluster/docker.js';
import { readWord } from '../helpers/site.js';

/** Takes down what the set-up brought up. */
export default async function teardown(): Promise<void> {
  const { jackalEngines = [] } = globalThis as { jackalEngines?: readonly DockerEngine[] };
  await Promise.all(jackalEngines.map((engine) => engine.close()));
  const word = readWord();
  if ('sites' in word && process.env.JACKAL_TEST_CLUSTER === undefined) {
    await Promise.all(word.sites.map(({ cluster }) => down(cluster)));
  }
}
