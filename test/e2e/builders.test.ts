import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { run } from '../cluster/command.js';
import { ARCHITECTURE } from '../helpers/injector-binary.js';
import { Jobs } from '../helpers/jobs.js';
import { whyNoSite } from '../helpers/site.js';
import { tool, whyNoTools } from '../helpers/tools.js';
import {
  type BuildKit,
  listed,
  startBuildKit,
  writeContext,
} from '../integration/images/buildkit.js';
import { startEngine29 } from '../integration/images/engine29.js';
import { startPodman } from '../integration/images/podman.js';
import {
  configOf,
  dockerArchive,
  LAYER,
  Layout,
  layerOf,
  workplace,
  writeTar,
} from '../unit/images/fixtures.js';

const missing = whyNoSite() ?? whyNoTools('setpriv', 'skopeo');
if (missing !== undefined) console.warn(`Builders are not tested end to end: ${missing}.`);
const onSite = missing === undefined ? test : test.skip;

const OTHER = ARCHITECTURE === 'arm64' ? 'amd64' : 'arm64';

let jobs: Jobs;
let place: string;
let kit: BuildKit;
let context: string;
const at = (name: string) => join(place, name);

beforeAll(async () => {
  if (missing !== undefined) return;
  jobs = await Jobs.create();
  place = await workplace();
  context = at('context');
  await writeContext(context);
  kit = await startBuildKit();
});

afterEach(() => jobs?.endLeft());

afterAll(async () => {
  await kit?.close();
  await jobs?.close();
});

/** An image of the cluster's platform, or of another, as `docker save` writes it. */
async function saved(name: string, architecture: string = ARCHITECTURE): Promise<string> {
  const layers = [layerOf('text', `${name} `.repeat(50_000)), layerOf('own', architecture)];
  const entries = dockerArchive(name, layers, configOf(layers, { os: 'linux', architecture }));
  return await writeTar(place, entries, `${name.replace(/\W/g, '-')}.tar`);
}

/** Builds an image whose config nobody else's is, since nodes know an image by its config. */
async function build(label: string, ...args: string[]): Promise<void> {
  await kit.run(context, '--opt', `label:built=${label}`, ...args);
}

const digestOf = (reference: string | undefined) => reference?.replace(/^.*@/, '');

onSite(
  'BuildKit: two platforms with attestations, layers of each kind, and for Docker',
  async () => {
    const platforms = `platform=linux/${ARCHITECTURE},linux/${OTHER}`;
    for (const compression of ['gzip', 'zstd', 'uncompressed', 'estargz']) {
      const name = `ghcr.io/acme/${compression}:1`;
      const output = `type=oci,dest=${at(`${compression}.tar`)},name=${name}`;
      const forced = `compression=${compression},force-compression=true`;
      const attested = ['--opt', 'attest:provenance=mode=max'];
      await build(compression, '--opt', platforms, ...attested, '--output', `${output},${forced}`);
    }
    await build('docker', '--output', `type=docker,dest=${at('docker.tar')},name=acme/docker:1`);
    const files = ['gzip', 'zstd', 'uncompressed', 'estargz', 'docker'].map((name) =>
      at(`${name}.tar`),
    );
    const references = await jobs.inject(files);
    for (const file of files) expect(digestOf(references[file])).toBe(await listed(file));
  },
);

onSite("podman's socket", async () => {
  const podman = await startPodman(place);
  try {
    const archive = await saved('localhost/acme/podman:1');
    await podman.run('load', '--quiet', '--input', archive);
    const env = { DOCKER_HOST: undefined, CONTAINER_HOST: podman.host };
    const references = await jobs.inject(['localhost/acme/podman:1'], { env, digests: false });
    expect(references['localhost/acme/podman:1']).toMatch(/\/acme\/podman@sha256:/);
  } finally {
    await podman.close();
  }
});

onSite("engine 29 with Docker's own store", async () => {
  const engine = await startEngine29('classic');
  try {
    await engine.docker('load', '--quiet', '--input', await saved('acme/classic:1'));
    const env = { DOCKER_HOST: engine.host };
    await jobs.inject(['docker-daemon:acme/classic:1'], { env, digests: false });
  } finally {
    await engine.close();
  }
});

onSite('every form of a line: transports with and without a name, globs, other names', async () => {
  await run('mkdir', [at('globbed')]);
  for (const name of ['acme/one:1', 'acme/two:1'])
    await run('mv', [await saved(name), at('globbed')]);
  const skopeo = await tool('skopeo');
  const archive = await saved('acme/three:1');
  await run(skopeo, ['copy', '-q', `docker-archive:${archive}`, `oci:${at('dir')}:three`]);
  await run(skopeo, ['copy', '-q', `oci:${at('dir')}:three`, `oci-archive:${at('three.tar')}:t`]);
  const lines = [
    `${at('globbed')}/*.tar`,
    `docker-archive:${archive}:acme/three:1`,
    `oci:${at('dir')}:three as acme/layout:3`,
    `oci-archive:${at('three.tar')}:t as acme/archived:3`,
  ];
  const references = await jobs.inject(lines, { digests: false });
  const names = Object.values(references).map((reference) =>
    reference.replace(/^.*?\/.*?\/|@.*$/g, ''),
  );
  // A line that renames stands for its image, and so does the new name.
  expect([...new Set(names)].sort()).toEqual([
    'acme/archived',
    'acme/layout',
    'acme/one',
    'acme/three',
    'acme/two',
  ]);
});

onSite('layers stored as gzip', async () => {
  await jobs.inject([await saved('acme/stored-gzip:1')], { inputs: { compression: 'gzip' } });
});

onSite(
  'what runtimes take in the place of just their platform, and layers as they are',
  async () => {
    const images = [await saved('acme/stored-none:1'), await saved('acme/any:1', '')];
    if (ARCHITECTURE === 'amd64') {
      const raw = layerOf('own', 'other words in an index');
      const layout = new Layout();
      const platform = { os: 'linux', architecture: 'x86_64' };
      const listed = layout.image([{ stored: raw, raw, mediaType: LAYER }], { platform });
      layout.list(layout.index([listed]), 'acme/index:1');
      images.push(await saved('acme/old:1', '386'), await saved('acme/words:1', 'x86_64'));
      images.push(await writeTar(place, layout.entries(), 'words-index.tar'));
    }
    await jobs.inject(images, { inputs: { compression: 'none' } });
  },
);

onSite('an image for no node of the cluster', async () => {
  const images = `${await saved('acme/at-home:1')}\n${await saved('acme/elsewhere:1', OTHER)}`;
  const main = await jobs.ended(await jobs.start({ images, 'allow-missing-platforms': 'true' }));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    new RegExp(`acme/elsewhere:1.* is for linux/${OTHER} and not for`),
  );
  await jobs.end(main);
});

onSite('platforms that no node of the cluster has', async () => {
  const images = await saved('acme/nowhere:1', OTHER);
  const main = await jobs.ended(await jobs.start({ images, platforms: `linux/${OTHER}` }));
  expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
  expect(main.errors[0]).toMatch(
    new RegExp(`^No node of the cluster can run .*nodes are of linux/${ARCHITECTURE}; name one of`),
  );
  expect(main.state.cleanup).toBeUndefined();
  await jobs.end(main);
});

onSite('an image that lacks a platform of the cluster, allowed and not', async () => {
  const images = await saved('acme/half:1');
  // A cluster of two architectures, as far as anyone can tell who does not run anything there.
  const [, node] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
  const { name } = node;
  await jobs.withNodeStatus([node], { nodeInfo: { architecture: OTHER } }, async () => {
    const refused = await jobs.ended(await jobs.start({ images }));
    expect([refused.exitCode, refused.errors.length]).toEqual([1, 1]);
    expect(refused.errors[0]).toMatch(new RegExp(`not for linux/${OTHER}.*${name}`));
    await jobs.end(refused);

    const allowed = await jobs.ended(
      await jobs.start({ images, 'allow-missing-platforms': 'true' }),
    );
    expect([allowed.exitCode, allowed.errors, allowed.warnings.length]).toEqual([0, [], 2]);
    expect(allowed.warnings[0]).toMatch(new RegExp(`acme/half:1.*linux/${OTHER}.*${name}`));
    expect(allowed.warnings[1]).toMatch(new RegExp(`^The node ${name} is left out: it is of`));
    expect(await jobs.untilThere('pod', 'proof')).toHaveLength(1);
    await jobs.end(allowed);
  });
});
