import { expect, test } from '@jest/globals';
import { contentsFor, sizesOf } from '../../../src/images/contents.js';
import type { Image } from '../../../src/images/image.js';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { nodeFinder } from '../../../src/registry/clients.js';
import { summaryOf } from '../../../src/report/summary.js';
import {
  Traffic,
  type Travelled,
  trafficOutput,
  travelledLine,
} from '../../../src/report/traffic.js';

const node = (name: string, address: string, podRange?: string): LinuxNode => ({
  uid: name,
  ...{ name, architecture: 'amd64', images: [] },
  addresses: [address],
  podRanges: podRange === undefined ? [] : [podRange],
});
const NODES = [node('a', '10.0.0.1', '10.1.0.0/24'), node('b', '10.0.0.2'), node('c', 'fd00::3')];

test('who asks the registry is known by the addresses of a node and of its Pods', () => {
  const find = nodeFinder(NODES);
  expect(['10.0.0.1', '10.1.0.1', '10.0.0.2', 'fd00::3', '10.1.1.1', '', 'x'].map(find)).toEqual([
    ...['a', 'a', 'b', 'c'],
    ...[undefined, undefined, undefined],
  ]);
});

const layers = (...sizes: number[]) => sizes.map((size) => ({ digest: `l${size}`, size }));
const manifest = (digest: string, json: object) => ({
  digest,
  mediaType: 'm',
  bytes: Buffer.from(JSON.stringify(json)),
});

/** An image of two platforms that share a layer, with an attestation. */
const IMAGE = {
  platforms: ['linux/amd64', 'linux/arm64'],
  target: { mediaType: 'i', digest: 'index', size: 1 },
  manifests: [
    manifest('index', {
      manifests: [
        { digest: 'amd', platform: { os: 'linux', architecture: 'amd64' } },
        { digest: 'arm', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { digest: 'attestation', platform: { os: 'unknown', architecture: 'unknown' } },
        { digest: 'absent', platform: { os: 'linux', architecture: 'amd64' } },
      ],
    }),
    manifest('amd', { config: { digest: 'c1', size: 1 }, layers: layers(100, 20) }),
    manifest('arm', { config: { digest: 'c2', size: 2 }, layers: layers(100, 3) }),
    manifest('attestation', { config: { digest: 'c3', size: 9 }, layers: layers(9) }),
  ],
} as unknown as Image;

test('a node needs what its platform consists of', () => {
  expect(Object.fromEntries(contentsFor([IMAGE], 'linux/amd64'))).toEqual({
    ...{ c1: 1, l100: 100, l20: 20 },
  });
  expect(Object.fromEntries(contentsFor([IMAGE], 'linux/arm64'))).toEqual({
    ...{ c2: 2, l100: 100, l3: 3 },
  });
});

test('and nothing of an image for another one, also where only its config tells', () => {
  const lone = {
    platforms: ['linux/arm64'],
    target: { digest: 'lone' },
    manifests: [manifest('lone', { config: { digest: 'c4', size: 4 }, layers: layers(7) })],
  } as unknown as Image;
  expect(contentsFor([lone], 'linux/amd64').size).toBe(0);
  expect([...contentsFor([lone], 'linux/arm64').keys()]).toEqual(['c4', 'l7']);
});

test('a platform may have another word in an index', () => {
  const platform = { os: 'linux', architecture: 'x86_64' };
  const image = {
    platforms: ['linux/amd64'],
    target: { digest: 'index' },
    manifests: [
      manifest('index', { manifests: [{ digest: 'amd', platform }] }),
      manifest('amd', { config: { digest: 'c1', size: 1 } }),
    ],
  } as unknown as Image;
  expect([...contentsFor([image], 'linux/amd64').keys()]).toEqual(['c1']);
});

test('what indexes list again and again is read once', () => {
  const amd = { os: 'linux', architecture: 'amd64' };
  const index = (digest: string, child: string) =>
    manifest(digest, { manifests: Array(2000).fill({ digest: child, platform: amd }) });
  let reads = 0;
  const leaf = manifest('leaf', { config: { digest: 'c', size: 1 } });
  const counted = {
    ...leaf,
    bytes: {
      toString() {
        // Each of them 2,000 times would not come to an end.
        if (++reads > 1) throw new Error('The leaf is read again.');
        return leaf.bytes.toString();
      },
    },
  };
  const manifests = [index('one', 'two'), index('two', 'three'), index('three', 'leaf'), counted];
  const platforms = ['linux/amd64'];
  const image = { platforms, target: { digest: 'one' }, manifests } as unknown as Image;
  expect([...contentsFor([image], 'linux/amd64')]).toEqual([['c', 1]]);
  expect(reads).toBe(1);
});

test('images have each layer once, with what the source had it in where that was compressed', () => {
  const shared = { digest: 'a', size: 10, sourceSize: 30 };
  const own = { digest: 'b', size: 5 };
  const images = [{ blobs: [shared] }, { blobs: [shared, own] }];
  expect(sizesOf(images)).toEqual({ bytes: 15, sourceBytes: 35 });
});

/** What the summary is made from, where the images have 200 bytes, and 300 in their sources. */
const summarised = (travelled: Travelled) => ({
  ...{ images: [], nodes: [], stages: [], travelled, milliseconds: 1 },
  sizes: { bytes: 200, sourceBytes: 300 },
});

const WAY = { kind: 'direct', words: 'straight' } as const;

function streamed(...clients: string[]): Traffic {
  const traffic = new Traffic();
  traffic.sent('stream', { sentBytes: 1, milliseconds: 0 });
  traffic.sent('stream', { sentBytes: 120, resentBytes: 7, milliseconds: 2, way: WAY });
  for (const client of clients) {
    traffic.pulled(client, 'l100', 100);
    traffic.pulled(client, 'l100', 100);
  }
  return traffic;
}

test('what nodes pulled and had is told for each, and once however often it is said', () => {
  const travelled = streamed('10.0.0.1', '10.1.0.1').travelled([IMAGE], NODES.slice(0, 2));
  expect(travelled.nodes).toEqual([
    { node: 'a', pulledBytes: 100, hadBytes: 21 },
    { node: 'b', pulledBytes: 0, hadBytes: 121 },
  ]);
  expect(travelledLine(travelled)).toBe(
    '0.1 kB were sent as a stream, straight, of which 0.0 kB twice, at 0.1 MB/s; a pulled 0.1 kB and had 0.0 kB; b pulled 0.0 kB and had 0.1 kB.',
  );
  expect(JSON.parse(trafficOutput(travelled, 200))).toEqual({
    ...{ carrier: 'stream', way: 'direct', imageBytes: 200, sentBytes: 121, resentBytes: 7 },
    ...{ milliseconds: 2, megabytesPerSecond: 0.1 },
    nodes: [
      { name: 'a', pulledBytes: 100, hadBytes: 21 },
      { name: 'b', pulledBytes: 0, hadBytes: 121 },
    ],
  });
  const summary = summaryOf(summarised(travelled));
  expect(summary).toContain('| in the sources | as it travels | sent | way | speed |');
  expect(summary).toContain('| 0.3 kB | 0.2 kB | 0.1 kB | stream, straight | 0.1 MB/s |');
  expect(summary).toContain('| a | 0.1 kB | 0.0 kB |');
});

test('of many nodes the line tells the first ones and the sum of the others, and the summary has all', () => {
  const some = Array.from({ length: 12 }, (_, index) => node(`n${index}`, `10.0.1.${index}`));
  const travelled = streamed('10.0.1.0', '10.0.1.10').travelled([IMAGE], some);
  const line = travelledLine(travelled);
  expect(line).toContain(
    '; n9 pulled 0.0 kB and had 0.1 kB; 2 more nodes pulled 0.1 kB and had 0.1 kB together.',
  );
  expect(line).not.toContain('n10');
  const summary = summaryOf(summarised(travelled));
  expect(summary).toContain('| n11 | 0.0 kB | 0.1 kB |\n\n</details>\n');
});

const [A, B, C] = NODES as [LinuxNode, LinuxNode, LinuxNode];

test('a single stranger is the node that the registry is on, where all others are known', () => {
  const traffic = streamed('10.0.0.2', '172.16.0.1');
  traffic.servedFrom('a');
  expect(traffic.travelled([IMAGE], [A, B]).nodes).toEqual([
    { node: 'a', pulledBytes: 100, hadBytes: 21 },
    { node: 'b', pulledBytes: 100, hadBytes: 21 },
  ]);
});

test.each<[string, string[], string[]]>([
  ['the node of the registry is known', ['10.0.0.1', '172.16.0.1'], ['a']],
  ['there are two', ['10.0.0.2', '172.16.0.1', '172.16.0.2'], ['b']],
  ['it may be another node', ['10.0.0.2', '172.16.0.1'], ['b']],
  ['all are hidden behind it', ['172.16.0.1'], []],
])('a stranger is no node, and known ones are told of, when %s', (_, clients, told) => {
  const traffic = streamed(...clients);
  traffic.servedFrom('a');
  expect(traffic.travelled([IMAGE], NODES).nodes).toEqual(
    told.map((name) => ({ node: name, pulledBytes: 100, hadBytes: 21 })),
  );
});

test('a node that was left out after it had pulled hides nobody, and is not told of', () => {
  const traffic = streamed('10.0.0.2', 'fd00::3');
  traffic.servedFrom('a');
  expect(traffic.travelled([IMAGE], [A, B], [A, B, C]).nodes).toEqual([
    { node: 'a', pulledBytes: 0, hadBytes: 121 },
    { node: 'b', pulledBytes: 100, hadBytes: 21 },
  ]);
});

test('ConfigMaps tell how much was sent, and of nodes as a stream does', () => {
  const traffic = new Traffic();
  traffic.sent('configmap', { sentBytes: 10e6, milliseconds: 500 });
  traffic.pulled('10.0.0.1', 'l100', 100);
  const sent = '10.0 MB were sent as ConfigMaps, at 20.0 MB/s';
  const line = () => travelledLine(traffic.travelled([IMAGE], NODES.slice(0, 1)));
  expect(line()).toBe(`${sent}; a pulled 0.1 kB and had 0.0 kB.`);
  traffic.cannotCount();
  expect(line()).toBe(`${sent}.`);
});

test('couriers tell of nodes as long as the registry could be heard', () => {
  const traffic = streamed('10.0.0.1');
  traffic.sent('courier', { sentBytes: 10e6, milliseconds: 498 });
  const travelled = traffic.travelled([IMAGE], NODES.slice(0, 1));
  // The way was that of a stream that had broken before.
  expect(travelledLine(travelled)).toBe(
    '10.0 MB were sent as ConfigMaps by couriers, of which 0.0 kB twice, at 20.0 MB/s; a pulled 0.1 kB and had 0.0 kB.',
  );
  expect(summaryOf(summarised(travelled))).toContain('| ConfigMaps, couriers | 20.0 MB/s |');
  traffic.cannotCount();
  expect(traffic.travelled([IMAGE], NODES.slice(0, 1)).nodes).toEqual([]);
});
