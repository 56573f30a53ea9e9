import { type Figure, figure, median, type Peer, promised } from '../figure.js';
import type { Source } from './images.js';
import type { Measured } from './place.js';
import type { OurWay, Way } from './ways.js';

const BENCH = 'load';
const MB = 1e6;

/** Promised: resident memory of the runner's process, MB. */
const PEAK_MEGABYTES = 200;

/** The middle of what one has measured of all its turns. */
export interface Middle {
  readonly seconds: number;
  readonly loaded: number;
  readonly megabytes: number;
  readonly peak: number;
}

export function middleOf(turns: readonly Measured[]): Middle {
  const of = (value: (turn: Measured) => number) => median(turns.map(value));
  return {
    seconds: of(({ seconds }) => seconds),
    loaded: of(({ loaded = Number.NaN }) => loaded),
    megabytes: of(({ bytes }) => bytes / MB),
    peak: of(({ peak = 0 }) => peak / MB),
  };
}

/** An image of some size, and where it came from. */
export interface Load {
  readonly megabytes: number;
  readonly source: Source;
}

/** Seconds, bytes and memory of ours beside each peer, and what is promised of them. */
export function* sizeFigures(
  load: Load,
  turns: ReadonlyMap<Way, readonly Measured[]>,
): Iterable<Figure> {
  const all = [...turns].map(([way, some]) => ({ way, ...middleOf(some) }));
  const peers = all.filter(({ way }) => way.ours === undefined);
  for (const mine of all) {
    const { ours } = mine.way;
    if (ours === undefined) continue;
    const what = `${load.megabytes} MB, ${load.source}, ${ours}`;
    const its = peers.filter(({ way: { limitOf } }) => limitOf === undefined || limitOf === ours);
    yield* beside(`${what}, running`, 's', mine.seconds, its, ({ seconds }) => seconds);
    for (const peer of promisesOf(load, ours, peers)) {
      yield figure(BENCH, `${what}, running`, 's', 'less', mine.seconds, peer);
    }
    // Who imports files on the nodes has sent nothing over the network.
    const sent = peers.filter(({ way }) => way.name.startsWith('docker push'));
    yield* beside(`${what}, sent`, 'MB', mine.megabytes, sent, ({ megabytes }) => megabytes);
    const limit = promised(PEAK_MEGABYTES);
    yield figure(BENCH, `${what}, peak memory`, 'MB', 'less', mine.peak, limit);
  }
}

type OneOfAll = Middle & { readonly way: Way };

/** One figure for each peer; without peers one by itself. */
export function* beside(
  what: string,
  unit: string,
  mine: number,
  peers: readonly OneOfAll[],
  of: (peer: OneOfAll) => number,
): Iterable<Figure> {
  if (peers.length === 0) yield figure(BENCH, what, unit, 'less', mine);
  for (const peer of peers) {
    const against = { name: peer.way.name, value: of(peer) };
    yield figure(BENCH, what, unit, 'less', mine, against);
  }
}

/** What is promised of one of our ways: times as good as a peer, or seconds. */
function promisesOf(
  { megabytes, source }: Load,
  way: OurWay,
  peers: readonly OneOfAll[],
): readonly Peer[] {
  const [first] = peers;
  const times = (factor: number, value?: number) =>
    first === undefined || value === undefined
      ? []
      : [promised(value / factor, `${factor} × as fast as ${first.way.name}`)];
  const promises: Readonly<Record<string, readonly Peer[]>> = {
    '500 docker direct': times(1.2, first?.seconds),
    '100 docker direct': times(1, first?.seconds),
    '500 docker api': times(1, first?.seconds),
    '500 archive direct':
      first === undefined ? [] : [promised(1.3 * first.loaded, `1.3 × ${first.way.name}`)],
    '500 docker configmap': [promised(20)],
    '500 archive configmap': [promised(20)],
    '10 docker auto': [promised(1.8)],
    '10 archive auto': [promised(1.8)],
  };
  return promises[`${megabytes} ${source} ${way}`] ?? [];
}
