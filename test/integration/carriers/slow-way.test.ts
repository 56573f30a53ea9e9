import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Compression, parseCompression } from '../../../src/images/bytes/compression.js';
import { connect } from '../../../src/kube/connect.js';
import { SPEED_ASKED_FROM_BYTES } from '../../../src/lib/limits/carriers.js';
import { GIB } from '../../../src/lib/limits/units.js';
import { databaseBytes } from '../../../src/preflight/database.js';
import { Stages } from '../../../src/report/stages.js';
import { Traffic } from '../../../src/report/traffic.js';
import type { Cluster } from '../../../src/stages/prepare/cluster.js';
import { getImages } from '../../../src/stages/prepare/images.js';
import { dockerArchive, workplace, writeTar } from '../../unit/images/fixtures.js';
import { tarOf } from '../../unit/images/tars.js';
import { type FakeServer, kubeconfigOf, startFake } from '../kube/site/fake-server.js';
import { USUAL_INPUTS } from '../usual-inputs.js';

const before = { ...process.env };
let server: FakeServer | undefined;

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await server?.close();
});

const NODE = { name: 'a', uid: 'a', architecture: 'amd64', images: [] };

/** A cluster far away: by the clock that times the answers, its API server takes a minute for each large question. */
async function slowCluster(): Promise<Cluster> {
  const now = performance.now.bind(performance);
  let waited = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + waited);
  const answer = async (request: IncomingMessage) => {
    if ((await buffer(request)).length > 10_000) waited += 60_000;
    return JSON.stringify({ gitVersion: 'v1.37.2' });
  };
  return await clusterAnswering((request, response) => {
    answer(request).then((body) => response.end(body));
  });
}

/** A cluster that is not on the runner's network. */
async function clusterAnswering(answer: RequestListener): Promise<Cluster> {
  server = await startFake(answer);
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`);
  const { client, version } = await connect({ kubeconfig, env: {} });
  return {
    ...{ client, version, context: 'a', nodes: [{ ...NODE, addresses: [], podRanges: [] }] },
    ...{ nodesUnlisted: false, notOn: [], near: false, obstacle: undefined, leadsLater: false },
    rights: { lacksOnSecrets: undefined, forward: true, hear: true },
    databaseBytes: databaseBytes(client),
    ...{ proxyMode: Promise.resolve(undefined), storageClass: undefined, rewriteIn: undefined },
  };
}

/** How an image of so many bytes is to travel. */
async function carrierTo(
  cluster: Cluster,
  bytes: number,
  compression: Compression | 'auto' = 'auto',
): Promise<string> {
  const place = await workplace();
  process.env.RUNNER_TEMP = place;
  const layer = tarOf([{ path: 'random', bytes: randomBytes(bytes) }]);
  const archive = await writeTar(place, dockerArchive('web:1', [layer]));
  const { planned, laid } = getImages(
    {
      inputs: { ...USUAL_INPUTS, kubeconfig: '', images: [archive], compression },
      log: new Stages(),
      traffic: new Traffic(),
      signal: new AbortController().signal,
    },
    Promise.resolve(cluster),
  );
  const { plan } = await planned;
  await (await laid).images.close();
  cluster.client.close();
  return plan.carrier;
}

test.each<[string, Compression | 'auto']>([
  ['that are compressed', 'auto'],
  ['with nothing to compress', parseCompression('none')],
])(
  'of few bytes %s the way is measured, and a slow one has them streamed',
  async (_, compression) => {
    expect(await carrierTo(await slowCluster(), 3_000_000, compression)).toBe('stream');
  },
);

test.each([
  [1.6 * GIB, 'stream'],
  [1.4 * GIB, 'configmap'],
])('with a database of %d bytes few bytes from afar travel as a %s', async (size, carrier) => {
  const cluster = await clusterAnswering(({ url }, response) => {
    const isMetrics = url === '/metrics';
    const metrics = `apiserver_storage_size_bytes{storage_cluster_id="a"} ${size}\n`;
    response.end(isMetrics ? metrics : JSON.stringify({ gitVersion: 'v1.37.2' }));
  });
  expect(await carrierTo(cluster, SPEED_ASKED_FROM_BYTES / 2)).toBe(carrier);
});
