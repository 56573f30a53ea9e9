import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { CATALOG_PART_BYTES } from '../../../src/lib/limits/carriers.js';
import { DELIVERIES_PER_STEP_MAX, RUN_LEASE_SECONDS } from '../../../src/lib/limits/run.js';
import { createLease, deleteLease, leasedRun, renewLease } from '../../../src/run/lease.js';
import { findOtherRuns, removeDeadRuns } from '../../../src/run/other-runs.js';
import {
  leaveRelease,
  putInUse,
  takeForRemoval,
  takeRelease,
  untilRemoved,
} from '../../../src/run/release/lease.js';
import { readRecord, writeRecord } from '../../../src/run/release/record.js';
import { removeRun } from '../../../src/run/remove.js';
import { type Delivery, nameOf, newRun, type Run } from '../../../src/run/run.js';
import { createToken } from '../../../src/run/token.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';

/* How the steps of a release come one after the other, by what a real API server says. */

let plane: ControlPlane;
let admin: Connection;
const namespace = 'default';
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const stepOf = (release: string, workflow?: string) => newRun({ namespace, release, workflow });

test('a step finds what the one before has left, and has numbers of its own', async () => {
  const { client } = admin;
  const first = stepOf('web');
  expect(await takeRelease(client, first, 0, signal)).toBeUndefined();
  const owner = await createLease(client, first, 0, signal);
  await putInUse(client, first, { delivery: 1, route: 'hostport' }, signal);
  await leaveRelease(client, first, signal);

  const second = stepOf('web');
  const taken = await takeRelease(client, second, 0, signal);
  expect(taken).toMatchObject({
    owner,
    secret: first.secret,
    kept: 1,
    route: 'hostport',
    firstDelivery: DELIVERIES_PER_STEP_MAX,
  });
  expect(await leasedRun(client, second, signal)).toMatchObject({
    kept: 1,
    holder: second.holder,
    lastDelivery: 2 * DELIVERIES_PER_STEP_MAX - 1,
  });
});

test('one step at a time has it, until it is dead', async () => {
  const { client } = admin;
  const first = stepOf('busy', 'https://github.com/acme/web/actions/runs/12/attempts/1');
  await createLease(client, first, 0, signal);
  await expect(takeRelease(client, stepOf('busy'), 0, signal)).rejects.toThrow(
    /^Another step is replacing the release "busy" right now \(https:.*attempts\/1\); run this one when that has ended/,
  );
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${nameOf.lease(first.id)}`;
  const renewTime = new Date(client.now() - 2 * RUN_LEASE_SECONDS * 1000);
  const spec = { renewTime: renewTime.toISOString().replace('Z', '000Z') };
  await client.patch(path, { spec }, { signal });
  expect(await takeRelease(client, stepOf('busy'), 0, signal)).toMatchObject({ kept: undefined });
});

test('a step of an earlier attempt of the workflow run is dead', async () => {
  const { client } = admin;
  const attempt = (number: number) =>
    stepOf('again', `https://github.com/acme/web/actions/runs/12/attempts/${number}`);
  await createLease(client, attempt(1), 0, signal);
  expect(await takeRelease(client, attempt(2), 0, signal)).toBeDefined();
  await expect(takeRelease(client, attempt(2), 0, signal)).rejects.toThrow('Another step');
});

test('of two steps that come at once one has it', async () => {
  const { client } = admin;
  const first = stepOf('race');
  await createLease(client, first, 0, signal);
  await leaveRelease(client, first, signal);
  const both = [stepOf('race'), stepOf('race')].map((step) => takeRelease(client, step, 0, signal));
  const outcomes = await Promise.allSettled(both);
  const failed = outcomes.filter(({ status }) => status === 'rejected');
  expect(failed.map((one) => String((one as PromiseRejectedResult).reason.message))).toEqual([
    expect.stringContaining('Another step is replacing the release "race" right now'),
  ]);
});

test('a record is read whole or not at all', async () => {
  const { client } = admin;
  const run = stepOf('record');
  const owner = await createLease(client, run, 0, signal);
  const delivery: Delivery = { ...run, owner, registry: '127.0.0.1:1/a', delivery: 3 };
  const text = `jackal-catalog 1\nprefix a\n${'repository acme/web\n'.repeat(40_000)}end\n`;
  expect(text.length).toBeGreaterThan(CATALOG_PART_BYTES);
  expect(await readRecord(client, delivery, signal)).toBeUndefined();
  await writeRecord(client, delivery, text, signal);
  expect(await readRecord(client, delivery, signal)).toBe(text);
  expect(await readRecord(client, { ...delivery, delivery: 4 }, signal)).toBeUndefined();
  const last = `/api/v1/namespaces/${namespace}/configmaps/${nameOf.record(delivery, 1)}`;
  await client.delete(last, { signal });
  expect(await readRecord(client, delivery, signal)).toBeUndefined();
});

test('a step that has the release already goes on when the answer to that was lost', async () => {
  const { client } = admin;
  const first = stepOf('lost');
  await createLease(client, first, 0, signal);
  await leaveRelease(client, first, signal);
  const patch = client.patch.bind(client);
  const once = jest.spyOn(client, 'patch').mockImplementationOnce(async (...request) => {
    await patch(...request);
    // As the client does when it hears nothing.
    return await patch(...request);
  });
  const second = stepOf('lost');
  try {
    const taken = await takeRelease(client, second, 0, signal);
    expect(taken).toMatchObject({ firstDelivery: DELIVERIES_PER_STEP_MAX, secret: first.secret });
  } finally {
    once.mockRestore();
  }
  expect(await leasedRun(client, second, signal)).toMatchObject({ holder: second.holder });
});

test('a step that was dead for the next one puts nothing in use any more', async () => {
  const { client } = admin;
  const attempt = (number: number) =>
    stepOf('dead', `https://github.com/acme/web/actions/runs/12/attempts/${number}`);
  const [first, second] = [attempt(1), attempt(2)];
  await createLease(client, first, 0, signal);
  await takeRelease(client, second, 0, signal);
  const inUse = { delivery: 0, route: 'nodeport' };
  await expect(putInUse(client, first, inUse, signal)).rejects.toThrow(
    'Another step has taken over the release "dead"',
  );
  expect((await leasedRun(client, second, signal))?.kept).toBeUndefined();
  await putInUse(client, second, { ...inUse, delivery: 8 }, signal);
  expect(await leasedRun(client, second, signal)).toMatchObject({ kept: 8 });
});

test('a step whose release another one has taken neither renews its Lease nor gives it away', async () => {
  const { client } = admin;
  const attempt = (number: number) =>
    stepOf('silent', `https://github.com/acme/web/actions/runs/12/attempts/${number}`);
  const [first, second] = [attempt(1), attempt(2)];
  await createLease(client, first, 0, signal);
  await takeRelease(client, second, 0, signal);
  const before = await leasedRun(client, second, signal);
  await expect(renewLease(client, first, { seconds: 9000 }, { signal })).rejects.toThrow(
    'Another step has taken over the release "silent"',
  );
  await leaveRelease(client, first, signal);
  expect(await leasedRun(client, second, signal)).toEqual(before);
  await leaveRelease(client, second, signal);
  await leaveRelease(client, second, signal);
  expect((await leasedRun(client, second, signal))?.holder).toBeUndefined();
});

type Three = [Run, Run, Run];

const attemptOf = (release: string, number: number) =>
  stepOf(release, `https://github.com/acme/web/actions/runs/13/attempts/${number}`);

test('a dead release is removed by nobody when a step has come for it meanwhile', async () => {
  const { client } = admin;
  const [first, second, other] = [1, 2, 2].map((number) => attemptOf('taken', number)) as Three;
  await createLease(client, first, 0, signal);
  const { dead } = await findOtherRuns(client, { ...other, id: 'ffffffff' }, signal);
  expect(dead).toContainEqual(expect.objectContaining({ id: first.id }));
  await takeRelease(client, second, 0, signal);
  const own = dead.filter(({ id }) => id === first.id);
  await removeDeadRuns(client, own, () => undefined, signal);
  expect(await leasedRun(client, second, signal)).toMatchObject({ holder: second.holder });
});

test('a step waits while the dead release that it comes for is being removed, and is the first then', async () => {
  const { client } = admin;
  const [first, second] = [1, 2].map((number) => attemptOf('going', number)) as Three;
  await createLease(client, first, 0, signal);
  const { version = '' } = (await leasedRun(client, first, signal)) ?? {};
  expect(await takeForRemoval(client, first, version, signal)).toBe(true);
  // Another run that has found it dead, too, leaves it.
  expect(await takeForRemoval(client, first, version, signal)).toBe(false);
  await expect(takeRelease(client, second, 0, signal)).rejects.toThrow('Another step');
  let looks = 0;
  const find = client.find.bind(client);
  const looked = jest.spyOn(client, 'find').mockImplementation(async (...asked) => {
    looks++;
    return await find(...asked);
  });
  const waiting = untilRemoved(client, second, signal).finally(() => looked.mockRestore());
  await until('the step to look again', () => looks > 1);
  await deleteLease(client, first, signal);
  await waiting;
  expect(await takeRelease(client, second, 0, signal)).toBeUndefined();
});

test('a removal takes the token of the step that was the last', async () => {
  const { client } = admin;
  const first = stepOf('token');
  const owner = await createLease(client, first, 0, signal);
  await leaveRelease(client, first, signal);
  const second = stepOf('token');
  const taken = await takeRelease(client, second, 0, signal);
  const { firstDelivery = 0 } = taken ?? {};
  await createToken(client, { ...second, owner, firstDelivery }, signal);
  const path = `/api/v1/namespaces/${namespace}/secrets/${nameOf.token(first.id, firstDelivery)}`;
  expect(await client.find(path, { signal })).toBeDefined();
  await removeRun(client, second, signal);
  expect(await client.find(path, { signal })).toBeUndefined();
});
