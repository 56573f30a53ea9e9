import { startDeadline } from './host/deadline.js';
import { readInputs } from './host/inputs.js';
import { helpFor } from './host/troubleshooting.js';
import { sentenceOf } from './lib/errors.js';
import type { Success } from './report/outcome.js';
import { Stages } from './report/stages.js';
import { tellOutcome } from './report/summary.js';
import { Traffic } from './report/traffic.js';
import { keepAlive } from './run/keep-alive.js';
import { ReleaseLost } from './run/lease.js';
import type { OpenRun } from './run/run.js';
import { deleteRelease } from './stages/delete.js';
import { explain } from './stages/explain.js';
import { handOver } from './stages/hand-over.js';
import type { Job, PreparedJob } from './stages/job.js';
import { keep, leave, takeOver, withdraw } from './stages/keep.js';
import { open } from './stages/open.js';
import { closePrepared, prepare } from './stages/prepare/prepare.js';
import { prove } from './stages/prove/prove.js';
import { chooseRoutes } from './stages/prove/routes.js';
import { awaitInjectors, publish } from './stages/publish/publish.js';
import { withRewriting } from './stages/rewrite.js';
import { serve } from './stages/serve.js';
import { rehearseSparing, withSetbacks } from './stages/setbacks.js';
import { upload } from './stages/upload.js';

/** The main step: the job within its time, and the summary of how it went. */
export async function main(): Promise<void> {
  const inputs = readInputs();
  const log = new Stages();
  const traffic = new Traffic();
  const deadline = startDeadline(inputs.timeout, () => log.underWay());
  try {
    const job = { inputs, log, traffic, signal: deadline.signal };
    if (inputs.command === 'delete') {
      return await deleteRelease(job);
    }
    const done = await inject(job);
    // What comes last heeds no signal. From here on the images stay, and one ends the process at once.
    deadline.end();
    deadline.throwIfCancelled();
    await tellOutcome({ ...done, ...ended(log) });
  } catch (thrown) {
    const error: unknown = deadline.signal.aborted ? deadline.signal.reason : thrown;
    const failure = sentenceOf(error);
    await tellOutcome({
      ...{ failure, help: helpFor(failure), underWay: log.underWay(), sentBytes: traffic.soFar },
      ...ended(log),
    });
    throw error;
  } finally {
    deadline.end();
  }
}

/** How long the step took, from the start of its process on, and its stages. */
const ended = ({ records: stages }: Stages) => ({ stages, milliseconds: performance.now() });

/** From the inputs to images that run on every node. */
async function inject(job: Job): Promise<Omit<Success, keyof ReturnType<typeof ended>>> {
  const ready = await prepare(job);
  try {
    const run = await open(ready);
    return await carryOut(ready, run).catch(async (error) => {
      await explain(ready, run);
      // The next step takes away what is left then.
      if (error instanceof ReleaseLost) await withdraw(ready, run).catch(() => undefined);
      throw error;
    });
  } finally {
    await closePrepared(ready);
  }
}

/** The opened run; what stands on the registry is done anew when it or its stream was lost. */
async function carryOut(ready: PreparedJob, run: OpenRun) {
  let done!: Awaited<ReturnType<typeof publish>> & Pick<Success, 'held'>;
  const work = async (signal: AbortSignal) => {
    const rehearsed = await rehearseSparing({ ...ready, signal }, run);
    return await withRewriting(rehearsed, run, async () => {
      const routes = await chooseRoutes(rehearsed, run);
      const { configMapBytes, ...told } = await withSetbacks(
        rehearsed,
        run,
        async (job, delivery, proven) => {
          const uploaded = await upload(job, delivery);
          const registry = await serve(job, delivery, uploaded);
          const ways = await handOver(job, delivery, registry);
          const since = await takeOver(job, delivery);
          const proof = await prove(job, delivery, { registry, uploaded, ways, proven }, routes);
          // A step that cannot tell what it gave must not take away what a release had before.
          const published = await publish(job, run, proof.nodes);
          const held = await keep(job, delivery, { registry, uploaded, route: routes.now, since });
          return { configMapBytes: proof.configMapBytes, ...published, held };
        },
      );
      done = told;
      return configMapBytes;
    });
  };
  await keepAlive(ready.client, run, work, ready.signal);
  await leave(ready, run);
  await awaitInjectors(ready);
  return done;
}
