import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Compression, parseCompression } from '../../../src/images/bytes/compression.js';
import { connect } from '../../../src/kube/connect.js';
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
  server = await startFake((request, response) => {
    answer(request).then((body) => response.end(body));
  });
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`);
  const { client, version } = await connect({ kubeconfig, env: {} });
  return {
    ...{ client, version, context: 'a', nodes: [{ ...NODE, addresses: [], podRanges: [] }] },
    ...{ nodesUnlisted: false, notOn: [], near: false, obstacle: undefined, leadsLater: false },
    rights: { lacksOnSecrets: undefined, forward: true, hear: true },
    databaseBytes: Promise.resolve(undefined),
    ...{ proxyMode: Promise.resolve(undefined), storageClass: undefined, rewriteIn: undefined },
  };
}

test.each<[string, Compression | 'auto']>([
  ['that are compressed', 'auto'],
  ['with nothing to compress', parseCompression('none')],
])(
  'of few bytes %s the way is measured, and a slow one has them streamed',
  async (_, compression) => {
    const place = await workplace();
    process.env.RUNNER_TEMP = place;
    const layer = tarOf([{ path: 'random', bytes: randomBytes(3_000_000) }]);
    const archive = await writeTar(place, dockerArchive('web:1', [layer]));
    const cluster = await slowCluster();
    const { planned, laid } = getImages(
      {
        inputs: { ...USUAL_INPUTS, kubeconfig: '', images: [archive], compression },
        log: new Stages(),
        traffic: new Traffic(),
        signal: new AbortController().signal,
      },
      Promise.resolve(cluster),
    );
    expect((await planned).plan.carrier).toBe('stream');
    await (await laid).images.close();
    cluster.client.close();
  },
);
