import { randomBytes } from 'node:crypto';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { deleteConfigMaps } from '../../../src/kube/configmaps.js';
import { connect } from '../../../src/kube/connect.js';
import { type ControlPlane, startControlPlane } from '../../integration/kube/site/control-plane.js';
import {
  connectThroughFaults,
  FAULTS,
  type FaultOptions,
  seeded,
} from '../../integration/kube/site/fault-proxy.js';
import { type Bench, figure, median } from '../figure.js';
import { chunkNames, leaseIn, NAMESPACE, upload } from './transport-ways.js';

/** A way to the API server that is longer or worse than a cable in the same room. */
interface Way {
  readonly name: string;
  readonly bytesPerSecond: number;
  /** Milliseconds by which each answer is late. */
  readonly latency: number;
  /** Share of the requests that meet a fault: a refusal, a break, or two seconds of nothing. */
  readonly faulty: number;
  readonly pieces: number;
}

const WAYS: readonly Way[] = [
  { name: 'long', bytesPerSecond: 30e6, latency: 150, faulty: 0, pieces: 96 },
  { name: 'slow', bytesPerSecond: 5e6, latency: 50, faulty: 0, pieces: 32 },
  { name: 'long, 1 in 50 fails', bytesPerSecond: 30e6, latency: 150, faulty: 0.02, pieces: 96 },
  { name: 'slow, 1 in 20 fails', bytesPerSecond: 5e6, latency: 50, faulty: 0.05, pieces: 32 },
  { name: 'slow, 1 in 5 fails', bytesPerSecond: 5e6, latency: 50, faulty: 0.2, pieces: 32 },
];
const PIECE = 1024 * 1024;
/** The same faults in each run of the bench. */
const SEEDS = [1, 2, 3, 4, 5];

/** How much of what a way carries an upload gets through it. */
export const way: Bench = {
  name: 'way',
  about: 'uploads over long, slow and faulty ways, against what each carries',
  async *run(log) {
    const plane = await startControlPlane();
    try {
      for (const one of WAYS) {
        const speeds: number[] = [];
        for (const seed of one.faulty > 0 ? SEEDS : SEEDS.slice(0, 3)) {
          const speed = await speedOver(plane, one, seed);
          log(`${one.name}, seed ${seed}: ${speed.toFixed(2)} MB/s`);
          speeds.push(speed);
        }
        const carries = { name: 'what it carries', value: one.bytesPerSecond / 1e6 };
        yield figure('way', one.name, 'MB/s', 'more', median(speeds), carries);
        yield figure('way', `${one.name}, worst`, 'MB/s', 'more', Math.min(...speeds), carries);
      }
    } finally {
      await plane.stop();
    }
  },
};

/** MB/s of one upload over the way; the chunks are deleted again past it. */
async function speedOver(plane: ControlPlane, way: Way, seed: number): Promise<number> {
  const faults = { ...way, faultOf: faultsOf(way, seed) };
  const { client, close } = await connectThroughFaults(plane, faults);
  const { client: direct } = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  try {
    const bytes = Array.from({ length: way.pieces }, () => randomBytes(PIECE));
    const owner = await leaseIn(direct, NAMESPACE);
    const started = performance.now();
    await upload(client, owner, bytes, new Pace());
    const milliseconds = performance.now() - started;
    await deleteConfigMaps(direct, NAMESPACE, await chunkNames(direct));
    return (way.pieces * PIECE) / 1000 / milliseconds;
  } finally {
    direct.close();
    await close();
  }
}

/** Creates meet each kind of fault alike, drawn by the seed. */
function faultsOf({ faulty }: Way, seed: number): NonNullable<FaultOptions['faultOf']> {
  const random = seeded(seed);
  return (_index, { method }) =>
    method === 'POST' ? FAULTS[Math.floor((random() * FAULTS.length) / faulty)] : undefined;
}
