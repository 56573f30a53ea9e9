import { canHost, up } from '../cluster/cluster.js';
import { type DockerEngine, dockerEngine } from '../cluster/docker.js';
import { injectorBinary } from '../helpers/injector-binary.js';
import { leaveWord } from '../helpers/site.js';
import { takeDown } from './teardown.js';

/**
 * Brings up a cluster and a Docker engine for each worker of jest's, so that no two tests meet on one, or says loudly
 * that this machine cannot host them. With JACKAL_TEST_CLUSTER the clusters have that name, and are kept for the next
 * time.
 */
export default async function setup({
  maxWorkers,
}: {
  readonly maxWorkers: number;
}): Promise<void> {
  const host = await canHost();
  if (!host.can) {
    console.error(`\n!!! The end-to-end tests are SKIPPED: ${host.reason}\n`);
    return leaveWord({ missing: host.reason });
  }
  const log = console.error;
  const engines: DockerEngine[] = [];
  // For the tear-down.
  Object.assign(globalThis, { jackalEngines: engines });
  const names = Array.from({ length: maxWorkers }, (_, index) => siteName(index + 1));
  const sites = names.map(async (name) => {
    // The machine's own engine is one: tests on two clusters would meet there, and the integration tests beside them.
    const engine = await dockerEngine({ log, name, own: true });
    engines.push(engine);
    const cluster = await up({ name, nodes: 2, log });
    return { cluster: cluster.name, dockerHost: engine.host };
  });
  // The first time it takes longer than a test may on a busy machine; one that needs it says why there is none.
  await Promise.allSettled([...sites, injectorBinary()]);
  try {
    leaveWord({ sites: await Promise.all(sites) });
  } catch (error) {
    // Jest tears nothing down when the set-up fails.
    await takeDown(engines, names);
    throw error;
  }
}

function siteName(worker: number): string {
  const first = process.env.JACKAL_TEST_CLUSTER ?? 'e2e';
  return worker === 1 ? first : `${first}-${worker}`;
}
