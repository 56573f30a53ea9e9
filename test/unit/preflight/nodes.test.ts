import { expect, test } from '@jest/globals';
import type { V1Node } from '@kubernetes/client-node';
import { NODES_NAMED_MAX } from '../../../src/lib/limits/run.js';
import {
  classifyNodes,
  nodesInWords,
  unavailableNodes,
  virtualAmong,
} from '../../../src/preflight/nodes.js';
import { reasonAgainst } from '../../../src/registry/nodes.js';

function node(name: string, ready: string, overrides: object = {}): V1Node {
  return {
    metadata: { name, labels: {} },
    status: {
      conditions: [{ type: 'Ready', status: ready, reason: 'KubeletReady' }],
      nodeInfo: {
        architecture: 'arm64',
        operatingSystem: 'linux',
      },
      images: [{ names: ['a@sha256:1', 'a:1'], sizeBytes: 5 }],
    },
    ...overrides,
  } as V1Node;
}

test.each([
  ['a cordon', { spec: { unschedulable: true } }, 'it is cordoned'],
  [
    'a taint of who takes nodes away',
    { spec: { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] } },
    'it has the taint karpenter.sh/disrupted',
  ],
  [
    'its own deletion',
    { metadata: { name: 'n', deletionTimestamp: '2026-01-01T00:00:00Z' } },
    'it is being deleted',
  ],
  [
    'no taint that only keeps Pods away',
    {
      spec: {
        taints: [
          { key: 'dedicated', effect: 'NoExecute' },
          { key: 'DeletionCandidateOfClusterAutoscaler', effect: 'PreferNoSchedule' },
        ],
      },
    },
    undefined,
  ],
])('a node that is drained is known by %s', (_, overrides, words) => {
  expect(classifyNodes([node('n', 'True', overrides)]).ready[0]?.drainedBy).toBe(words);
});

test('nodes are sorted into those that can be reached and the others with a reason', () => {
  const windows = node('windows', 'True');
  Object.assign(windows.status?.nodeInfo ?? {}, { operatingSystem: 'windows' });
  const cordoned = node('cordoned', 'True', {
    spec: {
      podCIDRs: ['10.1.2.0/24'],
      unschedulable: true,
      taints: [
        { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
        { key: 'gpu', value: 'a', effect: 'NoExecute' },
      ],
    },
  });
  Object.assign(cordoned.status ?? {}, {
    allocatable: { pods: '110' },
    nodeInfo: { ...cordoned.status?.nodeInfo, containerRuntimeVersion: 'containerd://2.2.1' },
    addresses: [
      { type: 'Hostname', address: 'cordoned' },
      { type: 'InternalIP', address: '10.0.0.2' },
      { type: 'ExternalIP', address: '192.0.2.1' },
    ],
  });
  const { ready, others } = classifyNodes([
    node('good', 'True'),
    cordoned,
    node('down', 'Unknown'),
    windows,
    node('fargate', 'True', {
      metadata: { name: 'fargate', labels: { 'eks.amazonaws.com/compute-type': 'fargate' } },
    }),
    node('aci', 'True', { metadata: { name: 'aci', labels: { type: 'virtual-kubelet' } } }),
    node('tainted', 'True', {
      spec: { taints: [{ key: 'virtual-kubelet.io/provider', effect: 'NoSchedule' }] },
    }),
    node('liqo', 'True', {
      metadata: { name: 'liqo', labels: { 'liqo.io/type': 'virtual-node' } },
    }),
    node('super', 'True', {
      metadata: { name: 'super', labels: { 'node.kubernetes.io/instance-type': 'eklet' } },
    }),
    node('eklet', 'True', {
      spec: { taints: [{ key: 'eks.tke.cloud.tencent.com/eklet', effect: 'NoSchedule' }] },
    }),
    node('oke', 'True', {
      metadata: { name: 'oke', labels: { 'node-role.kubernetes.io/virtual-node': '' } },
    }),
    node('kwok', 'True', {
      metadata: { name: 'kwok', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    }),
    { metadata: { name: 'new' } } as V1Node,
  ]);
  const virtual = ['aci', 'tainted', 'liqo', 'super', 'eklet', 'oke', 'kwok'];
  expect(virtualAmong(others)).toEqual(virtual);
  expect(ready.map(({ name }) => name)).toEqual(['good', 'cordoned']);
  expect(ready[0]).toEqual({
    name: 'good',
    uid: 'good',
    architecture: 'arm64',
    images: [{ names: ['a@sha256:1', 'a:1'], bytes: 5 }],
    addresses: [],
    podRanges: [],
  });
  expect(ready[1]?.runtime).toBe('containerd://2.2.1');
  expect([ready[1]?.addresses, ready[1]?.podRanges]).toEqual([['10.0.0.2'], ['10.1.2.0/24']]);
  expect(ready[1]?.taints).toEqual([{ key: 'gpu', value: 'a', effect: 'NoExecute' }]);
  expect(ready[1]?.podsMax).toBe(110);
  expect(others.map(({ name, reason }) => `${name} ${reason.split(',')[0]}`)).toEqual([
    'down is not Ready (KubeletReady)',
    'windows runs windows',
    'fargate is a Fargate node',
    ...virtual.map((name) => `${name} is a virtual node`),
    'new is not Ready',
  ]);
});

test('unavailable nodes are told by name and reason in one sentence', () => {
  const { others } = classifyNodes([
    node('n1', 'True'),
    node('n2', 'False'),
    node('n3', 'Unknown'),
  ]);
  expect(unavailableNodes(others).message).toBe(
    'Not every node can have the images (n2 is not Ready (KubeletReady); n3 is not Ready (KubeletReady)), and the input `on-unavailable-node` is fail; mend what is missing, choose other nodes by the input `nodes`, or set it to warn.',
  );
});

test('of many nodes the first are named', () => {
  const nodes = Array.from({ length: NODES_NAMED_MAX + 2 }, (_, index) => ({
    name: `n${index}`,
    reason: 'is away',
  }));
  const first = nodes.slice(0, NODES_NAMED_MAX);
  expect(nodesInWords(first)).toMatch(/; n9 is away$/);
  expect(nodesInWords(nodes)).toBe(`${nodesInWords(first)}; and 2 more`);
});

test('a node that is not listed any more has left, or lost the labels that were asked for', () => {
  const nodes = classifyNodes([node('n1', 'True'), node('n2', 'False')]);
  expect(reasonAgainst('n1', nodes)).toBeUndefined();
  expect(reasonAgainst('n2', nodes)).toBe('is not Ready (KubeletReady)');
  expect(reasonAgainst('n3', nodes)).toBe('has left the cluster');
  expect(reasonAgainst('n3', { ...nodes, selector: 'pool=a' })).toBe(
    'has left the cluster or lost the labels pool=a',
  );
});
