import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { Batch, type Piece, planText } from '../../../src/carriers/couriers/batch.js';
import { endOf } from '../../../src/carriers/couriers/end.js';
import { Orders } from '../../../src/carriers/couriers/orders.js';
import { Places } from '../../../src/carriers/couriers/places.js';
import type { Image } from '../../../src/images/image.js';
import { layersAbove } from '../../../src/images/oci/layers.js';
import type { ParcelEntry } from '../../../src/payload/parcel.js';

const entry = (digest: string): ParcelEntry => ({ digest, size: 1, open: () => Readable.from([]) });
const ABOVE = new Map([['a', ['b', 'c']]]);

/** All that is taken until there is nothing for now. */
function taken(orders: Orders): string[] {
  const digests: string[] = [];
  for (let next = orders.take(); next !== undefined; next = orders.take()) {
    digests.push(next.digest);
  }
  return digests;
}

test('what is waited for comes first, then what stands above it, and nothing else', async () => {
  const orders = new Orders(['a', 'b', 'c', 'd', 'e'].map(entry), ABOVE);
  expect(taken(orders)).toEqual([]);
  const { news } = orders;
  orders.demand('a');
  await news;
  orders.demand('d');
  orders.demand('unknown');
  expect(taken(orders)).toEqual(['a', 'd', 'b', 'c']);
});

test('each content is brought once, and everything where nobody can tell', () => {
  const orders = new Orders(['a', 'b', 'c', 'd'].map(entry), ABOVE);
  orders.demand('c');
  orders.demand('c');
  expect(taken(orders)).toEqual(['c']);
  orders.demandAll();
  orders.demand('c');
  expect(taken(orders)).toEqual(['a', 'b', 'd']);
});

test('above a layer stand those of every manifest that has it', () => {
  const manifest = (...layers: string[]) => ({
    digest: layers.join(),
    mediaType: 'm',
    bytes: Buffer.from(JSON.stringify({ layers: layers.map((digest) => ({ digest, size: 1 })) })),
  });
  const index = { digest: 'i', mediaType: 'i', bytes: Buffer.from('{"manifests":[]}') };
  const images = [
    { manifests: [index, manifest('a', 'b')] },
    { manifests: [manifest('a', 'c')] },
  ] as unknown as Image[];
  expect(Object.fromEntries(layersAbove(images))).toEqual({ a: ['b', 'c'], b: [], c: [] });
  const often = [{ manifests: [manifest('a', 'b', 'a', 'b')] }] as unknown as Image[];
  expect(Object.fromEntries(layersAbove(often))).toEqual({ a: ['b', 'a'], b: ['a', 'b'] });
});

const piece = (name: string, offset: number, size: number): Piece => ({
  ...{ name, offset, size, parts: [], path: `${name}/chunk`, sha256: 'ab' },
  content: { digest: 'sha256:12', size: 9 },
});

test('a batch goes on its way when no more comes and all of it is there', () => {
  const batch = new Batch(3);
  batch.add(piece('0000', 0, 5));
  batch.add(piece('0001', 5, 4));
  batch.sent();
  batch.close();
  expect(batch.isReady).toBe(false);
  batch.sent();
  expect([batch.isReady, batch.bytes, batch.number]).toEqual([true, 9, 3]);
  expect(planText(batch)).toBe(
    'jackal-plan 1\npiece sha256:12 9 0 0000/chunk 5 ab\npiece sha256:12 9 5 0001/chunk 4 ab\nend\n',
  );
  expect(planText(new Batch(4, true))).toBe('jackal-plan 1\nlast\nend\n');
});

const base = (node: string, image: string) => ({ node, image, architecture: 'amd64' });

test('couriers start on the nodes in turn, from what is left there', () => {
  const [first, second, other] = [base('a', '1'), base('a', '2'), base('b', '1')];
  const places = new Places([first, second, other]);
  expect([places.next(), places.next(), places.next()]).toEqual([first, other, first]);
  places.drop(first, false);
  expect(new Set([places.next(), places.next()])).toEqual(new Set([second, other]));
  expect([places.hasBesides('a'), places.hasBesides('b')]).toEqual([true, true]);
  places.drop(other, true);
  expect([places.next(), places.hasBesides('a')]).toEqual([second, false]);
  places.drop(second, true);
  expect(places.next()).toBeUndefined();
});

function pod(state: V1ContainerState, status: object = {}, container: object = {}): V1Pod {
  const ours = { name: 'courier', ready: false, restartCount: 0, image: '', imageID: '' };
  const proxy = { ...ours, name: 'a-proxy', state: { terminated: { exitCode: 0 } } };
  return {
    status: { containerStatuses: [proxy, { ...ours, state, ...container }], ...status },
  };
}

const fatal = (code: string, exit: number) => ({
  exitCode: exit,
  message: `jackal delivering pieces=1\njackal fatal code=${code} exit=${exit} message=It went wrong: x.\n`,
});

test.each<[string, V1Pod, object | undefined]>([
  ['nothing yet', pod({ waiting: { reason: 'ContainerCreating' } }), undefined],
  ['under way', pod({ running: {} }), undefined],
  ['at its end', pod({ terminated: { exitCode: 0 } }), { kind: 'delivered' }],
  ['beside others', pod({ running: {} }, { phase: 'Succeeded' }), { kind: 'delivered' }],
  [
    'evicted',
    pod({}, { phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    { kind: 'lost', words: 'Evicted: low on memory' },
  ],
  [
    'without a place',
    pod({}, { phase: 'Failed', reason: 'OutOfpods' }),
    { kind: 'unusable', words: 'OutOfpods', ofNode: true },
  ],
  [
    'without its image',
    pod({ waiting: { reason: 'ErrImageNeverPull', message: 'not present' } }),
    { kind: 'unusable', words: 'ErrImageNeverPull: not present', ofNode: false },
  ],
  [
    'whose kubelet begins no pull for just now',
    pod({ waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } }),
    undefined,
  ],
  [
    'at the end of its patience',
    pod({ terminated: fatal('not-delivered', 18) }),
    { kind: 'failed', code: 'not-delivered', words: 'It went wrong: x.' },
  ],
  [
    'before it starts again',
    pod({ waiting: {} }, {}, { lastState: { terminated: fatal('blob-wrong', 14) } }),
    { kind: 'failed', code: 'blob-wrong', words: 'It went wrong: x.' },
  ],
  ['killed once', pod({ terminated: { exitCode: 137 } }), undefined],
  [
    'killed again and again',
    pod({ terminated: { exitCode: 137, reason: 'OOMKilled' } }, {}, { restartCount: 3 }),
    {
      kind: 'lost',
      words: 'its container ended again and again (OOMKilled, exit code 137)',
    },
  ],
])('a courier %s is seen as that', (_, of, end) => {
  expect(endOf(of)).toEqual(end);
});
