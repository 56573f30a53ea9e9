import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Grpc, GrpcError } from '../../../src/images/daemon/grpc.js';
import { standStill } from '../../helpers/link/stand-still.js';

/* A server of HTTP/2 that answers as a daemon might, right and wrong. */

const SILENCE_MS = 60_000;
const OK = { ':status': 200, 'content-type': 'application/grpc' } as const;

let server: Http2Server;
let sessions: ServerHttp2Session[];
let end: AbortController;
let grpc: Grpc;
/** What the server does with a call. */
let answer: (stream: ServerHttp2Stream) => void;

beforeEach(async () => {
  sessions = [];
  server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    answer(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  end = new AbortController();
  grpc = new Grpc(() => connect(port, '127.0.0.1'), end.signal);
});

afterEach(async () => {
  grpc.close();
  for (const session of sessions) session.destroy();
  server.close();
  await once(server, 'close');
});

const framed = (message: Buffer, flag = 0) => {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

/** Answers with bytes and then a status. */
const answerWith =
  (bytes: Buffer, trailers: Record<string, string> = { 'grpc-status': '0' }) =>
  (stream: ServerHttp2Stream) => {
    stream.respond(OK, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(bytes);
  };

async function answers(silence = SILENCE_MS): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of grpc.call('a.Service/Do', Buffer.from('asked'), silence)) {
    messages.push(message);
  }
  return messages;
}

const failure = () => answers().catch((thrown: unknown) => thrown);

test('a call is asked as gRPC is, and each message of the answer comes whole', async () => {
  const asked: Buffer[] = [];
  const large = Buffer.alloc(3_000_000, 'x');
  const whole = answerWith(Buffer.concat([framed(Buffer.from('one')), framed(large)]));
  let headers = {};
  server.once('stream', (_, received) => {
    headers = received;
  });
  answer = (stream) => {
    stream.on('data', (data: Buffer) => asked.push(data));
    stream.on('end', () => whole(stream));
  };
  const [first, second, ...others] = await answers();
  expect(others).toEqual([]);
  expect(first?.toString()).toBe('one');
  expect(second?.equals(large)).toBe(true);
  expect(Buffer.concat(asked).equals(framed(Buffer.from('asked')))).toBe(true);
  expect(headers).toMatchObject({
    ':method': 'POST',
    ':path': '/a.Service/Do',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
});

test.each([
  ['behind its answer', answerWith(framed(Buffer.from('one')), refusal('not%20here'))],
  ['at once', (stream: ServerHttp2Stream) => stream.respond({ ...OK, ...refusal('not here') })],
  ['in words that only look encoded', answerWith(Buffer.alloc(0), refusal('not here: 5%'))],
])('what a server refuses %s comes with its status and words', async (_, how) => {
  answer = (stream) => {
    how(stream);
    if (!stream.writableEnded) stream.end();
  };
  const thrown = await failure();
  expect(thrown).toBeInstanceOf(GrpcError);
  expect(thrown).toMatchObject({ status: 5, message: expect.stringMatching(/^not here/) });
});

function refusal(message: string): Record<string, string> {
  return { 'grpc-status': '5', 'grpc-message': message };
}

test.each([
  ['another answer than of gRPC', answerWith(Buffer.alloc(0), {}), 'HTTP status 200 and no gRPC'],
  ['a message that is cut off', answerWith(framed(Buffer.from('one')).subarray(0, 7)), 'cut off'],
  ['half a head', answerWith(Buffer.from([0, 0])), 'no message of gRPC'],
  ['a compressed message', answerWith(framed(Buffer.from('one'), 1)), 'no message of gRPC'],
  ['a message without end', answerWith(Buffer.from([0, 255, 0, 0, 0])), 'no message of gRPC'],
])('%s is told', async (_, how, words) => {
  answer = how;
  expect(String(await failure())).toContain(words);
});

test('an answer that came in time is heard, however long this process was kept from its work', async () => {
  const message = Buffer.from('one');
  answer = answerWith(framed(message));
  // The connection is there from then on.
  await answers();
  const silence = 2000;
  answer = (stream) => {
    answerWith(framed(message))(stream);
    setImmediate(() => standStill(silence + 100));
  };
  expect(await answers(silence)).toEqual([message]);
});

test('a server that says nothing is not waited for for ever, and a step that ends waits no more', async () => {
  answer = () => undefined;
  await expect(answers(100)).rejects.toThrow('silent for 0.1 s');
  const asked = new Promise<void>((resolve) => {
    answer = () => resolve();
  });
  const failed = failure();
  await asked;
  end.abort(new Error('the step was cancelled'));
  expect(String(await failed)).toMatch(/cancel/i);
  await expect(answers()).rejects.toThrow('the step was cancelled');
});

test('who takes no more of an answer lets the server know, and the next call goes over the same connection', async () => {
  const closed = new Promise<number>((resolve) => {
    answer = (stream) => {
      stream.on('close', () => resolve(stream.rstCode));
      stream.respond(OK);
      stream.write(framed(Buffer.from('one')));
    };
  });
  for await (const message of grpc.call('a.Service/Do', Buffer.alloc(0), SILENCE_MS)) {
    expect(message.toString()).toBe('one');
    break;
  }
  expect(await closed).not.toBe(0);
  answer = answerWith(framed(Buffer.from('two')));
  expect(String(await answers())).toBe('two');
  expect(sessions).toHaveLength(1);
});

test('after a connection was lost the next call opens another', async () => {
  answer = (stream) => stream.session?.destroy();
  expect(await failure()).toBeInstanceOf(Error);
  answer = answerWith(framed(Buffer.from('two')));
  expect(String(await answers())).toBe('two');
  expect(sessions).toHaveLength(2);
});
