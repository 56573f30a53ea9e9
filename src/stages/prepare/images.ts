import {
  carrierLine,
  chooseCarrier,
  dependsOnSpeed,
  sparingDatabase,
} from '../../carriers/choose.js';
import { autoCompression, fittingCompression } from '../../carriers/compression.js';
import * as runner from '../../host/runner.js';
import type { AnnouncedImage } from '../../images/daemon/asked.js';
import type { ImageSet } from '../../images/image.js';
import { readImages } from '../../images/read.js';
import { familiarName } from '../../images/reference.js';
import { TARGETS } from '../../injector/elf.js';
import { uploadSpeed } from '../../kube/speed.js';
import { payloadOf } from '../../payload/payload.js';
import type { LinuxNode } from '../../preflight/nodes.js';
import { checkArchitectures, checkCoverage } from '../../proof/coverage.js';
import { readingProgress } from '../../report/progress.js';
import type { Job, Laid } from '../job.js';
import { MEMORY, PROOFS } from '../publish/remember.js';
import { architecturesFor, type Cluster, platformsOf } from './cluster.js';
import { type Chosen, carrierFacts, earlyPlan, planFor } from './planning.js';

/**
 * Reads the images while the nodes are still being asked for, and plans for their carrier: as soon as it is
 * known that they will be streamed, else when they are read. Where all of them travel, all is verified;
 * where nodes say what they lack, it is when they do.
 */
export function getImages(job: Job, cluster: Promise<Cluster>) {
  const announced = Promise.withResolvers<readonly AnnouncedImage[]>();
  const reading = job.log.time('Images', async (notes) => {
    const laid = await readAndLay(job, cluster, announced.resolve);
    notes.bytes = laid.payload.contentBytes;
    notes.outcome = laid.images.images.map(familiarName).join(', ');
    return laid;
  });
  reading.catch(() => undefined);
  const early = announced.promise.then(
    async (images) => earlyPlan(job.inputs, images, await cluster) ?? reading,
  );
  const planned = Promise.race([early, reading]).then(({ chosen, plan, pace, configMapBytes }) => {
    runner.info(carrierLine(chosen));
    return { plan, pace, configMapBytes };
  });
  return { planned, laid: reading as Promise<Laid> };
}

async function readAndLay(
  job: Job,
  cluster: Promise<Cluster>,
  onAnnounced: (images: readonly AnnouncedImage[]) => void,
): Promise<Laid & Chosen> {
  const { inputs } = job;
  let speed: Promise<number | undefined> | undefined;
  const measured = () => {
    speed ??= cluster.then(({ client }) => uploadSpeed(client, job.signal));
    return speed;
  };
  const images = await readAll(job, cluster, measured, onAnnounced);
  try {
    for (const sentence of new Set(images.images.flatMap(({ warnings }) => warnings ?? []))) {
      runner.warning(sentence);
    }
    const reached = await cluster;
    const { nodes, nodesUnlisted } = reached;
    const payload = payloadOf(images);
    const { contentBytes: bytes } = payload;
    const facts = { ...carrierFacts(inputs, reached), bytes };
    const { carrier } = inputs;
    if (dependsOnSpeed(carrier, facts)) await measured();
    const usual = chooseCarrier(carrier, { ...facts, speed: await speed });
    const chosen = await sparingDatabase(carrier, facts, usual, reached.databaseBytes);
    const planned = planFor(inputs, payload, chosen);
    if (chosen.carrier === 'configmap') {
      await images.verify();
    }
    const told = nodesUnlisted
      ? checkArchitectures(architecturesFor(reached, inputs), images.images)
      : checkCoverage(nodes, images.images, inputs.platforms);
    told.forEach(runner.warning);
    return { images, payload, chosen, ...planned };
  } catch (error) {
    await images.close();
    throw error;
  }
}

/** `os/architecture` of all nodes that can have images. */
const POSSIBLE = Object.keys(TARGETS).map((architecture) => `linux/${architecture}`);

function readAll(
  { inputs, log, signal }: Job,
  cluster: Promise<Cluster>,
  speed: () => Promise<number | undefined>,
  onAnnounced: (images: readonly AnnouncedImage[]) => void,
): Promise<ImageSet> {
  let known: readonly LinuxNode[] = [];
  const platforms = cluster.then(({ nodes }) => {
    known = nodes;
    return inputs.platforms ?? platformsOf(nodes);
  });
  // Whoever awaits them is told; nobody may have come to that yet.
  platforms.catch(() => undefined);
  const nodesOf = (platform: string) =>
    known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
  const { compression, carrier, release, allowMissingPlatforms } = inputs;
  const fitting = (bytes: number) =>
    fittingCompression(carrier, { bytes, cluster: () => cluster, speed });
  return readImages(inputs.images, {
    compression:
      compression === 'auto' ? autoCompression(release !== undefined, fitting) : compression,
    allowMissingPlatforms,
    platforms,
    possiblePlatforms: POSSIBLE,
    nodesOf,
    temporaryDirectory: runner.temporaryDirectory(),
    onProgress: readingProgress(log.progress),
    onNotice: runner.info,
    onAnnounced,
    known: {
      directory: MEMORY,
      isOnNodes: async (digest) => PROOFS.isOnAll((await cluster).nodes, digest),
    },
    signal,
  });
}
