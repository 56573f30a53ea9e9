import { afterEach, expect, test } from '@jest/globals';
import { type Way, wayByApi } from '../../../../src/carriers/stream/way.js';
import { connect } from '../../../../src/kube/connect.js';
import { unlessAborted } from '../../../../src/lib/waiting.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';
import { type FakeForward, startForward } from '../../kube/site/fake-forward.js';
import { kubeconfigOf } from '../../kube/site/fake-server.js';
import { type Blobs, makeBlobs, pullAll, wayToPort } from './delivery.js';

const { signal } = new AbortController();

let server: FakeForward | undefined;
let registry: OnDemandRegistry | undefined;
let blobs: Blobs | undefined;

afterEach(async () => {
  await server?.close();
  await registry?.close();
  await blobs?.remove();
  [server, registry, blobs] = [undefined, undefined, undefined];
});

test('a port-forward whose handshake hangs is asked for again before the way is given up', async () => {
  const answer = (index: number) => (index === 0 ? ('nothing' as const) : undefined);
  server = await startForward(() => undefined, answer);
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`);
  const { client } = await connect({ kubeconfig, env: {} });
  const stream = await wayByApi(client, 'n', 'p', 5001).dial(signal);
  expect(server.asked.length).toBe(2);
  stream.destroy();
  client.close();
});

test('a connection that hangs before it is there holds up no blob', async () => {
  blobs = await makeBlobs(1_000_000);
  registry = await serveOnDemand(blobs.all);
  const straight = await wayToPort(registry, registry.delivery.port);
  let dialled = 0;
  const way: Way = {
    ...straight,
    // The first hears demands, the second is to send.
    dial: (until) =>
      dialled++ === 1 ? unlessAborted(new Promise(() => undefined), until) : straight.dial(until),
  };
  const { pulled } = await pullAll(registry, blobs.all, { way, blobOf: blobs.find });
  expect(pulled).toEqual([blobs.all[0]?.digest]);
  // The third has sent it, and the fourth says that no more comes.
  expect(dialled).toBe(4);
});
