import { afterEach, expect, jest, test } from '@jest/globals';
import { Relays } from '../../../src/routes/relays.js';
import { Routes } from '../../../src/routes/route.js';
import type { Delivery, OpenRun } from '../../../src/run/run.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { chooseRoutes, overRoutes } from '../../../src/stages/prove/routes.js';

afterEach(() => void jest.restoreAllMocks());

/** What is said, and the routes, of a step with the input `route` and a release that came by another or the same. */
async function chosen(wish: string, route: string) {
  const said: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const run = { release: 'web', kept: { since: 0, route } } as OpenRun;
  const job = { inputs: { route: wish } } as RehearsedJob;
  const { order } = await chooseRoutes(job, run);
  return { said: said.join(''), routes: order.routes };
}

test.each(['auto', 'nodeport'])(
  'a release keeps its route, of which a step with %s just tells',
  async (wish) => {
    const { said, routes } = await chosen(wish, 'nodeport');
    expect(routes).toEqual(['nodeport']);
    expect(said).toBe(
      "Nodes come to the registry by the Service's NodePort: the release has come so far by it.\n",
    );
  },
);

test('a step that asks for another route than the release has come by is warned', async () => {
  const { said, routes } = await chosen('hostport', 'nodeport');
  expect(routes).toEqual(['nodeport']);
  expect(said).toMatch(
    /^::warning .*::The input `route` is hostport, but nodes come to the registry by the Service's NodePort, since the release "web" has come so far by it; to have another route, delete the release \(`command: delete`\) and run the step again\.\n$/,
  );
});

/** What is said to be missing where no node comes through. */
async function missingBy(
  route: 'nodeport' | 'hostport' | 'hostnetwork',
  delivery: object,
  nodesUnlisted = false,
  wish: string = route,
) {
  const job = {
    inputs: { route: wish },
    nodes: [],
    nodesUnlisted,
    proxyMode: Promise.resolve('iptables'),
    signal: new AbortController().signal,
  } as unknown as RehearsedJob;
  const ends = { routes: new Routes({ routes: [route], reason: '' }), proven: new Map() };
  return await overRoutes(job, delivery as Delivery, ends as never, async ({ missing }) => missing);
}

const kept = (route: string) => ({ registry: '127.0.0.1:30000/s', kept: { since: 0, route } });

test('no other value of `route` is advised where a release keeps its own', async () => {
  const advice =
    '; the release has come so far by this route: bring back what it needs, or delete the release (`command: delete`) and run the step again';
  expect(await missingBy('nodeport', kept('nodeport'))).toMatch(/kube-proxy has in iptables mode/);
  for (const route of ['nodeport', 'hostport', 'hostnetwork'] as const) {
    const missing = await missingBy(route, kept(route), true);
    expect(missing?.endsWith(advice)).toBe(true);
    expect(missing).not.toContain('set the input');
  }
});

test('elsewhere one is, but where all were tried', async () => {
  const delivery = { registry: '127.0.0.1:30000/s' };
  const words = await missingBy('nodeport', delivery);
  expect(words).toMatch(/; set the input `route` to auto or hostport$/);
  expect(await missingBy('nodeport', delivery, false, 'auto')).not.toContain('set the input');
});

test('what fails first is what a step tells, though its relays cannot be left as they were', async () => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(Relays.prototype, 'end').mockRejectedValue(new Error('second'));
  const client = { get: async () => ({ spec: { clusterIP: '10.0.0.1' } }) };
  const job = { client, signal: new AbortController().signal } as unknown as RehearsedJob;
  const delivery = { ...kept('hostport'), id: '0123abcd', namespace: 'n', release: 'web' };
  const ends = { routes: new Routes({ routes: ['hostport'], reason: '' }) };
  const proven = (proof: () => Promise<string>) =>
    overRoutes(job, delivery as unknown as Delivery, ends as never, proof);
  await expect(proven(() => Promise.reject(new Error('first')))).rejects.toThrow('first');
  await expect(proven(async () => 'proven')).rejects.toThrow('second');
});
