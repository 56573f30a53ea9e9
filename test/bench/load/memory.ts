import { readFileSync, writeFileSync } from 'node:fs';
import { type Cluster, down } from '../../cluster/cluster.js';
import {
  type Choice,
  chosen,
  type Figure,
  figure,
  median,
  type Peer,
  promised,
} from '../figure.js';
import { type LoadImage, SOURCES } from './images.js';
import { CONTENDERS, type ContenderName, openPlaceOn, waysOf } from './place.js';
import type { Way } from './ways.js';

const BENCH = 'load';
const CLUSTER = 'bench-load-memory';
/** Each turn has a cluster of its own, and memory varies little. */
const ROUNDS = 1;
const MEGABYTES = 500;
/** An image that goes first, so that what comes with a first run is there when memory is looked at. */
const WARM_MEGABYTES = 10;
const MB = 1e6;
/** Promised: MB by which etcd, API server and kubelets together grow, and one kubelet by ConfigMaps. */
const STREAM_MEGABYTES = 60;
const KUBELET_MEGABYTES = 250;

/** Bytes by which the resident memory of each program grew until the end, and at its peak. */
type Growth = ReadonlyMap<string, { readonly end: number; readonly peak: number }>;

/** By how much an image of 500 MB makes the programs of a fresh cluster grow, by each way. */
export async function* benchMemory(
  choice: Choice,
  log: (line: string) => void,
): AsyncGenerator<Figure> {
  const { rounds = ROUNDS } = choice;
  const all = new Map<string, { ours: ContenderName; growths: Growth[] }>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of chosen(CONTENDERS, choice)) {
      const { way, growth } = await growthBy(contender, choice, log);
      const of = all.get(way.name) ?? { ours: contender, growths: [] };
      of.growths.push(growth);
      all.set(way.name, of);
      const each = [...growth].map(([name, { end }]) => `${name} ${(end / MB).toFixed(0)} MB`);
      log(`memory, round ${round + 1} of ${rounds}, ${way.name}: ${each.join(', ')}`);
    }
  }
  const peer = [...all].find(([, { ours }]) => ours === 'peers');
  for (const { ours, growths } of all.values()) {
    if (ours !== 'peers') yield* figuresOf(ours, growths, peer && [peer[0], peer[1].growths]);
  }
}

async function growthBy(
  contender: ContenderName,
  choice: Choice,
  log: (line: string) => void,
): Promise<{ way: Way; growth: Growth }> {
  const [source = 'docker'] = chosen(SOURCES, choice);
  await down(CLUSTER); // what a bench that was broken off has left
  const place = await openPlaceOn(CLUSTER, log);
  try {
    const { nodes, workshop } = place;
    const { ways, close } = await waysOf(source, [contender], place);
    const [way] = ways as [Way];
    try {
      const [warm] = (await workshop.make(1, WARM_MEGABYTES, source)) as [LoadImage];
      await way.take(warm, async () => {});
      await nodes.clear();
      const [image] = (await workshop.make(1, MEGABYTES, source)) as [LoadImage];
      const before = residentOf(nodes.cluster);
      let growth: Growth = new Map();
      await way.take(image, async () => {
        growth = new Map(
          [...residentOf(nodes.cluster)].map(([name, { now, peak }]) => {
            const was = before.get(name)?.now ?? 0;
            return [name, { end: now - was, peak: peak - was }];
          }),
        );
      });
      return { way, growth };
    } finally {
      await close();
    }
  } finally {
    await place.close();
  }
}

/** Resident bytes of each program now, and at most since this was asked last. */
function residentOf({ controlPlane, nodes }: Cluster) {
  const { etcd, apiserver } = controlPlane.pids;
  const kubelets = nodes.map(({ name, pids }) => [`kubelet of ${name}`, pids.kubelet] as const);
  return new Map(
    [['etcd', etcd] as const, ['kube-apiserver', apiserver] as const, ...kubelets].map(
      ([name, pid]) => {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const bytes = (field: string) =>
          1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
        writeFileSync(`/proc/${pid}/clear_refs`, '5'); // proc_pid_clear_refs(5): forget the peak
        return [name, { now: bytes('VmRSS'), peak: bytes('VmHWM') }];
      },
    ),
  );
}

function* figuresOf(
  ours: ContenderName,
  growths: readonly Growth[],
  peer: readonly [string, readonly Growth[]] | undefined,
): Iterable<Figure> {
  const names = [...(growths[0]?.keys() ?? [])];
  const kubelets = names.filter((name) => name.startsWith('kubelet'));
  const what = (of: string) => `${MEGABYTES} MB, ${ours}, growth of ${of}`;
  const compare = (of: string, value: (growth: Growth) => number, limit?: Peer) => {
    const middle = (some: readonly Growth[]) => median(some.map(value)) / MB;
    const against = peer && { name: peer[0], value: middle(peer[1]) };
    return figure(BENCH, what(of), 'MB', 'less', middle(growths), limit ?? against);
  };
  const end = (growth: Growth, name: string) => growth.get(name)?.end ?? 0;
  for (const name of names) {
    yield compare(name, (growth) => end(growth, name));
    yield compare(`${name} at its peak`, (growth) => growth.get(name)?.peak ?? 0);
  }
  const together = (growth: Growth) => names.reduce((sum, name) => sum + end(growth, name), 0);
  const stream = ours === 'direct' || ours === 'api';
  yield compare('all together', together, stream ? promised(STREAM_MEGABYTES) : undefined);
  if (ours !== 'configmap') return;
  const most = (growth: Growth) => Math.max(...kubelets.map((name) => end(growth, name)));
  yield compare('the larger kubelet', most, promised(KUBELET_MEGABYTES));
}
