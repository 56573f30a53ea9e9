import { expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { NodeProof, NodeProofs } from '../../../src/proof/node-proof.js';
import type { ProofPlan } from '../../../src/proof/plan.js';

const NODE = { index: 0, name: 'n1', architecture: 'amd64' };

/** A Pod in which these containers run. */
function podRunning(...names: string[]): V1Pod {
  const containerStatuses = names.map((name) => ({ name, state: { running: {} } }));
  return { status: { containerStatuses } } as V1Pod;
}

test('trouble counts from the first failure, not from the start', () => {
  const proof = new NodeProof(NODE, [], 1000);
  expect(proof.trouble(100_000)).toEqual({ lasted: 0, times: 1 });
  expect(proof.trouble(130_000)).toEqual({ lasted: 30_000, times: 2 });
});

test('trouble counts anew after an image came', () => {
  const proof = new NodeProof(NODE, [], 0);
  proof.trouble(10_000);
  proof.take(podRunning('image-0'), 40_000);
  expect(proof.trouble(50_000)).toMatchObject({ lasted: 0 });
});

test('an image that is there already is no success of a new Pod', () => {
  const proof = new NodeProof(NODE, [], 0);
  proof.take(podRunning('image-0'), 1);
  proof.trouble(10_000);
  proof.again(10_001);
  proof.take(podRunning('image-0'), 11_000);
  expect(proof.trouble(50_000)).toMatchObject({ lasted: 40_000 });
});

test('a Pod that nobody has seen yet is not missed; one that was seen is', () => {
  const proof = new NodeProof(NODE, [], 0);
  expect(proof.take(undefined, 1)).toBe(false);
  expect(proof.take(podRunning(), 2)).toBe(true);
  expect(proof.take(undefined, 3)).toBe(true);
  proof.again(4);
  expect(proof.take(undefined, 5)).toBe(false);
});

test('what is not new is not judged again', () => {
  const proof = new NodeProof(NODE, [], 0);
  const pod = podRunning();
  expect(proof.take(pod, 1)).toBe(true);
  expect(proof.take(pod, 2)).toBe(false);
  expect(proof.take(podRunning(), 3)).toBe(true);
});

test('a settled or busy node is not judged', () => {
  const busy = new NodeProof(NODE, [], 0);
  busy.busy = true;
  expect(busy.take(podRunning(), 1)).toBe(false);
  const settled = new NodeProof(NODE, [], 0);
  settled.settle('left out');
  expect(settled.take(podRunning(), 1)).toBe(false);
});

test('a node is quiet when it has started and nothing was new since', () => {
  const proof = new NodeProof(NODE, [], 0);
  expect(proof.isQuietSince(10)).toBe(false);
  proof.start(5);
  expect(proof.isQuietSince(4)).toBe(false);
  expect(proof.isQuietSince(10)).toBe(true);
  proof.take(podRunning(), 20);
  expect(proof.isQuietSince(10)).toBe(false);
  proof.settle('proven');
  expect(proof.isQuietSince(30)).toBe(false);
});

test('words are news once', () => {
  const proof = new NodeProof(NODE, [], 0);
  expect([proof.says('a'), proof.says('a'), proof.says('b')]).toEqual([true, false, true]);
});

test('of a drained node a Pod that was deleted is let go, and one that was evicted is not', () => {
  const proven = new Map([['cordoned', 'proof-1']]);
  const proofs = new NodeProofs({ images: [], proven } as unknown as ProofPlan);
  const node = { name: 'cordoned', architecture: 'amd64' } as LinuxNode;
  const drained = { ...node, drainedBy: 'it is cordoned' };
  const fallen = (one: LinuxNode) => proofs.fallenAmong([one]).map(({ trouble }) => trouble?.kind);
  expect([fallen(node), fallen(drained)]).toEqual([['meddled'], []]);
  const evicted = { status: { phase: 'Failed', reason: 'Evicted' } } as V1Pod;
  proofs.pods = new Map([['proof-1', evicted]]);
  expect(fallen(drained)).toEqual(fallen(node));
  expect(fallen(drained)).toHaveLength(1);
});
