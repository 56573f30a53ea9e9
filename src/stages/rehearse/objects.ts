import { createConfigMap } from '../../kube/configmaps.js';
import { collection } from '../../kube/pods.js';
import { type Refusal, tried } from '../../preflight/dry-run.js';
import { proofDaemonSet } from '../../proof/daemonset.js';
import { imagesFor, type ProofImage } from '../../proof/pod.js';
import { storeClaim } from '../../registry/pod.js';
import { registryReplicaSet } from '../../registry/release.js';
import { configMapOf } from '../../run/configmap.js';
import { CHUNK_KEY } from '../../run/pod.js';
import { nameOf, type OpenRun } from '../../run/run.js';
import type { PreparedJob, RehearsedJob } from '../job.js';
import { rehearseControllers } from './controllers.js';
import { deliveryOf, placesToProve, storeBytesOf } from './delivery.js';

/** A full chunk, as the cluster would see it; an empty one where the injector alone travels so, which comes next. */
export async function tryConfigMap(job: PreparedJob, run: OpenRun): Promise<Refusal[]> {
  const { client, pace, plan, signal } = job;
  const bytes = plan.carrier === 'stream' ? 0 : pace.largestChunkBytes;
  const name = nameOf.chunk(deliveryOf(job, run, 0), 0);
  const content = { name, binaryData: { [CHUNK_KEY]: [Buffer.alloc(bytes)] } };
  const configMap = configMapOf(run, 'chunk', content);
  const create = createConfigMap(client, configMap, { signal, dryRun: true });
  const { refusal } = await tried('the ConfigMaps', create);
  return refusal === undefined ? [] : [refusal];
}

/** What finds the nodes where nobody may list them, and what keeps a release's images on those that come. */
export async function tryDaemonSets(
  job: PreparedJob,
  run: OpenRun,
  images: readonly ProofImage[],
): Promise<Refusal[]> {
  const { client, nodesUnlisted, signal } = job;
  if (!nodesUnlisted && run.release === undefined) {
    return [];
  }
  const path = collection.daemonSets(run.namespace);
  const options = { query: { dryRun: 'All' }, signal };
  const trials = await Promise.all(
    placesToProve(job, images).map(({ architecture }) => {
      const some = imagesFor({ architecture }, images);
      const daemonSet = proofDaemonSet(deliveryOf(job, run, 0), architecture, some);
      return tried("the proofs' DaemonSets", client.create(path, daemonSet, options));
    }),
  );
  return trials.flatMap(({ refusal }) => refusal ?? []);
}

/** What keeps a release's registry and its store. */
export async function tryRelease(job: PreparedJob, run: OpenRun): Promise<Refusal[]> {
  const { client, injectors, inputs, signal } = job;
  const delivery = deliveryOf(job, run, 0);
  const [{ architecture = '' } = {}] = injectors;
  if (run.release === undefined) {
    return [];
  }
  const { injectorImage } = inputs;
  const pulled = injectorImage !== undefined;
  const base = { architecture, image: injectorImage ?? SAMPLE_IMAGE, pulled };
  const storeBytes = storeBytesOf(job, run);
  const lasting = { base, nodes: undefined, chunks: [], storeBytes };
  const options = { query: { dryRun: 'All' }, signal };
  const { namespace } = run;
  const trials = await Promise.all([
    tried(
      "the registry's ReplicaSet",
      client.create(
        collection.replicaSets(namespace),
        registryReplicaSet(delivery, lasting),
        options,
      ),
    ),
    ...(delivery.hasClaim
      ? [
          tried(
            "the registry's PersistentVolumeClaim",
            client.create(collection.claims(namespace), storeClaim(delivery, storeBytes), options),
          ),
        ]
      : []),
  ]);
  return trials.flatMap(({ refusal }) => refusal ?? []);
}

/** What a release's controllers may make, in the shape that was admitted of the user. */
export async function tryControllers(
  job: PreparedJob,
  run: OpenRun,
  { shape, bases }: Pick<RehearsedJob, 'shape' | 'bases'>,
  images: readonly ProofImage[],
): Promise<void> {
  if (run.release === undefined) {
    return;
  }
  const { client, injectors, signal } = job;
  const architectures = injectors
    .map(({ architecture }) => architecture)
    .filter((architecture) => imagesFor({ architecture }, images).length > 0);
  const [{ architecture = '' } = {}] = injectors;
  const samples = {
    base: bases[0] ?? { architecture, image: SAMPLE_IMAGE },
    architectures,
    images,
    storeBytes: storeBytesOf(job, run),
  };
  await rehearseControllers(client, { ...deliveryOf(job, run, 0), shape }, samples, signal);
}

/** Stands for what the registry will start from, where nobody has named that. */
const SAMPLE_IMAGE = 'registry.k8s.io/pause:3.10';
