import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { down, up } from '../cluster/cluster.js';
import { dockerEngine } from '../cluster/docker.js';
import { Runner } from '../helpers/runner.js';
import { buildImage, untilRunsAreGone } from '../helpers/site.js';
import { type Bench, figure, median, promised } from './figure.js';

const CLUSTER = 'bench-inject';
const RUNS = 5;
const LAYERS = 2;
const LAYER_BYTES = 5_000_000;
/** Seconds that are promised for a 10 MB image on two nodes, as `load` has them; a run that misses them says so. */
const PROMISED_SECONDS: Readonly<Record<string, number>> = {
  'whole main step': 1.8,
  'post step': 1,
};

/** The whole step, from a warm cache, on a cluster that is up; each run has new layers. */
export const inject: Bench = {
  name: 'inject',
  about: 'a 10 MB image from the Docker daemon onto two nodes, stage by stage',
  async *run(log) {
    // A cluster that somebody else has brought up is left to them.
    const theirs = process.env.JACKAL_TEST_CLUSTER;
    const runner = await Runner.create();
    const docker = await dockerEngine({ log });
    try {
      const cluster = await up({ name: theirs ?? CLUSTER, log });
      const stages = new Map<string, number[]>();
      const record = (name: string, value: number) =>
        stages.set(name, [...(stages.get(name) ?? []), value]);
      for (let run = 0; run <= RUNS; run++) {
        const tag = `jackal.test/bench:${run}`;
        const layers = Array.from(
          { length: LAYERS },
          (_, i) => [`f${i}`, randomBytes(LAYER_BYTES)] as const,
        );
        await buildImage(docker.host, join(runner.directory, 'image'), tag, layers);
        const inputs = { images: tag, kubeconfig: cluster.kubeconfig };
        const main = await runner.run({ inputs, env: { DOCKER_HOST: docker.host } });
        const post = await runner.run({ inputs, state: main.state });
        await untilRunsAreGone(cluster);
        if (main.exitCode !== 0) throw new Error(main.errors.join(' '));
        if (run === 0) continue; // fills the caches
        record('whole main step', main.duration / 1000);
        record('post step', post.duration / 1000);
        for (const [, stage = '', time] of main.summary.matchAll(/^\| (.+?) \| ([\d.]+) s \|/gm)) {
          record(`stage ${stage}`, Number(time));
        }
      }
      for (const [what, values] of stages) {
        const limit = PROMISED_SECONDS[what];
        const peer = limit === undefined ? undefined : promised(limit);
        yield figure('inject', what, 's', 'less', median(values), peer);
      }
    } finally {
      try {
        await docker.close();
        await runner.close();
      } finally {
        if (theirs === undefined) await down(CLUSTER);
      }
    }
  },
};
