import { canHost, up } from '../cluster/cluster.js';
import { dockerEngine } from '../cluster/docker.js';
import { SITE_VARIABLE } from '../helpers/site.js';

/**
 * Brings up the cluster and the Docker engine that the end-to-end tests share, or says loudly that
 * this machine cannot host them. With JACKAL_TEST_CLUSTER the cluster of that name is used, and
 * kept for the next time.
 */
export default async function setup(): Promise<void> {
  const host = await canHost();
  if (!host.can) {
    console.error(`\n!!! The end-to-end tests are SKIPPED: ${host.reason}\n`);
    process.env[SITE_VARIABLE] = JSON.stringify({ missing: host.reason });
    return;
  }
  const log = console.error;
  const name = process.env.JACKAL_TEST_CLUSTER ?? 'e2e';
  // An engine of its own, since whoever has brought one up takes it down at the end.
  const docker = await dockerEngine({ log, name });
  Object.assign(globalThis, { jackalDocker: docker });
  const cluster = await up({ name, nodes: 2, log });
  process.env[SITE_VARIABLE] = JSON.stringify({ cluster: cluster.name, dockerHost: docker.host });
}
