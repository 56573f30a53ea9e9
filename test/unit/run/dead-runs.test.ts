import { expect, test } from '@jest/globals';
import type { V1Lease } from '@kubernetes/client-node';
import { RUN_LEASE_SECONDS } from '../../../src/lib/limits/run.js';
import { deadRuns } from '../../../src/run/dead-runs.js';
import { type LeasedRun, leasedRunOf } from '../../../src/run/lease.js';
import { nameOf, newRun, ownsNamespace, removalAdvice } from '../../../src/run/run.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const RUN_URL = 'https://github.com/acme/web/actions/runs/12';

function leased(id: string, more: Partial<LeasedRun> = {}): LeasedRun {
  return {
    id,
    namespace: 'team',
    expires: NOW + 1,
    configMapBytes: 0,
    created: NOW,
    written: 1,
    isRenewed: false,
    ...more,
  };
}

/** A namespace that the run made so many seconds ago. */
function own(id: string, seconds: number, workflow?: string) {
  return { id, namespace: nameOf.namespace(id), created: NOW - seconds * 1000, workflow };
}

const NOTHING = { leased: [], namespaces: [], withPolicy: [] };

test('runs whose Lease says that their time is over are dead', () => {
  const runs = [leased('over', { expires: NOW }), leased('young'), leased('odd', { expires: NaN })];
  expect(deadRuns({ ...NOTHING, leased: runs }, { now: NOW })).toEqual([
    { id: 'over', namespace: 'team' },
  ]);
});

test('a namespace without a Lease is a dead run once a Lease would have ended', () => {
  const namespaces = [own('old', RUN_LEASE_SECONDS), own('new', RUN_LEASE_SECONDS - 1)];
  expect(deadRuns({ ...NOTHING, namespaces }, { now: NOW })).toEqual([
    { id: 'old', namespace: 'jackal-inject-old' },
  ]);
  const alive = leased('old', { namespace: 'jackal-inject-old' });
  expect(deadRuns({ ...NOTHING, namespaces, leased: [alive] }, { now: NOW })).toEqual([]);
});

test('a run with a policy and no Lease is dead, and is so once', () => {
  const [gone, alive, young] = ['gone', 'alive', 'young'].map((id) => ({ id, namespace: 'team' }));
  const withPolicy = [gone, alive, young].flatMap((one) => one ?? []);
  const all = [leased('alive'), leased('young', { expires: NOW })];
  expect(deadRuns({ ...NOTHING, leased: all, withPolicy }, { now: NOW })).toEqual([young, gone]);
  const namespaces = [own('gone', RUN_LEASE_SECONDS)];
  expect(
    deadRuns({ ...NOTHING, namespaces, withPolicy: [{ ...own('gone', 0) }] }, { now: NOW }),
  ).toEqual([{ id: 'gone', namespace: 'jackal-inject-gone' }]);
});

test.each([
  [true, 'an earlier attempt', `${RUN_URL}/attempts/9`],
  [false, 'the same attempt', `${RUN_URL}/attempts/10`],
  [false, 'a later attempt', `${RUN_URL}/attempts/11`],
  [false, 'another workflow run', 'https://github.com/acme/web/actions/runs/1/attempts/9'],
  [false, 'another repository', 'https://github.com/acme/api/actions/runs/12/attempts/9'],
  [false, 'another server', 'https://ghe.acme.test/acme/web/actions/runs/12/attempts/9'],
  [false, 'no attempt', RUN_URL],
  [false, 'an attempt without a number', `${RUN_URL}/attempts/nine`],
  [false, 'nothing', undefined],
])('it is %s that a run is dead that belongs to %s', (dead, _, theirs) => {
  const workflow = `${RUN_URL}/attempts/10`;
  const runs = [leased('other', { workflow: theirs })];
  const namespaces = [own('bare', 0, theirs)];
  const ids = (asking: { now: number; workflow?: string }) =>
    deadRuns({ ...NOTHING, leased: runs, namespaces }, asking).map(({ id }) => id);
  expect(ids({ now: NOW, workflow })).toEqual(dead ? ['other', 'bare'] : []);
  // Whoever does not know its own attempt, or not of which run, knows none to be earlier.
  expect(ids({ now: NOW })).toEqual([]);
  expect(ids({ now: NOW, workflow: RUN_URL })).toEqual([]);
});

const LEASE = {
  metadata: {
    name: 'jackal-0a1b2c3d',
    namespace: 'team',
    creationTimestamp: '2026-11-23T11:59:00Z',
    resourceVersion: '71',
    labels: { 'jackal-inject.dev/run': '0a1b2c3d' },
    annotations: {
      'jackal-inject.dev/workflow': RUN_URL,
      'jackal-inject.dev/configmap-bytes': '4096',
    },
  },
  spec: {
    acquireTime: '2026-11-23T11:59:00.500000Z',
    renewTime: '2026-11-23T11:59:30.500000Z',
    leaseDurationSeconds: 300,
  },
} as unknown as V1Lease;

test('a run is read from its Lease', () => {
  expect(leasedRunOf(LEASE)).toEqual({
    id: '0a1b2c3d',
    namespace: 'team',
    expires: NOW - 29_500 + 300_000,
    workflow: RUN_URL,
    configMapBytes: 4096,
    created: NOW - 60_000,
    written: 71,
    isRenewed: true,
  });
  const spec = { ...LEASE.spec, acquireTime: LEASE.spec?.renewTime };
  expect(leasedRunOf({ ...LEASE, spec } as V1Lease)?.isRenewed).toBe(false);
});

test.each<[string, object]>([
  ['has no label', { labels: {} }],
  ["has another run's name", { name: 'jackal-ffffffff' }],
  ['has no id', { name: 'jackal-api', labels: { 'jackal-inject.dev/run': 'api' } }],
])('a Lease that %s is none of ours', (_, metadata) => {
  const lease = { ...LEASE, metadata: { ...LEASE.metadata, ...metadata } } as V1Lease;
  expect(leasedRunOf(lease)).toBeUndefined();
});

test("a run's own namespace is known by its name alone", () => {
  const run = newRun();
  expect([run.namespace, ownsNamespace(run)]).toEqual([`jackal-inject-${run.id}`, true]);
  expect(ownsNamespace(newRun({ namespace: 'jackal-inject' }))).toBe(false);
  expect(ownsNamespace({ id: 'b', namespace: nameOf.namespace('a') })).toBe(false);
  expect(removalAdvice(run)).toBe(
    `This command removes the rest: kubectl delete namespace jackal-inject-${run.id}`,
  );
  expect(removalAdvice({ ...run, isShared: true })).toMatch(
    /^This command removes the rest: kubectl delete daemonsets,pods,.* --namespace jackal-inject-/,
  );
  expect(removalAdvice({ id: 'a', namespace: 'team' })).toBe(
    'This command removes the rest: kubectl delete daemonsets,pods,services,configmaps,leases --namespace team --selector jackal-inject.dev/run=a',
  );
  expect(removalAdvice({ id: 'a', namespace: 'team', policy: true })).toMatch(
    /: kubectl delete mutatingadmissionpolicybindings,mutatingadmissionpolicies,daemonsets,/,
  );
});
