import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { connect } from '../../../src/kube/connect.js';
import { createPod } from '../../../src/kube/pods.js';
import { createOwnPod } from '../../../src/kube/quota.js';
import { waitUntil } from '../../../src/kube/watch.js';
import { putConfigMap } from '../../../src/run/configmap.js';
import { type FakeServer, kubeconfigOf, startFake, statusBody } from './site/fake-server.js';

const PODS = '/api/v1/namespaces/n/pods';

let server: FakeServer | undefined;
let client: ApiClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A client of a server that has told its version, and answers everything else as told. */
async function clientOf(answer: Answering): Promise<ApiClient> {
  server = await startFake((request, response) => {
    request.resume();
    if (request.url === '/version') {
      response.end(JSON.stringify({ gitVersion: 'v1.37.2' }));
    } else {
      answer(request, response);
    }
  });
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`);
  client = (await connect({ kubeconfig, env: {} })).client;
  return client;
}

/** Answers in turn, the last one again and again; tells how many requests came. */
function inTurn(...answers: [status: number, body: string, type?: string][]) {
  const seen: string[] = [];
  const answer: Answering = ({ method, url }, response) => {
    const [status, body, type = 'application/json'] = answers[
      Math.min(seen.length, answers.length - 1)
    ] as [number, string, string?];
    seen.push(`${method} ${url}`);
    response.writeHead(status, { 'content-type': type }).end(body);
  };
  return { seen, answer };
}

const object = (name: string) => JSON.stringify({ metadata: { name, uid: 'u', annotations: {} } });
const QUOTA_CONFLICT = statusBody(
  409,
  'Conflict',
  'Operation cannot be fulfilled on resourcequotas "q": the object has been modified; please apply your changes to the latest version and try again',
);

test('a create that lost a race for a quota is tried again, of whatever object', async () => {
  const { seen, answer } = inTurn([409, QUOTA_CONFLICT], [409, QUOTA_CONFLICT], [201, object('p')]);
  const created = await (await clientOf(answer)).create(PODS, { metadata: { name: 'p' } });
  expect(created.metadata.name).toBe('p');
  expect(seen).toHaveLength(3);
});

const forbidden = (why: string) => statusBody(403, 'Forbidden', `pods "p" is forbidden: ${why}`);

test('a create is tried again when admission has not read all that it needs', async () => {
  const unready = forbidden('not yet ready to handle request');
  const { seen, answer } = inTurn([403, unready], [201, object('p')]);
  await (await clientOf(answer)).create(PODS, { metadata: { name: 'p' } });
  expect(seen).toHaveLength(2);
});

test('a quota that nobody has counted yet is waited for, also where no room is to come', async () => {
  const uncounted = forbidden('status unknown for quota: q, resources: pods');
  const exceeded = forbidden('exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1');
  const { seen, answer } = inTurn(
    [403, uncounted],
    [201, object('p')],
    [403, uncounted],
    [403, exceeded],
  );
  const client = await clientOf(answer);
  const signal = new AbortController().signal;
  const create = () => createOwnPod(client, 'n', { metadata: { name: 'p' } }, signal, false);
  await create();
  expect(seen).toHaveLength(2);
  await expect(create()).rejects.toThrow('exceeded quota: q');
  expect(seen).toHaveLength(4);
});

test('a ConfigMap that lost a race for a quota is created, not taken for there', async () => {
  const { seen, answer } = inTurn([409, QUOTA_CONFLICT], [201, object('c')]);
  const spec = { name: 'c', namespace: 'n', labels: {}, data: { a: 'b' } };
  expect(await putConfigMap(await clientOf(answer), spec)).toBe(true);
  expect(seen).toHaveLength(2);
});

test('a patch that names no version is tried again after a conflict, one that does is not', async () => {
  const { seen, answer } = inTurn([409, QUOTA_CONFLICT], [200, object('p')]);
  const it = await clientOf(answer);
  const versioned = { metadata: { resourceVersion: '7' } };
  await expect(it.patch(`${PODS}/p`, versioned)).rejects.toMatchObject({ fault: 'conflict' });
  expect(seen).toHaveLength(1);
  seen.length = 0;
  await it.patch(`${PODS}/p`, { metadata: { labels: {} } });
  expect(seen).toHaveLength(2);
});

test('what is there already, or is deleted under a condition, is told at once', async () => {
  const exists = statusBody(409, 'AlreadyExists', 'pods "p" already exists');
  const { seen, answer } = inTurn([409, exists], [409, QUOTA_CONFLICT]);
  const it = await clientOf(answer);
  const creating = it.create(PODS, { metadata: { name: 'p' } });
  await expect(creating).rejects.toMatchObject({ fault: 'exists', attempts: 1 });
  const preconditions = { uid: 'u' };
  await expect(it.delete(`${PODS}/p`, { preconditions })).rejects.toMatchObject({
    fault: 'conflict',
  });
  expect(seen).toHaveLength(2);
});

test.each([
  [
    503,
    'admission webhook "w.example" denied the request: come back later',
    'policy',
    'come back later',
  ],
  [500, 'admission webhook "w.example" denied the request: no', 'policy', 'denied the request: no'],
  [401, 'admission webhook "w.example" denied the request: who are you', 'policy', 'who are you'],
  [
    413,
    `pods "p" is forbidden: ValidatingAdmissionPolicy 'size' with binding 'all' denied request: too much`,
    'policy',
    'too much',
  ],
])('admission that says no with %i is told at once: %s', async (status, message, fault, words) => {
  const { seen, answer } = inTurn([status, statusBody(status, 'InternalError', message)]);
  const creating = (await clientOf(answer)).create(PODS, { metadata: { name: 'p' } });
  await expect(creating).rejects.toMatchObject({
    fault,
    message: expect.stringContaining(words) as unknown,
  });
  expect(seen).toHaveLength(1);
});

test.each([
  [
    'Internal error occurred: failed calling webhook "pods.mesh.example": failed to call webhook: Post "https://mesh.mesh.svc:443/inject?timeout=10s": dial tcp 10.96.3.4:443: connect: connection refused',
    'The cluster\'s admission webhook "pods.mesh.example" failed',
  ],
  [
    'Internal error occurred: failed calling webhook "w.example": failed to call webhook: Post "https://w.w.svc:443/": context deadline exceeded',
    '"w.example" failed',
  ],
])('a webhook that fails to be called is asked again, for a while: %s', async (message, words) => {
  const failed: [number, string] = [500, statusBody(500, 'InternalError', message)];
  const { seen, answer } = inTurn(failed, [201, object('p')], failed);
  // Each attempt takes 7 s by this clock, which nothing else drives.
  let now = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    const it = await clientOf((request, response) => {
      now += 7_000;
      answer(request, response);
    });
    const created = await it.create(PODS, { metadata: { name: 'p' } });
    expect([created.metadata.name, seen.length]).toEqual(['p', 2]);
    await expect(it.create(PODS, { metadata: { name: 'p' } })).rejects.toMatchObject({
      fault: 'webhook',
      attempts: 4,
      message: expect.stringContaining(words) as unknown,
    });
  } finally {
    clock.mockRestore();
  }
});

const PAGE = '<!DOCTYPE html>\n<html><body>Please log in</body></html>';
const FOREIGN =
  /^Something else than a Kubernetes API server answered (GET|POST|DELETE) \S+ at http:\/\/127\.0\.0\.1:\d+, such as the page of a proxy or a login \(status \d+\); check the address in the kubeconfig and the proxies on the way to it\.$/;

test.each<[string, number, string, string]>([
  ['a page with status 200', 200, PAGE, 'text/html; charset=utf-8'],
  ['a text with status 200', 200, 'welcome', 'text/plain'],
  ['JSON that is no object', 200, '"ok"', 'application/json'],
  ['a page that calls itself JSON', 200, PAGE, 'application/json'],
  ['a redirect to a login', 302, PAGE, 'text/html'],
  ['a page with status 403', 403, PAGE, 'text/html'],
  ['a page with status 404', 404, PAGE, 'text/html'],
])('%s where an object is due is told as what it is', async (_, ...answered) => {
  const { seen, answer } = inTurn(answered);
  const it = await clientOf(answer);
  await expect(it.get(`${PODS}/p`)).rejects.toThrow(FOREIGN);
  await expect(it.list(PODS)).rejects.toMatchObject({ fault: 'foreign' });
  const creating = it.create(PODS, { metadata: { name: 'p' } });
  await expect(creating).rejects.toMatchObject({ fault: 'foreign' });
  const spec = { name: 'c', namespace: 'n', labels: {} };
  await expect(putConfigMap(it, spec)).rejects.toMatchObject({ fault: 'foreign' });
  expect(seen).toHaveLength(4);
});

test('a page that was asked for is passed on', async () => {
  const it = await clientOf(inTurn([200, PAGE, 'text/html']).answer);
  const { body } = await it.request({
    method: 'GET',
    path: `${PODS}/p/proxy/`,
    accept: 'text/html',
  });
  expect(body.toString()).toBe(PAGE);
});

test('a page deletes nothing, and is no watch', async () => {
  const it = await clientOf(inTurn([200, PAGE, 'text/html']).answer);
  await expect(it.delete(`${PODS}/p`)).rejects.toThrow(FOREIGN);
  await expect(it.stream(PODS)).rejects.toThrow(FOREIGN);
});

test('a page in the place of /version is told, not taken for a server that is silent on it', async () => {
  const { answer } = inTurn([404, PAGE, 'text/html']);
  server = await startFake(answer);
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${server.port}`);
  await expect(connect({ kubeconfig, env: {} })).rejects.toThrow(FOREIGN);
});

test("a gateway's page in times of trouble is waited out", async () => {
  const { seen, answer } = inTurn(
    [502, PAGE, 'text/html'],
    [503, PAGE, 'text/html'],
    [200, object('p')],
  );
  await (await clientOf(answer)).get(`${PODS}/p`);
  expect(seen).toHaveLength(3);
});

const EXPIRED = statusBody(410, 'Expired', 'The provided continue parameter is too old');
const page = (names: readonly string[], token?: string) =>
  JSON.stringify({
    metadata: { resourceVersion: '5', continue: token },
    items: names.map((name) => ({ metadata: { name } })),
  });

test('a list whose pages the server has forgotten is begun anew', async () => {
  const { seen, answer } = inTurn(
    [200, page(['a', 'b'], 'one')],
    [410, EXPIRED],
    [200, page(['b', 'c'], 'two')],
    [200, page(['d'])],
  );
  const { items } = await (await clientOf(answer)).list<{ metadata: { name: string } }>(PODS);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['b', 'c', 'd']);
  expect(seen.map((line) => /continue=(\w+)/.exec(line)?.[1])).toEqual([
    undefined,
    'one',
    undefined,
    'two',
  ]);
});

test('a list that the server forgets time and again ends', async () => {
  const it = await clientOf(inTurn([410, EXPIRED]).answer);
  await expect(it.list(PODS)).rejects.toMatchObject({ fault: 'gone' });
});

/** A server whose first watches end as told; the object that is waited for comes with a later list. */
function endingWatch(ways: ((response: ServerResponse) => void)[]): Answering {
  let watches = 0;
  return ({ url = '' }, response) => {
    if (!url.includes('watch=true')) {
      response.end(page(watches < ways.length ? [] : ['late']));
    } else {
      ways[watches++]?.(response);
    }
  };
}

const event = (code: number, reason: string) => (response: ServerResponse) => {
  const object = JSON.parse(statusBody(code, reason, reason)) as object;
  response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
};

test.each([
  ['410', [event(410, 'Expired')]],
  ['500', [event(500, 'InternalError')]],
  ['429', [event(429, 'TooManyRequests')]],
  ['504, twice', [event(504, 'Timeout'), event(504, 'Timeout')]],
  [
    'a version that the server has not seen yet',
    [
      (response: ServerResponse) => {
        const words = 'Too large resource version: 5, current: 4';
        response.writeHead(504).end(statusBody(504, 'Timeout', words));
      },
    ],
  ],
])('a watch that the server ends with %s is begun anew with a list', async (_, ways) => {
  const it = await clientOf(endingWatch(ways));
  const found = await waitUntil(it, PODS, (objects) => objects.has('late'));
  expect([...found.keys()]).toEqual(['late']);
});

/** What OpenShift says of a Pod in a namespace that its controller has not come to. */
const UNFINISHED = [
  'unable to find annotation openshift.io/sa.scc.uid-range',
  'unable to validate against any security context constraint: []',
].map((words): [number, string] => [
  403,
  statusBody(403, 'Forbidden', `pods "p" is forbidden: ${words}`),
]);

const POD = { metadata: { name: 'p' }, spec: { containers: [] } };

test('a namespace that is new is given time to be whole, and then admits', async () => {
  const { seen, answer } = inTurn(...UNFINISHED, [201, JSON.stringify(POD)]);
  const made = await clientOf(answer);
  const unfinishedUntil = Number.POSITIVE_INFINITY;
  await createPod(made, 'n', POD, { dryRun: true, unfinishedUntil });
  const asked = expect.stringMatching(/^POST .*\bdryRun=All$/);
  expect(seen).toEqual([asked, asked, asked]);
});

test('in any other namespace, and in one that had its time, the same words are a refusal', async () => {
  const { seen, answer } = inTurn(...UNFINISHED);
  const made = await clientOf(answer);
  await expect(createPod(made, 'n', POD)).rejects.toThrow('unable to find annotation');
  const had = createPod(made, 'n', POD, { unfinishedUntil: performance.now() - 1 });
  await expect(had).rejects.toThrow('unable to validate');
  expect(seen).toHaveLength(2);
});
