import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { BudgetTaken, checkSharedBudget } from '../../../src/carriers/configmaps/budget.js';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { RUN_LEASE_SECONDS, RUN_LIFETIME_SECONDS } from '../../../src/lib/limits/run.js';
import { keepAlive } from '../../../src/run/keep-alive.js';
import {
  createLease,
  expectHeld,
  type LeasedRun,
  leasesPath,
  renewLease,
} from '../../../src/run/lease.js';
import { findOtherRuns, runsElsewhere } from '../../../src/run/other-runs.js';
import { takeRelease } from '../../../src/run/release/lease.js';
import { nameOf, newRun, type Run, type RunPlace } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { ADMIN_TOKEN, type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { type FaultOptions, startFaultProxy } from '../kube/site/fault-proxy.js';
import { leasedRun } from './run-objects.js';

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
  competing.clear();
  for (const close of opened.splice(0).reverse()) await close();
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const openedRun = (client = admin.client) =>
  leasedRun(client, { namespace, workflow: ATTEMPT, configMapBytes: 4096 });

interface Lease extends ApiObject {
  readonly spec: { readonly renewTime: string; readonly leaseDurationSeconds: number };
}

const leaseOf = ({ id }: RunPlace) =>
  admin.client.get<Lease>(`${leasesPath(namespace)}/${nameOf.lease(id)}`);

/** The second from which on a run's Lease says that it is dead. */
async function endOf(run: RunPlace): Promise<number> {
  const { renewTime, leaseDurationSeconds } = (await leaseOf(run)).spec;
  return Date.parse(renewTime) / 1000 + leaseDurationSeconds;
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
async function isDead(leased: RunPlace, later: number, workflow = ATTEMPT): Promise<boolean> {
  const client = await clientAhead(() => later);
  const { dead } = await findOtherRuns(client, newRun({ namespace, workflow }), signal);
  return dead.some(({ id }) => id === leased.id);
}

test('a new run is alive for the time of a lease to all but later attempts of its workflow run', async () => {
  const start = 1_000;
  const leased = await openedRun(await clientAhead(() => start));
  expect((await leaseOf(leased)).metadata?.annotations).toEqual({
    'jackal-inject.dev/workflow': ATTEMPT,
    'jackal-inject.dev/configmap-bytes': '4096',
  });
  const end = start + RUN_LEASE_SECONDS;
  for (const workflow of [ATTEMPT, OTHER_WORKFLOW, '']) {
    // The clock goes on meanwhile.
    expect(await isDead(leased, end - 120, workflow)).toBe(false);
    expect(await isDead(leased, end + 5, workflow)).toBe(true);
  }
  expect(await isDead(leased, 0, ATTEMPT.replace(/2$/, '3'))).toBe(true);
  // Whatever its own Lease says, a run does not take itself for dead.
  const found = await findOtherRuns(await clientAhead(() => end + 5), leased, signal);
  expect(found.dead.map(({ id }) => id)).not.toContain(leased.id);
  expect(found.own).toMatchObject({ id: leased.id, configMapBytes: 4096 });
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
      await until('renewals', () => renewals >= before + 4);
      for (const workflow of [ATTEMPT, OTHER_WORKFLOW]) {
        expect(await isDead(leased, passed + half, workflow)).toBe(false);
      }
    }
    throw new Error('the work went wrong');
  };
  const leasing = keepAlive(client, leased, work, signal, OFTEN);
  await expect(leasing).rejects.toThrow('the work went wrong');
  const sent = renewals;
  await pause(5 * OFTEN * 1000);
  // One may have been on its way.
  expect(renewals).toBeLessThanOrEqual(sent + 1);
  expect(await isDead(leased, passed + RUN_LEASE_SECONDS - 30)).toBe(false);
  expect(await isDead(leased, passed + RUN_LEASE_SECONDS + 5)).toBe(true);
});

test('the work of a step ends when another one is found to have its release', async () => {
  const [first, second] = [1, 2].map((number) =>
    newRun({ namespace, release: 'lost', workflow: ATTEMPT.replace(/2$/, String(number)) }),
  ) as [Run, Run];
  await createLease(admin.client, first, 0, signal);
  const work = async (alive: AbortSignal) => {
    await takeRelease(admin.client, second, 0, signal);
    await until('the end of the work', () => alive.aborted);
    throw new Error('the work was ended');
  };
  await expect(keepAlive(admin.client, first, work, signal, OFTEN)).rejects.toThrow(
    'Another step has taken over the release "lost"',
  );
});

test('the work of a run ends when that is found to have been taken away', async () => {
  const leased = await openedRun();
  const work = async (alive: AbortSignal) => {
    await admin.client.delete(`${leasesPath(namespace)}/${nameOf.lease(leased.id)}`);
    await until('the end of the work', () => alive.aborted);
    throw new Error('the work was ended');
  };
  await expect(keepAlive(admin.client, leased, work, signal, OFTEN)).rejects.toThrow(
    /^The run was taken away while it went on: its Lease is gone, .* run the step again\.$/,
  );
  await expect(expectHeld(admin.client, leased, signal)).rejects.toThrow('was taken away');
});

test('after the work a run is alive for the rest of the job', async () => {
  const leased = await openedRun();
  const now = 1_800_000_000;
  jest.spyOn(admin.client, 'now').mockReturnValue(now * 1000);
  await keepAlive(admin.client, leased, async () => 7, signal);
  expect(await endOf(leased)).toBe(now + RUN_LIFETIME_SECONDS);
  expect((await leaseOf(leased)).metadata?.annotations).toMatchObject({
    'jackal-inject.dev/configmap-bytes': '7',
  });
});

/** Whether a run has room for its bytes beside the others, when there is just as much as one needs. */
async function hasRoom(leased: RunPlace): Promise<boolean> {
  const { own, alive } = await findOtherRuns(admin.client, { workflow: '', ...leased }, signal);
  const others = alive.filter(({ id }) => competing.has(id));
  try {
    checkSharedBudget(own as LeasedRun, others, 4096);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(BudgetTaken);
    return false;
  }
}

/** The runs that are to be held against each other, and no others of this file. */
const competing = new Set<string>();
async function competingRun(client: ApiClient): Promise<RunPlace> {
  const leased = await openedRun(client);
  competing.add(leased.id);
  return leased;
}

test('a run that took its time until it was seen gives way to those that had been seen before', async () => {
  const first = await competingRun(admin.client);
  expect(await hasRoom(first)).toBe(true);
  // It has made up its Lease before the other one was there, by its clock.
  const held = await competingRun(await clientAhead(() => -10));
  expect(await hasRoom(held)).toBe(false);
  expect(await hasRoom(first)).toBe(true);
});

test('what is planned anew counts behind all that others have planned before', async () => {
  const first = await competingRun(admin.client);
  const second = await competingRun(admin.client);
  expect([await hasRoom(first), await hasRoom(second)]).toEqual([true, false]);
  const client = await clientAhead(() => 10);
  await renewLease(client, first, { seconds: 60, configMapBytes: 4096 }, { signal });
  expect(await hasRoom(second)).toBe(false);
  const anew = { seconds: 60, configMapBytes: 4096, isNewPlan: true };
  await renewLease(client, first, anew, { signal });
  expect([await hasRoom(first), await hasRoom(second)]).toEqual([false, true]);
});

test('runs in other namespaces count for the budget, as far as they may be listed, and are never taken away', async () => {
  const other = { namespace: 'kube-public', workflow: ATTEMPT, configMapBytes: 77 };
  const elsewhere = await leasedRun(admin.client, other);
  const own = await openedRun();
  expect(await runsElsewhere(admin.client, own, signal)).toMatchObject([
    { id: elsewhere.id, configMapBytes: 77 },
  ]);
  const late = await clientAhead(() => RUN_LEASE_SECONDS + 60);
  expect(await runsElsewhere(late, own, signal)).toEqual([]);
  const { dead } = await findOtherRuns(late, own, signal);
  expect(dead.map(({ id }) => id)).not.toContain(elsewhere.id);
  // Who looks at the whole cluster anyway asks no second time.
  expect(await runsElsewhere(admin.client, newRun(), signal)).toEqual([]);
  const all = '/apis/coordination.k8s.io/v1/leases?';
  const statusOf = ({ url }: { url?: string | undefined }) =>
    url?.startsWith(all) ? 403 : undefined;
  const refused = await clientOf(await proxied({ statusOf }));
  expect(await runsElsewhere(refused, own, signal)).toEqual([]);
});

test('a renewal under way when the work is done comes before the last word', async () => {
  const leased = await openedRun();
  let patches = 0;
  const slowFirst = ({ method }: { method?: string | undefined }) =>
    method === 'PATCH' && patches++ === 0 ? ('stall' as const) : undefined;
  const client = await clientOf(await proxied({ faultOf: (_, request) => slowFirst(request) }));
  const work = async () => {
    await until('a renewal', () => patches > 0);
    return 0;
  };
  const now = 1_800_000_000;
  jest.spyOn(client, 'now').mockReturnValue(now * 1000);
  await keepAlive(client, leased, work, signal, OFTEN);
  // As long as a stalled renewal takes at most.
  await pause(2_500);
  expect(await endOf(leased)).toBe(now + RUN_LIFETIME_SECONDS);
});

test('a last word that is refused is told, and one that cannot be spoken for a Lease that is gone', async () => {
  const statusOf = ({ method }: { method?: string | undefined }) =>
    method === 'PATCH' ? 403 : undefined;
  const client = await clientOf(await proxied({ statusOf }));
  const refused = keepAlive(client, await openedRun(), async () => 0, signal);
  await expect(refused).rejects.toMatchObject({ fault: 'policy', status: 403 });
  const gone = keepAlive(admin.client, newRun({ namespace }), async () => 1, signal);
  await expect(gone).rejects.toThrow('The run was taken away while it went on: its Lease is gone,');
  await expect(gone).rejects.toMatchObject({ cause: { fault: 'not-found' } });
});

test('the signal ends the renewals although the work goes on', async () => {
  const leased = await openedRun();
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<number>();
  const patch = jest.spyOn(admin.client, 'patch');
  const leasing = keepAlive(admin.client, leased, () => promise, stop.signal, OFTEN);
  await until('a renewal', () => patch.mock.calls.length > 0);
  stop.abort(new Error('cancelled'));
  const asked = patch.mock.calls.length;
  await pause(5 * OFTEN * 1000);
  expect(patch.mock.calls.length).toBe(asked);
  resolve(0);
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
  const minutesOff = () => Math.round((client.now() - Date.now()) / 60_000);
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
