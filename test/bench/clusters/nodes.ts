import { join } from 'node:path';
import { down, up } from '../../cluster/cluster.js';
import { Runner } from '../../helpers/runner.js';
import { countedRun } from '../../helpers/simulated/counted-run.js';
import { writeSmallImages } from '../../helpers/simulated/images.js';
import { simulateNodes } from '../../helpers/simulated/nodes.js';
import { countsOf } from '../../helpers/simulated/requests.js';
import { untilRunsAreGone } from '../../helpers/site.js';
import { type Bench, chosen, type Figure, figure, median, promised } from '../figure.js';

const BENCH = 'nodes';
const CLUSTER = 'bench-nodes';
const COUNTS = ['10', '100', '300'] as const;
const IMAGES = 20;
const ARCHITECTURES = ['amd64', 'arm64'];
const ROUNDS = 1;
/** Promised for hundreds of nodes: MiB that the main step has resident. */
const PROMISED_MEBIBYTES = 250;

/** What a run costs with the number of nodes: one real one and others whose Pods kwok plays. */
export const nodes: Bench = {
  name: BENCH,
  about:
    '20 small images onto one real node and 10, 100 and 300 simulated ones of two architectures',
  parts: COUNTS,
  async *run(log, choice) {
    const runner = await Runner.create();
    try {
      const cluster = await up({ name: CLUSTER, nodes: 1, log });
      for (const count of chosen(COUNTS, choice)) {
        const simulated = await simulateNodes(cluster, Number(count));
        try {
          const taken: Taken[] = [];
          // The first round fills caches and does not count.
          for (let round = 0; round <= (choice.rounds ?? ROUNDS); round++) {
            const seed = `${count}-${round}`;
            const directory = join(runner.directory, seed);
            const images = await writeSmallImages(directory, IMAGES, ARCHITECTURES, seed);
            const run = await countedRun(runner, cluster, { images });
            await untilRunsAreGone(cluster);
            if (run.main.exitCode !== 0) throw new Error(run.main.errors.join(' '));
            const { main, post, requests, peakBytes } = run;
            if (round > 0)
              taken.push({
                main: main.duration,
                post: post.duration,
                requests: requests.length,
                peakBytes,
              });
            const counts = [...countsOf(requests)].slice(0, 5);
            log(`${count} nodes: ${counts.map(([what, times]) => `${times} ${what}`).join(', ')}`);
          }
          yield* figuresOf(Number(count), taken);
        } finally {
          await simulated.close();
        }
      }
    } finally {
      await runner.close();
      await down(CLUSTER);
    }
  },
};

/** What one run took: milliseconds, requests, bytes. */
interface Taken {
  readonly main: number;
  readonly post: number;
  readonly requests: number;
  readonly peakBytes: number;
}

function* figuresOf(count: number, taken: readonly Taken[]): Generator<Figure> {
  const middle = (of: (one: Taken) => number) => median(taken.map(of));
  const what = (words: string) => `${count} nodes: ${words}`;
  const parts: readonly [string, string, (one: Taken) => number][] = [
    ['main step', 's', ({ main }) => main / 1000],
    ['post step', 's', ({ post }) => post / 1000],
    ['requests', '', ({ requests }) => requests],
    ['requests a node', '', ({ requests }) => requests / count],
  ];
  for (const [words, unit, of] of parts) {
    yield figure(BENCH, what(words), unit, 'less', middle(of));
  }
  const memory = middle(({ peakBytes }) => peakBytes / 2 ** 20);
  yield figure(BENCH, what('peak memory'), 'MiB', 'less', memory, promised(PROMISED_MEBIBYTES));
}
