import { type Link, type LinkShape, openLink } from '../../helpers/link/link.js';
import {
  type Bench,
  type Choice,
  chosen,
  type Figure,
  figure,
  median,
  promised,
} from '../figure.js';
import type { LoadImage } from './images.js';
import { counter } from './nodes.js';
import { describe, type Measured, openPlace, type Place, rotated } from './place.js';
import { OUR_WAYS, type OurWay, ourStep, runStep } from './ways.js';

const BENCH = 'links';
const CLUSTER = 'bench-links';
const ROUNDS = 3;
/** Promised: how much slower than the best fixed choice `auto` may be. */
const PROMISED_FACTOR = 1.15;

/** A way between runner and cluster, and a large image that is through it within half a minute. */
interface Shape {
  /** Undefined: from this machine straight onto the cluster's bridge. */
  readonly link?: LinkShape;
  readonly megabytes: number;
}

const LINKS = {
  none: { megabytes: 100 },
  '1Gbit': { link: { bitsPerSecond: 1e9, roundTrip: 1, loss: 0 }, megabytes: 100 },
  '100Mbit': { link: { bitsPerSecond: 100e6, roundTrip: 20, loss: 0 }, megabytes: 50 },
  '20Mbit': { link: { bitsPerSecond: 20e6, roundTrip: 50, loss: 0.005 }, megabytes: 20 },
} as const satisfies Record<string, Shape>;
type LinkName = keyof typeof LINKS;
const LINK_NAMES = Object.keys(LINKS) as LinkName[];

/** Images: the large one of each way, which is always streamed, and two of which it is measured whether they are. */
const SIZES = ['large', '10MB', '5MB'] as const;

const COMPRESSIONS = ['uncompressed', 'gzip', 'zstd'] as const;
const INPUT = { uncompressed: 'none', gzip: 'gzip', zstd: 'zstd' } as const;

/** What a step is told; without a compression it chooses one by itself. */
interface Settings {
  readonly name: string;
  readonly way: OurWay;
  readonly compression?: string;
}

const AUTO: Settings = { name: 'auto', way: 'auto' };

/** Whether what the action chooses by itself is as good as the best that could be told to it. */
export const links: Bench = {
  name: 'links',
  about:
    'carriers and compressions over ways of 1 Gbit/s to 20 Mbit/s, and what auto makes of them',
  parts: [...LINK_NAMES, ...SIZES, ...OUR_WAYS, ...COMPRESSIONS],
  async *run(log, choice) {
    const place = await openPlace(CLUSTER, log);
    try {
      for (const name of chosen(LINK_NAMES, choice)) yield* benchLink(place, name, choice, log);
    } finally {
      await place.close();
    }
  },
};

/** Every fixed choice that is to be tried, then `auto`. */
function settingsOf(choice: Choice): Settings[] {
  const ways = chosen(OUR_WAYS, choice);
  const fixed = ways
    .filter((way) => way !== 'auto')
    .flatMap((way) =>
      chosen(COMPRESSIONS, choice).map((compression) => ({
        name: `${way}, ${compression}`,
        way,
        compression: INPUT[compression],
      })),
    );
  return ways.includes('auto') ? [...fixed, AUTO] : fixed;
}

async function* benchLink(
  place: Place,
  name: LinkName,
  choice: Choice,
  log: (line: string) => void,
): AsyncGenerator<Figure> {
  const { link: shape, megabytes: large }: Shape = LINKS[name];
  const link = shape && (await openLink(place.nodes.cluster, shape));
  try {
    for (const size of chosen(SIZES, choice)) {
      const megabytes = size === 'large' ? large : Number.parseInt(size, 10);
      const what = `${name}, ${megabytes} MB`;
      yield* figuresOf(what, await measureAll(place, link, { what, megabytes }, choice, log));
    }
  } finally {
    await link?.close();
  }
}

/** What each setting took with images of one size, round by round. */
async function measureAll(
  place: Place,
  link: Link | undefined,
  { what, megabytes }: { readonly what: string; readonly megabytes: number },
  choice: Choice,
  log: (line: string) => void,
): Promise<Map<Settings, Measured[]>> {
  const { workshop, nodes } = place;
  const { rounds = ROUNDS } = choice;
  const settings = settingsOf(choice);
  const turns = new Map<Settings, Measured[]>(settings.map((one) => [one, []]));
  for (let round = 0; round < rounds; round++) {
    const images = await workshop.makeApart(settings.length, megabytes, 'docker');
    for (const [index, one] of rotated(settings, round).entries()) {
      const image = images[index] as LoadImage;
      const turn = await measureStep(place, one, image, link).finally(() => nodes.clear());
      turns.get(one)?.push(turn);
      log(`${what}, round ${round + 1} of ${rounds}, ${one.name}: ${describe(turn)}`);
    }
    await workshop.clear();
  }
  return turns;
}

async function measureStep(
  { workshop, nodes, runner }: Place,
  { way, compression }: Settings,
  image: LoadImage,
  link: Link | undefined,
): Promise<Measured> {
  const where = { workshop, kubeconfig: nodes.cluster.kubeconfig };
  const { inputs, env } = ourStep(way, 'docker', image, where);
  const sent = () => (link ? counter(link.device, 'rx_bytes') : nodes.bytesSent());
  const step = {
    inputs: { ...inputs, ...(compression && { compression }) },
    env,
    ...(link && { within: link.within }),
  };
  const before = await sent();
  let bytes = 0;
  const { duration, peak } = await runStep(runner, step, async () => {
    bytes = (await sent()) - before;
  });
  return { seconds: duration / 1000, bytes, peak };
}

function* figuresOf(
  what: string,
  turns: ReadonlyMap<Settings, readonly Measured[]>,
): Iterable<Figure> {
  const seconds = (some: readonly Measured[]) => median(some.map((turn) => turn.seconds));
  const fixed = [...turns].filter(([one]) => one !== AUTO);
  for (const [{ name }, some] of turns) {
    yield figure(BENCH, `${what}, ${name}`, 's', 'less', seconds(some));
    const megabytes = median(some.map(({ bytes }) => bytes)) / 1e6;
    yield figure(BENCH, `${what}, ${name}, sent`, 'MB', 'less', megabytes);
  }
  const auto = turns.get(AUTO);
  const [best] = fixed.toSorted(([, a], [, b]) => seconds(a) - seconds(b));
  if (auto === undefined || best === undefined) return;
  const most = promised(
    PROMISED_FACTOR * seconds(best[1]),
    `${PROMISED_FACTOR} × the best, ${best[0].name}`,
  );
  yield figure(BENCH, `${what}, auto`, 's', 'less', seconds(auto), most);
}
