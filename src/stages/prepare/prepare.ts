import { CARRIER_WORDS } from '../../carriers/choose.js';
import { architecturesOf } from '../../injector/elf.js';
import { type Injector, obtainInjectors } from '../../injector/obtain.js';
import type { ApiClient } from '../../kube/client.js';
import { counted } from '../../lib/sentences.js';
import type { TravelPlan } from '../../payload/payload.js';
import { readManifests } from '../../rewrite/manifests.js';
import type { Job, Laid, PreparedJob } from '../job.js';
import { architecturesFor, type Cluster, reachCluster } from './cluster.js';
import { getImages } from './images.js';

/**
 * Everything before the first write to the cluster: cluster, injector, images and manifests side by side, and how
 * the bytes are to travel. Large images of the daemon may still be read when it returns. The signal, or
 * the failure of one, ends the others, and what they opened is closed; what came first is what is thrown.
 */
export function prepare(job: Job): Promise<PreparedJob> {
  return job.log.group('Prepare', async (notes) => {
    const ended = new AbortController();
    const signal = AbortSignal.any([job.signal, ended.signal]);
    const guarded = { ...job, signal };
    const cluster = reachCluster(guarded);
    const injectors = getInjectors(guarded, cluster);
    const images = getImages(guarded, cluster);
    const manifests = readManifests(job.inputs.manifests ?? [], process.cwd());
    for (const part of [cluster, injectors, images.planned, manifests]) {
      part.catch((reason) => ended.abort(reason));
    }
    const parts = [cluster, injectors, images.planned, manifests] as const;
    await Promise.allSettled(parts);
    try {
      const [found, built, planned, read] = await Promise.all(parts);
      const end = () => ended.abort(new Error('The job is over.'));
      const { laid } = images;
      notes.outcome = preparedWords(found, planned.plan);
      return { ...job, ...found, injectors: built, ...planned, manifests: read, laid, end };
    } catch {
      const client = await cluster.then(
        ({ client }) => client,
        () => undefined,
      );
      await close(client, images.laid);
      throw signal.reason;
    }
  });
}

/** Such as `2 images for 3 nodes, as a stream`. */
function preparedWords({ nodes, nodesUnlisted }: Cluster, plan: TravelPlan): string {
  const whom = nodesUnlisted ? 'nodes that nobody may list' : counted(nodes.length, 'node');
  return `${counted(plan.images.length, 'image')} for ${whom}, ${CARRIER_WORDS[plan.carrier]}`;
}

/** Ends what `prepare` has begun, and closes the connections and the temporary copy of the images. */
export async function closePrepared({ client, laid, end }: PreparedJob): Promise<void> {
  end();
  await close(client, laid);
}

async function close(client: ApiClient | undefined, laid: Promise<Laid>): Promise<void> {
  client?.close();
  await laid.then(
    ({ images }) => images.close(),
    () => undefined,
  );
}

/** The injector for each architecture that the nodes have, or may have; for those that only may join, where it is to be had. */
export function getInjectors(
  { inputs, log, signal }: Pick<Job, 'inputs' | 'log' | 'signal'>,
  cluster: Promise<Pick<Cluster, 'nodes' | 'nodesUnlisted'>>,
): Promise<Injector[]> {
  return log.time('Injector', async (notes) => {
    const reached = await cluster;
    const injectors = await obtainInjectors(architecturesFor(reached, inputs), {
      given: inputs.injector,
      needed: reached.nodesUnlisted ? undefined : architecturesOf(reached.nodes),
      signal,
    });
    notes.outcome = injectors
      .map(
        ({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`,
      )
      .join(', ');
    return injectors;
  });
}
