import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDaemon } from '../../../../src/images/daemon/daemon.js';
import { until } from '../../../cluster/until.js';
import { standStill } from '../../../helpers/link/stand-still.js';
import { dockerArchive, layerOf, refusal, tarOf, workplace } from '../fixtures.js';

const ID = `sha256:${'ab'.repeat(32)}`;
const LAYER = layerOf('a', 'a'.repeat(4000));
const SAVED = tarOf(dockerArchive('web:1', [LAYER]));
/** Where the layer's bytes lie in what is saved, and where its entry ends. */
const LAYER_START = SAVED.indexOf(LAYER);
const LAYER_END = LAYER_START + LAYER.length;

type Answer = (response: ServerResponse) => unknown;

let close: () => void;
let inspects: Answer;
let saves: Answer;
let environment: { readonly DOCKER_HOST: string };

beforeEach(async () => {
  inspects = (response) => response.end(JSON.stringify({ Id: ID, RepoTags: ['web:1'] }));
  const server = createServer(({ url }, response) =>
    (url?.startsWith('/images/get?') ? saves : inspects)(response),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});

afterEach(() => close());

/** The sentence with which the image is refused, without the daemon's address. */
async function told(answer: Answer): Promise<string> {
  saves = answer;
  const sentence = await refusal(await workplace(), ['web:1'], { environment });
  return sentence.replace(environment.DOCKER_HOST, 'DAEMON');
}

const brokeOff = (why: string) =>
  `The daemon at DAEMON broke off while it saved web:1 (${why}); see that it runs and that its disk is not full, and run the job again.`;

test('a daemon that ends while it saves', async () => {
  const sentence = await told((response) =>
    response.write(SAVED.subarray(0, LAYER_START + 100), () => response.destroy()),
  );
  // Here Node's errors are of another realm.
  expect(sentence.replace('Error: ', '')).toBe(brokeOff('aborted'));
});

test.each([
  ['in the midst of a layer', LAYER_START + 1000],
  ['between two entries', LAYER_END],
  ['before the first entry', 0],
])('a save that fails %s is told in the words of the daemon', async (_, length) => {
  // Within a header, and longer than one.
  for (const words of ['no "such" file', `open ${'/a/very/long/path'.repeat(40)}`]) {
    const error = JSON.stringify({ errorDetail: { message: words }, error: `${words}.` });
    const sentence = await told((response) => {
      response.write(SAVED.subarray(0, length));
      response.end(`${error}\r\n`);
    });
    expect(sentence).toContain(`broke off while it saved web:1 (${words.slice(0, 40)}`);
  }
});

test('a save that just ends', async () => {
  const sentence = await told((response) => response.end(SAVED.subarray(0, LAYER_START + 100)));
  expect(sentence).toBe(brokeOff('its answer is cut off'));
});

test('what is wrong with a whole save is told as it is', async () => {
  const entries = [...dockerArchive('web:1', [LAYER]), { path: '../evil', bytes: LAYER }];
  const sentence = await told((response) => response.end(tarOf(entries)));
  expect(sentence).toContain('has the entry "../evil", whose path leads out of the archive');
});

test.each([
  [
    'no space left on device',
    'no room to save the image web:1 (write /x: no space left on device)',
  ],
  ['no such layer', 'image web:1 but cannot save it: write /x: no such layer; fetch it again with'],
])('a save that is refused for %s', async (why, words) => {
  const body = JSON.stringify({ message: `write /x: ${why}` });
  expect(await told((response) => response.writeHead(500).end(body))).toContain(words);
});

test.each<[string, Answer]>([
  ['not at all', () => undefined],
  ['not to the end', (response) => response.write('{')],
])('a daemon that takes the question and answers %s', async (_, answer) => {
  inspects = answer;
  const daemon = connectDaemon(environment, new AbortController().signal, 50);
  await expect(daemon.inspect('web:1')).rejects.toThrow(
    `The daemon at ${environment.DOCKER_HOST} took a request and did not answer for 0.05 seconds; `,
  );
});

/** Listens, and takes in nobody: the kernel keeps two connections for it, and drops what asks for a third. */
const DEAF = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

test('a daemon to which no connection comes about', async () => {
  const deaf = new Worker(DEAF, { eval: true });
  const [port] = await once(deaf, 'message');
  const kept = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  try {
    await Promise.all(kept.map((socket) => once(socket, 'connect')));
    environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
    const daemon = connectDaemon(environment, new AbortController().signal, 50);
    await expect(daemon.inspect('web:1')).rejects.toMatchObject({
      message: expect.stringContaining(`No Docker daemon answers at ${environment.DOCKER_HOST}; `),
      // And not the kernel's verdict, which takes two minutes.
      cause: { message: 'no connection in time' },
    });
  } finally {
    for (const socket of kept) socket.destroy();
    await deaf.terminate();
  }
});

describe('a process that is kept from its work', () => {
  const silence = 2000;
  const inspected = () =>
    connectDaemon(environment, new AbortController().signal, silence).inspect('web:1');
  /** Nobody looks at what was just written for so long. */
  const untilLate = () => standStill(silence + 100);
  const whole = JSON.stringify({ Id: ID, RepoTags: ['web:1'] });

  test('hears an answer that came in time', async () => {
    inspects = (response) => response.end(whole, untilLate);
    expect(await inspected()).toMatchObject({ id: ID });
  });

  test('hears the end of one that it has begun to hear', async () => {
    let begun: ServerResponse | undefined;
    inspects = (response) => {
      response.write(whole.slice(0, 10), () => {
        begun = response;
      });
    };
    const heard = inspected();
    const answer = await until('the head', () => begun);
    // Node looks at its timers next.
    setImmediate(() => answer.end(whole.slice(10), untilLate));
    expect(await heard).toMatchObject({ id: ID });
  });

  test('waits no longer than usual for the rest', async () => {
    inspects = (response) => response.write(whole.slice(0, 10), untilLate);
    await expect(inspected()).rejects.toThrow(/took a request and did not answer for 2 seconds;/);
  });
});
