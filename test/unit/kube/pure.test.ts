import { expect, test } from '@jest/globals';
import type { V1Node } from '@kubernetes/client-node';
import { checkBudget } from '../../../src/carriers/configmaps/budget.js';
import { ServerClock } from '../../../src/kube/clock.js';
import { classifyNodes } from '../../../src/preflight/nodes.js';
import { PERMISSIONS, roleYaml } from '../../../src/preflight/permissions.js';
import { exceededIn } from '../../../src/preflight/quotas.js';
import { Progress, progressLine } from '../../../src/report/progress.js';
import { deadAmong } from '../../../src/run/dead-runs.js';
import { EXPIRES_ANNOTATION, RUN_LABEL, WORKFLOW_ANNOTATION } from '../../../src/run/run.js';

const MIB = 1024 * 1024;

function node(name: string, ready: string, overrides: object = {}): V1Node {
  return {
    metadata: { name, labels: {} },
    status: {
      conditions: [{ type: 'Ready', status: ready, reason: 'KubeletReady' }],
      nodeInfo: {
        architecture: 'arm64',
        operatingSystem: 'linux',
        containerRuntimeVersion: 'containerd://2.2.1',
      },
      images: [{ names: ['a@sha256:1', 'a:1'], sizeBytes: 5 }],
    },
    ...overrides,
  } as V1Node;
}

test('nodes are sorted into those that can be reached and the others with a reason', () => {
  const windows = node('windows', 'True');
  Object.assign(windows.status?.nodeInfo ?? {}, { operatingSystem: 'windows' });
  const { ready, others } = classifyNodes([
    node('good', 'True'),
    node('cordoned', 'True', { spec: { unschedulable: true } }),
    node('down', 'Unknown'),
    windows,
    node('fargate', 'True', {
      metadata: { name: 'fargate', labels: { 'eks.amazonaws.com/compute-type': 'fargate' } },
    }),
    node('aci', 'True', { metadata: { name: 'aci', labels: { type: 'virtual-kubelet' } } }),
    node('tainted', 'True', {
      spec: { taints: [{ key: 'virtual-kubelet.io/provider', effect: 'NoSchedule' }] },
    }),
    { metadata: { name: 'new' } } as V1Node,
  ]);
  expect(ready.map(({ name }) => name)).toEqual(['good', 'cordoned']);
  expect(ready[0]).toEqual({
    name: 'good',
    architecture: 'arm64',
    containerRuntimeVersion: 'containerd://2.2.1',
    images: [{ names: ['a@sha256:1', 'a:1'], bytes: 5 }],
  });
  expect(others.map(({ name, reason }) => `${name} ${reason.split(',')[0]}`)).toEqual([
    'down is not Ready (KubeletReady)',
    'windows runs windows',
    'fargate is a Fargate node',
    'aci is a virtual node',
    'tainted is a virtual node',
    'new is not Ready',
  ]);
});

test('the budget is held against bytes and against the number of ConfigMaps', () => {
  expect(() => checkBudget(256 * MIB, 768 * 1024, 256 * MIB)).not.toThrow();
  expect(() => checkBudget(256 * MIB + 1, 768 * 1024, 256 * MIB)).toThrow(
    'The images need 256.0 MiB in ConfigMaps, which is over the budget of 256.0 MiB',
  );
  expect(() => checkBudget(200 * MIB, 128 * 1024, 256 * MIB)).toThrow('need 1600 ConfigMaps');
});

test('a quota is exceeded only by what it counts', () => {
  const planned = { configmaps: 10, pods: 3, services: 1 };
  const quota = (hard: object, used: object = {}, spec: object = {}) => ({
    metadata: { name: 'q' },
    spec,
    status: { hard: hard as Record<string, string>, used: used as Record<string, string> },
  });
  expect(exceededIn(quota({ configmaps: '12', pods: '3', 'limits.cpu': '1' }), planned)).toEqual(
    [],
  );
  expect(exceededIn(quota({ configmaps: '12' }, { configmaps: '3' }), planned)).toEqual([
    'quota "q" leaves 9 of 12 configmaps, 10 are needed',
  ]);
  expect(exceededIn(quota({ 'count/configmaps': '1k' }), planned)).toEqual([]);
  expect(exceededIn(quota({ 'services.nodeports': '0' }), planned)).toHaveLength(1);
  expect(exceededIn(quota({ pods: '0' }, {}, { scopes: ['BestEffort'] }), planned)).toEqual([]);
});

const NOW = Date.parse('2026-11-23T12:00:00Z');

function anchor(id: string, annotations: Record<string, string>) {
  return { metadata: { labels: { [RUN_LABEL]: id }, annotations } };
}

test('runs whose anchor says that their time is over are dead', () => {
  const anchors = [
    anchor('old', { [EXPIRES_ANNOTATION]: '2026-11-23T00:00:00Z' }),
    anchor('over', { [EXPIRES_ANNOTATION]: '2026-11-23T12:00:00.000Z' }),
    anchor('young', { [EXPIRES_ANNOTATION]: '2026-11-23T12:00:00.001Z' }),
    anchor('odd', { [EXPIRES_ANNOTATION]: 'tomorrow' }),
    anchor('empty', {}),
    { metadata: { labels: { [RUN_LABEL]: 'silent' } } },
    { metadata: { annotations: { [EXPIRES_ANNOTATION]: '2026-11-23T00:00:00Z' } } },
  ];
  expect(deadAmong(anchors, { now: NOW })).toEqual(['old', 'over']);
});

const RUN_URL = 'https://github.com/acme/web/actions/runs/12';

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
])('it is %s that a run is dead whose anchor names %s', (dead, _, theirs) => {
  const unexpired = { [EXPIRES_ANNOTATION]: '2026-11-24T00:00:00Z' };
  const anchors = [
    anchor('other', { ...unexpired, ...(theirs && { [WORKFLOW_ANNOTATION]: theirs }) }),
  ];
  const workflow = `${RUN_URL}/attempts/10`;
  expect(deadAmong(anchors, { now: NOW, workflow })).toEqual(dead ? ['other'] : []);
  // Whoever does not know its own attempt, or not of which run, knows none to be earlier.
  expect(deadAmong(anchors, { now: NOW })).toEqual([]);
  expect(deadAmong(anchors, { now: NOW, workflow: RUN_URL })).toEqual([]);
});

test("a server's clock is its own until it tells another, and goes on from there", () => {
  let passed = 5_000;
  const clock = new ServerClock(
    () => passed,
    () => NOW + passed,
  );
  expect(clock.now()).toBe(NOW + 5_000);
  clock.hear('Mon, 23 Nov 2026 11:50:00 GMT');
  expect(clock.now()).toBe(NOW - 600_000);
  passed += 90_000;
  expect(clock.now()).toBe(NOW - 510_000);
  clock.hear();
  clock.hear('soon');
  expect(clock.now()).toBe(NOW - 510_000);
  clock.hear('Mon, 23 Nov 2026 12:20:00 GMT');
  expect(clock.now()).toBe(NOW + 1_200_000);
});

test('the Role holds every permission in a namespace, the ClusterRole the others', () => {
  const yaml = roleYaml(PERMISSIONS, 'team');
  const [role, clusterRole] = yaml.split('---\n');
  expect(role).toContain('metadata: { name: jackal-inject, namespace: team }');
  expect(role).toContain(
    '{ apiGroups: [""], resources: ["services"], verbs: [create, get, delete] }',
  );
  expect(clusterRole).toContain('resources: ["nodes"], verbs: [list]');
  expect(yaml.match(/verbs/g)).toHaveLength(
    new Set(PERMISSIONS.map(({ scope, resource }) => `${scope} ${resource}`)).size,
  );
});

test('progress is told once a second at most, and not at the end', () => {
  let clock = 0;
  const lines: string[] = [];
  const progress = new Progress(
    100e6,
    (line) => lines.push(line),
    () => clock,
  );
  for (clock = 0; clock <= 3_000; clock += 100) {
    progress.reached((clock / 3_000) * 100e6);
  }
  expect(lines).toEqual([
    '33 % of 100.0 MB, 33.3 MB/s, 3 s left',
    '66 % of 100.0 MB, 33.3 MB/s, 2 s left',
  ]);
  expect(progressLine(1e6, 1000e6, 1_000)).toBe('0 % of 1000.0 MB, 1.0 MB/s, 17 min left');
  expect(progressLine(0, 0, 0)).toBe('0 % of 0.0 MB, 0.0 MB/s');
});
