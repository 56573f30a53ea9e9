import { tmpdir } from 'node:os';
import * as core from '@actions/core';
import { checkPermissions } from './cluster/access.js';
import { connect } from './cluster/connection.js';
import type { ApiClient } from './cluster/http.js';
import { type LinuxNode, listNodes } from './cluster/nodes.js';
import type { ImageSet } from './images/image.js';
import { readImages } from './images/read.js';
import { familiarName } from './images/reference.js';
import { architecturesOf } from './injector/elf.js';
import { type Injector, obtainInjectors } from './injector/obtain.js';
import type { Inputs } from './inputs.js';
import { planPayload } from './payload/plan.js';
import type { Stages } from './report/stages.js';

/** What the job needs before it writes anything to the cluster. */
export interface Prepared {
  readonly client: ApiClient;
  readonly nodes: readonly LinuxNode[];
  readonly injectors: readonly Injector[];
  readonly images: ImageSet;
}

/** Cluster, injector and images side by side; what one of them opened is closed when another fails. */
export async function prepare(
  inputs: Inputs,
  stages: Stages,
  signal: AbortSignal,
): Promise<Prepared> {
  const cluster = stages.time('Cluster', async (notes) => {
    const { client, server, version } = await connect({
      ...inputs,
      env: process.env,
      signal,
      onSecret: core.setSecret,
    });
    const [{ ready, others }] = await Promise.all([
      listNodes(client, { signal }),
      checkPermissions(client, inputs.namespace, { signal }),
    ]);
    notes.outcome = `${server}, Kubernetes ${version}, ${ready.length} nodes`;
    for (const { name, reason } of others) {
      core.warning(`The node ${name} is left out: it ${reason}.`);
    }
    return { client, nodes: ready };
  });
  const nodes = cluster.then((found) => found.nodes);
  let known: readonly LinuxNode[] = [];
  nodes.then(
    (found) => {
      known = found;
    },
    () => undefined,
  );
  const nodesOf = (platform: string) =>
    known.filter((node) => platformsOf([node]).includes(platform)).map(({ name }) => name);
  const injectors = stages.time('Injector', async (notes) => {
    const built = await obtainInjectors(architecturesOf(await nodes));
    notes.outcome = built
      .map(
        ({ architecture, binary, origin }) => `${architecture} ${binary.length} B from ${origin}`,
      )
      .join(', ');
    return built;
  });
  const images = stages.time('Images', async (notes) => {
    const { compression, allowMissingPlatforms } = inputs;
    const set = await readImages(inputs.images, {
      compression,
      allowMissingPlatforms,
      platforms: nodes.then((found) => inputs.platforms ?? platformsOf(found)),
      nodesOf,
      temporaryDirectory: process.env.RUNNER_TEMP ?? tmpdir(),
    });
    for (const sentence of new Set(set.images.flatMap(({ warnings }) => warnings ?? []))) {
      core.warning(sentence);
    }
    notes.bytes = planPayload(set).contentBytes;
    notes.outcome = set.images.map(familiarName).join(', ');
    return set;
  });
  const [connected, built, read] = await Promise.allSettled([cluster, injectors, images]);
  if (
    connected.status === 'fulfilled' &&
    built.status === 'fulfilled' &&
    read.status === 'fulfilled'
  ) {
    return { ...connected.value, injectors: built.value, images: read.value };
  }
  if (connected.status === 'fulfilled') {
    connected.value.client.close();
  }
  if (read.status === 'fulfilled') {
    await read.value.close();
  }
  throw [connected, read, built].find((settled) => settled.status === 'rejected')?.reason;
}

/** The platforms that these nodes pull for, each once. */
function platformsOf(nodes: readonly LinuxNode[]): string[] {
  return architecturesOf(nodes).map((architecture) => `linux/${architecture}`);
}
