import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { connect } from '../../../../src/kube/connect.js';
import { removeRun } from '../../../../src/run/remove.js';
import { remove } from '../../../../src/stages/remove.js';
import { type FakeServer, kubeconfigOf, startFake } from '../../kube/site/fake-server.js';

/*
 * An API server that takes what it is asked and says nothing any more, as one that hangs or behind a network that is gone.
 */

const RUN = { id: 'a1b2c3d4', namespace: 'default' };
const { signal } = new AbortController();

let server: FakeServer | undefined;

afterEach(() => server?.close());

/** Serves until it is to be silent: then answers are held for ever. */
async function serve(isSilent: (url: string) => boolean) {
  server = await startFake(({ url = '' }, answer: ServerResponse) => {
    if (!isSilent(url)) answer.end('{"gitVersion":"v1.37.2"}');
  });
  return `http://127.0.0.1:${server.port}`;
}

test('a server that is silent is named as what holds a removal up', async () => {
  let versions = 0;
  const address = await serve((url) => url !== '/version' || versions++ > 0);
  const { client } = await connect({ kubeconfig: kubeconfigOf(address), env: {} });
  try {
    await expect(removeRun(client, RUN, signal, 0.2)).rejects.toThrow(
      `The API server at ${address} has not answered for 0.2 s.`,
    );
  } finally {
    client.close();
  }
});

test('and one that answers is not', async () => {
  const address = await serve((url) => url !== '/version');
  const { client } = await connect({ kubeconfig: kubeconfigOf(address), env: {} });
  try {
    await expect(removeRun(client, RUN, signal, 0.2)).rejects.toThrow(
      /^Its (policy is|Pods are|Service is) still there after 0\.2 s\.$/,
    );
  } finally {
    client.close();
  }
});

test('one that never answered ends the removal with a sentence', async () => {
  const address = await serve(() => true);
  process.env.INPUT_KUBECONFIG = kubeconfigOf(address);
  try {
    await expect(remove(RUN, { isOfThisJob: true, elsewhere: String }, 0.5)).rejects.toThrow(
      'The run was not removed within 0.5 s, since the API server answers late or not at all.',
    );
  } finally {
    delete process.env.INPUT_KUBECONFIG;
  }
});
