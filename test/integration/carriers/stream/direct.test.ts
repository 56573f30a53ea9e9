import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { directWay } from '../../../../src/carriers/stream/way.js';
import { heardWithin } from '../../../../src/lib/heard-within.js';
import {
  DIRECT_PATIENCE_MILLISECONDS,
  DIRECT_PROOF_MILLISECONDS,
} from '../../../../src/lib/limits/stream.js';
import type { RegistryPod } from '../../../../src/registry/bootstrap.js';
import type { Delivery } from '../../../../src/run/run.js';
import { findWays } from '../../../../src/stages/hand-over.js';
import type { PreparedJob } from '../../../../src/stages/job.js';
import { until } from '../../../cluster/until.js';
import { type FaultyLine, startFaultyLine } from '../../../helpers/link/faulty-line.js';
import { freePort } from '../../../helpers/link/free-port.js';
import { type OnDemandRegistry, serveOnDemand } from '../../../helpers/on-demand.js';

/* The straight way to a registry: who is there, and for how long one waits. */

let registry: OnDemandRegistry;
let other: OnDemandRegistry | undefined;
let line: FaultyLine | undefined;

beforeEach(async () => {
  registry = await serveOnDemand([]);
});

afterEach(async () => {
  await line?.close();
  await other?.close();
  await registry?.close();
  [line, other] = [undefined, undefined];
});

const { signal } = new AbortController();
const address = (port: number) => ({ host: '127.0.0.1', port });
/** Soon over for who does not answer, never for who is there. */
const BRIEF = { connect: 50, prove: 60_000 };

/** Waits until what was begun before has waited for long enough for somebody to answer. */
async function untilLate(): Promise<void> {
  await once(heardWithin(BRIEF.connect), 'abort');
}

test('the direct way is the address at which somebody knows the token', async () => {
  other = await serveOnDemand([]);
  line = await startFaultyLine(registry.delivery, { stallBytes: 1, stallMilliseconds: 60_000 });
  // One of another run, one that says nothing in time, one where nobody listens, and the right one.
  const stranger = address(other.delivery.port);
  const silent = address(line.port);
  const nobody = address(1);
  const { token } = registry;
  const all = [stranger, silent, nobody, registry.delivery];
  const way = await directWay(all, token, signal, BRIEF);
  expect(way.target).toBe(`127.0.0.1:${registry.delivery.port}`);
  const none = directWay([stranger, silent, nobody], token, signal, { connect: 50, prove: 50 });
  await expect(none).rejects.toThrow(/; 127\.0\.0\.1:1: ECONNREFUSED$/);
  await until('nothing to be left of it', () => line?.open() === 0);
});

test('a registry that is there but busy has longer than one that nobody finds', async () => {
  line = await startFaultyLine(registry.delivery, { holdBytes: 1 });
  const { held, release } = line;
  const finding = directWay([address(line.port)], registry.token, signal, BRIEF);
  await held;
  await untilLate();
  release();
  expect((await finding).target).toBe(`127.0.0.1:${line.port}`);
});

test('a registry that does not listen yet is waited for', async () => {
  const port = await freePort();
  const finding = directWay([address(port)], registry.token, signal, BRIEF);
  await untilLate();
  line = await startFaultyLine(registry.delivery, { port });
  expect((await finding).target).toBe(`127.0.0.1:${port}`);
});

test('where a Service is led from one registry to another, the other one is waited for', async () => {
  other = await serveOnDemand([]);
  const port = await freePort();
  line = await startFaultyLine(other.delivery, { port });
  const { counts } = line;
  const patience = { ...BRIEF, changes: true };
  const finding = directWay([address(port)], registry.token, signal, patience);
  // The first has been asked, and did not prove itself.
  await until('a second question', () => counts.connections > 1);
  // Whoever asks at the moment of the change is cut off.
  line.cut();
  const cutOff = until('a question that is cut off', () => counts.refused > 0);
  await Promise.race([cutOff, finding]);
  await line.close();
  line = await startFaultyLine(registry.delivery, { port });
  expect((await finding).target).toBe(`127.0.0.1:${port}`);
});

test.each([
  ['is to be straight', { carrier: 'stream', way: 'direct' }, { forward: true }],
  ['may not go through the API server', { carrier: 'auto' }, { forward: false }],
])(
  'a stream that %s waits longer for a registry that is kept from its work',
  async (_, carrier, rights) => {
    const { port } = registry.delivery;
    const job = {
      ...{ inputs: { carrier }, rights, near: true, signal },
      client: { find: async () => ({}) },
      nodes: [{ addresses: ['127.0.0.1'] }],
    } as unknown as PreparedJob;
    const delivery = { namespace: 'default', token: registry.token, deliveryPort: port };
    process.kill(registry.pid, 'SIGSTOP');
    try {
      const finding = findWays(job, delivery as Delivery, { name: 'registry' } as RegistryPod);
      const usual = DIRECT_PATIENCE_MILLISECONDS + DIRECT_PROOF_MILLISECONDS;
      await Promise.race([once(heardWithin(usual), 'abort'), finding]);
      process.kill(registry.pid, 'SIGCONT');
      expect((await finding).ways[0]?.target).toBe(`127.0.0.1:${port}`);
    } finally {
      process.kill(registry.pid, 'SIGCONT');
    }
  },
);
