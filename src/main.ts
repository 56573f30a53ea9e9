import { startDeadline } from './host/deadline.js';
import { readInputs } from './host/inputs.js';
import { sentenceOf } from './lib/errors.js';
import { survivingLoss } from './registry/fault.js';
import { type Outcome, writeSummary } from './report/outcome.js';
import { Stages } from './report/stages.js';
import { keepAlive } from './run/keep-alive.js';
import type { OpenRun } from './run/run.js';
import { clear } from './stages/clear.js';
import { explain } from './stages/explain.js';
import type { Job, PreparedJob } from './stages/job.js';
import { open } from './stages/open.js';
import { closePrepared, prepare } from './stages/prepare.js';
import { prove } from './stages/prove.js';
import { injectedImages, publish } from './stages/publish.js';
import { rehearse } from './stages/rehearse.js';
import { serve } from './stages/serve.js';
import { upload } from './stages/upload.js';

/** The main step: the job within its time, and the summary of how it went. */
export async function main(): Promise<void> {
  const inputs = readInputs();
  const log = new Stages();
  const deadline = startDeadline(inputs.timeout, () => log.underWay());
  try {
    const done = await inject({ inputs, log, signal: deadline.signal });
    await writeSummary({ ...done, stages: log.records });
  } catch (thrown) {
    const error: unknown = deadline.signal.aborted ? deadline.signal.reason : thrown;
    const failure = sentenceOf(error);
    await writeSummary({ images: [], nodes: [], stages: log.records, failure });
    throw error;
  } finally {
    deadline.end();
  }
}

/** From the inputs to images that run on every node. */
async function inject(job: Job): Promise<Pick<Outcome, 'images' | 'nodes'>> {
  const ready = await prepare(job);
  try {
    const run = await open(ready);
    return await carryOut(ready, run).catch(async (error) => {
      await explain(ready, run);
      throw error;
    });
  } finally {
    await closePrepared(ready);
  }
}

/** The opened run; what stands on the registry is done anew when its Pod was lost. */
async function carryOut(ready: PreparedJob, run: OpenRun) {
  const images = injectedImages(ready, run);
  let nodes: readonly string[] = [];
  const work = async () => {
    const { bases, ...fit } = await rehearse(ready, run, images);
    const deliver = async (number: number) => {
      const delivery = { ...run, ...fit, delivery: number };
      const uploaded = await upload(ready, delivery);
      const registry = await serve(ready, delivery, bases, uploaded);
      return await prove(ready, delivery, registry, uploaded, images);
    };
    const proof = await survivingLoss(deliver, (lost) => clear(ready, run, lost));
    nodes = proof.nodes;
    return proof.configMapBytes;
  };
  await keepAlive(ready.client, run, work, ready.signal);
  return await publish(ready, run, images, nodes);
}
