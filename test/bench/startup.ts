import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { BUNDLE, Runner } from '../helpers/runner.js';
import { type Bench, figure, median, promised } from './figure.js';

const RUNS = 15;
const execute = promisify(execFile);

/** How long the bundle takes to say its first word, and to find that post has nothing to do. */
export const startup: Bench = {
  name: 'startup',
  about: 'start of the bundle, against the promised limits and bare node',
  async *run() {
    const runner = await Runner.create();
    try {
      const first: number[] = [];
      const post: number[] = [];
      const bare: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        first.push(await untilFirstWord(runner));
        post.push((await runner.run({ inputs: {}, state: {} })).duration);
        const start = performance.now();
        await execute(process.execPath, ['-e', '0']);
        bare.push(performance.now() - start);
      }
      yield figure('startup', 'first statement', 'ms', 'less', median(first), promised(100));
      yield figure('startup', 'post with nothing to do', 'ms', 'less', median(post), promised(150));
      const node = { name: 'node -e 0', value: median(bare) };
      yield figure('startup', 'post with nothing to do', 'ms', 'less', median(post), node);
    } finally {
      await runner.close();
    }
  },
};

/** Milliseconds from the process's start to the first statement: the state that it saves. */
async function untilFirstWord(runner: Runner): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [BUNDLE], {
    env: { PATH: process.env.PATH, RUNNER_TEMP: runner.temporaryDirectory },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const word = await new Promise<number>((fulfil) => {
    child.stdout.once('data', () => fulfil(performance.now() - start));
  });
  await new Promise((ended) => child.on('close', ended));
  return word;
}
