import { sizesOf } from '../../images/contents.js';
import { familiarName } from '../../images/reference.js';
import { awaitSaved } from '../../injector/cache.js';
import { bytesOf, pullableReference } from '../../payload/payload.js';
import type { InjectedImage } from '../../report/outcome.js';
import { outputsOf, setOutputs } from '../../report/outputs.js';
import { setTraffic } from '../../report/traffic.js';
import type { OpenRun } from '../../run/run.js';
import type { Laid, PreparedJob } from '../job.js';
import { writeOutputFiles } from './output-files.js';
import { remember } from './remember.js';

/**
 * The images of the job as nodes pull them from the run's registry. Throws an ActionError where the
 * outputs would be more than the runner takes, before anything is sent.
 */
export function injectedImages({ payload }: Laid, { registry }: OpenRun): InjectedImage[] {
  const images = payload.served.map((one) => ({
    given: one.image.given,
    name: familiarName(one.image),
    pullable: pullableReference(registry, one),
    digest: one.image.target.digest,
    digestKept: one.image.digestKept,
    platforms: one.image.platforms,
    elsewhere: one.image.elsewhere ?? [],
    bytes: bytesOf(one.image),
  }));
  outputsOf(images, registry);
  return images;
}

/**
 * Sets the outputs, writes the files that they name and what the next run may know. Returns what the summary shows. Throws an
 * ActionError where the runner cannot be told.
 *
 * @param nodes the names of those that run every image
 */
export async function publish(job: PreparedJob, run: OpenRun, nodes: readonly string[]) {
  const { laid, nodes: all, traffic } = job;
  const { registry } = run;
  const images = injectedImages(await laid, run);
  const sources = (await laid).images.images;
  setOutputs(images, registry);
  await writeOutputFiles(job, images);
  const proven = all.filter(({ name }) => nodes.includes(name));
  await remember(sources, proven);
  const travelled = traffic.travelled(sources, proven, all);
  setTraffic(
    travelled,
    images.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  return { images, nodes, travelled, sizes: sizesOf(sources) };
}

/** Waits until the cache service has the injectors. Throws the signal's reason. */
export async function awaitInjectors({ injectors, signal }: PreparedJob): Promise<void> {
  const saves = injectors.map(({ saved }) => saved);
  await awaitSaved(saves, signal);
}
