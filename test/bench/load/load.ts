import { COURIERS_FROM_BYTES } from '../../../src/lib/limits/couriers.js';
import { type Bench, type Choice, chosen, type Figure } from '../figure.js';
import { benchAgain } from './again.js';
import { sizeFigures } from './figures.js';
import { type LoadImage, SOURCES, type Source, type Workshop } from './images.js';
import { benchMemory } from './memory.js';
import { mountsAlone } from './mounts.js';
import {
  CONTENDERS,
  describe,
  type Measured,
  measure,
  openPlace,
  type Place,
  rotated,
  waysOf,
} from './place.js';
import type { Way } from './ways.js';

const CLUSTER = 'bench-load';
const ROUNDS = 3;
/** Megabytes of an image, before anything compresses it. */
const SIZES = { '10MB': 10, '100MB': 100, '500MB': 500 } as const;
type Size = keyof typeof SIZES;
const TASKS = [...(Object.keys(SIZES) as Size[]), 'again', 'memory'] as const;

/** From an image on this machine to containers of it on both nodes, beside the tools that do the same. */
export const load: Bench = {
  name: 'load',
  about:
    'an image from the Docker daemon or an archive to containers on two nodes, against kind load, ctr and docker push',
  parts: [...TASKS, ...SOURCES, ...CONTENDERS],
  async *run(log, choice) {
    const tasks = chosen(TASKS, choice);
    const sizes = tasks.filter((task): task is Size => task in SIZES);
    if (sizes.length > 0 || tasks.includes('again')) {
      const place = await openPlace(CLUSTER, log);
      try {
        for (const source of chosen(SOURCES, choice)) {
          for (const size of sizes) yield* benchSize(place, size, source, choice, log);
          if (tasks.includes('again')) yield* benchAgain(place, source, choice, log);
        }
      } finally {
        await place.close();
      }
    }
    if (tasks.includes('memory')) yield* benchMemory(choice, log);
  },
};

async function* benchSize(
  place: Place,
  size: Size,
  source: Source,
  choice: Choice,
  log: (line: string) => void,
): AsyncGenerator<Figure> {
  const { nodes, workshop } = place;
  const contenders = chosen(CONTENDERS, choice);
  const { ways: all, close } = await waysOf(source, contenders, place);
  const hasLimit = contenders.includes('peers') && contenders.includes('configmap');
  const isMuch = SIZES[size] * 1e6 >= COURIERS_FROM_BYTES;
  const ways = hasLimit && isMuch ? [...all, mountsAlone(nodes, SIZES[size])] : all;
  const turns = new Map<Way, Measured[]>(ways.map((way) => [way, []]));
  const { rounds = ROUNDS } = choice;
  try {
    for (let round = 0; round < rounds; round++) {
      const images = await imagesFor(ways, workshop, SIZES[size], source);
      for (const way of rotated(ways, round)) {
        const turn = await measure(nodes, way, images.get(way) as LoadImage).finally(() =>
          nodes.clear(),
        );
        turns.get(way)?.push(turn);
        log(`${size}, ${source}, round ${round + 1} of ${rounds}, ${way.name}: ${describe(turn)}`);
      }
      await workshop.clear();
    }
  } finally {
    await close();
  }
  yield* sizeFigures({ megabytes: SIZES[size], source }, turns);
}

/** An image for each way: of one content for all others, who forget what they have brought. */
async function imagesFor(
  ways: readonly Way[],
  workshop: Workshop,
  megabytes: number,
  source: Source,
): Promise<ReadonlyMap<Way, LoadImage>> {
  const own = ways.filter(({ ours }) => ours !== undefined);
  const others = ways.filter(({ ours }) => ours === undefined);
  const images = await workshop.makeApart(own.length, megabytes, source);
  if (others.length > 0) images.push(...(await workshop.make(others.length, megabytes, source)));
  return new Map([...own, ...others].map((way, index) => [way, images[index] as LoadImage]));
}
