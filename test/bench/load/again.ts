import { type Choice, chosen, type Figure, figure, promised } from '../figure.js';
import { beside, middleOf } from './figures.js';
import type { LoadImage, Source } from './images.js';
import {
  CONTENDERS,
  describe,
  type Measured,
  measure,
  type Place,
  rotated,
  waysOf,
} from './place.js';
import type { Way } from './ways.js';

const BENCH = 'load';
const MEGABYTES = 500;
const ROUNDS = 3;
const MB = 1e6;
/** Promised: seconds of a run that has nothing to send, and of one with a tenth of the image. */
const UNCHANGED_SECONDS = 2.5;
const CHANGED_SECONDS = 4;
/** Promised: bytes sent, as a multiple of the layer that changed. */
const CHANGED_FACTOR = 1.05;
/** MB that a run sends when it sends no byte of a layer: injector, catalog, requests. */
const NOTHING_MEGABYTES = 2;

const TASKS = ['unchanged', 'last layer of 10 changed'] as const;
type Task = (typeof TASKS)[number];

/** What it takes when the nodes have all of the image already, or all but its last layer. */
export async function* benchAgain(
  place: Place,
  source: Source,
  choice: Choice,
  log: (line: string) => void,
): AsyncGenerator<Figure> {
  const { workshop } = place;
  const { ways, close } = await waysOf(source, chosen(CONTENDERS, choice), place);
  const turns = new Map(TASKS.map((task) => [task, new Map<Way, Measured[]>()]));
  const layers: number[] = [];
  const { rounds = ROUNDS } = choice;
  try {
    for (let round = 0; round < rounds; round++) {
      const first = await workshop.make(ways.length, MEGABYTES, source);
      const second = await workshop.change(ways.length, MEGABYTES, source);
      layers.push(workshop.lastLayer / MB);
      log(`made ${2 * ways.length} images of ${MEGABYTES} MB`);
      for (const [index, way] of rotated(ways, round).entries()) {
        const images = [first[index], second[index]] as [LoadImage, LoadImage];
        for (const [task, turn] of await oneAfterTheOther(place, way, ...images)) {
          const of = turns.get(task);
          of?.set(way, [...(of.get(way) ?? []), turn]);
          log(
            `${task}, ${source}, round ${round + 1} of ${rounds}, ${way.name}: ${describe(turn)}`,
          );
        }
      }
      await workshop.clear();
    }
  } finally {
    await close();
  }
  for (const [task, of] of turns) yield* figuresOf(task, source, of, Math.min(...layers));
}

async function oneAfterTheOther(
  { nodes }: Place,
  way: Way,
  first: LoadImage,
  second: LoadImage,
): Promise<[Task, Measured][]> {
  const done: Measured[] = [];
  try {
    for (const image of [first, first, second]) {
      done.push(await measure(nodes, way, image));
      await nodes.removePods();
    }
  } finally {
    await nodes.clear();
  }
  return TASKS.map((task, index) => [task, done[index + 1] as Measured]);
}

function* figuresOf(
  task: Task,
  source: Source,
  turns: ReadonlyMap<Way, readonly Measured[]>,
  layer: number,
): Iterable<Figure> {
  const all = [...turns].map(([way, some]) => ({ way, ...middleOf(some) }));
  const unchanged = task === 'unchanged';
  const peers = all.filter(({ way }) => !way.ours && !(unchanged && way.looksFirst));
  const seconds = promised(unchanged ? UNCHANGED_SECONDS : CHANGED_SECONDS);
  const megabytes = unchanged
    ? promised(NOTHING_MEGABYTES, 'no layer')
    : promised(CHANGED_FACTOR * layer, `${CHANGED_FACTOR} × the layer`);
  for (const mine of all) {
    if (mine.way.ours === undefined) continue;
    const what = `${MEGABYTES} MB, ${source}, ${task}, ${mine.way.ours}`;
    yield* beside(`${what}, running`, 's', mine.seconds, peers, (peer) => peer.seconds);
    yield figure(BENCH, `${what}, running`, 's', 'less', mine.seconds, seconds);
    yield figure(BENCH, `${what}, sent`, 'MB', 'less', mine.megabytes, megabytes);
  }
}
