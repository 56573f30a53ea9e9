import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { RUN_LEASE_SECONDS, RUN_LIFETIME_SECONDS } from '../../../src/lib/limits/run.js';
import { createAnchor } from '../../../src/run/anchor.js';
import { deadRuns } from '../../../src/run/dead-runs.js';
import { type Leased, underLease } from '../../../src/run/lease.js';
import { EXPIRES_ANNOTATION, nameOf, newRun, WORKFLOW_ANNOTATION } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { ADMIN_TOKEN, type ControlPlane, startControlPlane } from '../kube/control-plane.js';
import { type FaultOptions, startFaultProxy } from '../kube/fault-proxy.js';

let plane: ControlPlane;
let admin: Connection;
const namespace = 'default';
const { signal } = new AbortController();
const ATTEMPT = 'https://github.com/acme/web/actions/runs/12/attempts/2';
const OTHER_WORKFLOW = 'https://github.com/acme/web/actions/runs/99/attempts/7';
/** Seconds between renewals in these tests. */
const OFTEN = 0.1;
/** What a test has opened, also one that fails half-way. */
const opened: (() => unknown)[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const close of opened.splice(0).reverse()) await close();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

async function openedRun(client = admin.client): Promise<Leased> {
  const run = newRun(ATTEMPT);
  await createAnchor(client, namespace, run, signal);
  return { run, namespace };
}

async function annotationsOf({ run }: Leased): Promise<Readonly<Record<string, string>>> {
  const path = `${configMapsPath(namespace)}/${nameOf.anchor(run.id)}`;
  return (await admin.client.get<ApiObject>(path)).metadata?.annotations ?? {};
}

/** Seconds for which a run's anchor says that it is alive, from a moment on by this machine's clock. */
async function secondsLeft(leased: Leased, from: number): Promise<number> {
  const { [EXPIRES_ANNOTATION]: expires = '' } = await annotationsOf(leased);
  return (Date.parse(expires) - from) / 1000;
}

async function clientOf(server: string): Promise<ApiClient> {
  const kubeconfig = plane.kubeconfig({ server, user: { token: ADMIN_TOKEN } });
  const { client } = await connect({ kubeconfig, env: {} });
  opened.push(() => client.close());
  return client;
}

async function proxied(options: FaultOptions): Promise<string> {
  const proxy = await startFaultProxy(plane, options);
  opened.push(() => proxy.close());
  return proxy.server;
}

/** A client that takes it to be later than it is, by so many seconds when it asks. */
async function clientAhead(seconds: () => number, server = plane.server): Promise<ApiClient> {
  const client = await clientOf(server);
  const now = client.now.bind(client);
  jest.spyOn(client, 'now').mockImplementation(() => now() + seconds() * 1000);
  return client;
}

/** Whether a run of this workflow run's attempt, which comes by so many seconds later, takes it for dead. */
async function isDead(leased: Leased, later: number, workflow = ATTEMPT): Promise<boolean> {
  const client = await clientAhead(() => later);
  const dead = await deadRuns(client, { namespace, runId: newRun().id, workflow });
  return dead.includes(leased.run.id);
}

test('a new run is alive for the time of a lease to all but later attempts of its workflow run', async () => {
  const start = 1_000;
  const leased = await openedRun(await clientAhead(() => start));
  expect((await annotationsOf(leased))[WORKFLOW_ANNOTATION]).toBe(ATTEMPT);
  const end = start + RUN_LEASE_SECONDS;
  for (const workflow of [ATTEMPT, OTHER_WORKFLOW, '']) {
    expect(await isDead(leased, end - 5, workflow)).toBe(false);
    expect(await isDead(leased, end + 5, workflow)).toBe(true);
  }
  expect(await isDead(leased, 0, ATTEMPT.replace(/2$/, '3'))).toBe(true);
  // Whatever its own anchor says, a run does not take itself for dead.
  const own = { namespace, runId: leased.run.id, workflow: ATTEMPT };
  const client = await clientAhead(() => end + 5);
  expect(await deadRuns(client, own)).not.toContain(leased.run.id);
});

test('a lease that is renewed does not end, not for refused renewals either, and then it does', async () => {
  const leased = await openedRun();
  let renewals = 0;
  const refuseEveryOther = ({ method }: { method?: string | undefined }) =>
    method === 'PATCH' && renewals++ % 2 === 0 ? 403 : undefined;
  const server = await proxied({ statusOf: refuseEveryOther });
  let passed = 0;
  const client = await clientAhead(() => passed, server);
  const half = RUN_LEASE_SECONDS / 2;
  const work = async () => {
    for (let times = 0; times < 6; times++) {
      passed += half;
      const before = renewals;
      // The first may have been under way already, and one of the next two is granted.
      await until('renewals', () => renewals >= before + 4, { seconds: 10 });
      for (const workflow of [ATTEMPT, OTHER_WORKFLOW]) {
        expect(await isDead(leased, passed + half, workflow)).toBe(false);
      }
    }
    throw new Error('the work went wrong');
  };
  const leasing = underLease(client, leased, work, signal, OFTEN);
  await expect(leasing).rejects.toThrow('the work went wrong');
  const sent = renewals;
  await pause(5 * OFTEN * 1000);
  expect(renewals).toBe(sent);
  expect(await isDead(leased, passed + RUN_LEASE_SECONDS - 30)).toBe(false);
  expect(await isDead(leased, passed + RUN_LEASE_SECONDS + 5)).toBe(true);
});

test('after the work a run is alive for the rest of the job', async () => {
  const leased = await openedRun();
  const before = Date.now();
  expect(await underLease(admin.client, leased, async () => 'done', signal)).toBe('done');
  const left = await secondsLeft(leased, before);
  expect(left).toBeGreaterThan(RUN_LIFETIME_SECONDS - 5);
  expect(left).toBeLessThan(RUN_LIFETIME_SECONDS + 5);
});

test('a renewal under way when the work is done comes before the last word', async () => {
  const leased = await openedRun();
  let patches = 0;
  const slowFirst = ({ method }: { method?: string | undefined }) =>
    method === 'PATCH' && patches++ === 0 ? ('stall' as const) : undefined;
  const client = await clientOf(await proxied({ faultOf: (_, request) => slowFirst(request) }));
  const work = () => until('a renewal', () => patches > 0, { seconds: 10 });
  const before = Date.now();
  await underLease(client, leased, work, signal, OFTEN);
  // As long as a stalled renewal takes at most.
  await pause(2_500);
  expect(await secondsLeft(leased, before)).toBeGreaterThan(RUN_LIFETIME_SECONDS - 5);
});

test('a last word that is refused is told, and one that cannot be spoken for an anchor that is gone', async () => {
  const statusOf = ({ method }: { method?: string | undefined }) =>
    method === 'PATCH' ? 403 : undefined;
  const client = await clientOf(await proxied({ statusOf }));
  const refused = underLease(client, await openedRun(), async () => undefined, signal);
  await expect(refused).rejects.toMatchObject({ fault: 'policy', status: 403 });
  const gone = underLease(admin.client, { run: newRun(), namespace }, async () => 1, signal);
  await expect(gone).rejects.toMatchObject({ fault: 'not-found' });
});

test('the signal ends the renewals although the work goes on', async () => {
  const leased = await openedRun();
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const patch = jest.spyOn(admin.client, 'patch');
  const leasing = underLease(admin.client, leased, () => promise, stop.signal, OFTEN);
  await until('a renewal', () => patch.mock.calls.length > 0, { seconds: 10 });
  stop.abort(new Error('cancelled'));
  const asked = patch.mock.calls.length;
  await pause(5 * OFTEN * 1000);
  expect(patch.mock.calls.length).toBe(asked);
  resolve();
  await expect(leasing).rejects.toThrow('cancelled');
});

test("the API server's clock counts, as granted answers tell it, and not the runner's", async () => {
  let date: string | undefined;
  let status = 200;
  const server = createServer((_, answer) => {
    answer.sendDate = false;
    answer.writeHead(status, date === undefined ? {} : { date }).end('{"items":[]}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  opened.push(() => server.close());
  const client = await clientOf(`http://127.0.0.1:${port}`);
  const minutesOff = () => Math.round(10 * ((client.now() - Date.now()) / 60_000)) / 10;
  const heard = async (minutes: number, answered = 200) => {
    date = new Date(Date.now() + minutes * 60_000).toUTCString();
    status = answered;
    await client.get('/api/v1/pods').catch(() => undefined);
    return minutesOff();
  };
  expect(minutesOff()).toBeCloseTo(0);
  expect(await heard(-8)).toBeCloseTo(-8);
  expect(await heard(7)).toBeCloseTo(7);
  expect(await heard(30, 403)).toBeCloseTo(7);
  [date, status] = [undefined, 200];
  await client.get('/api/v1/pods');
  expect(minutesOff()).toBeCloseTo(7);
});
