import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { run } from '../cluster/command.js';
import { Jobs } from '../helpers/jobs.js';
import { serveImages } from '../helpers/registry.js';
import { whyNoSite } from '../helpers/site.js';
import { tool, whyNoTools } from '../helpers/tools.js';
import { type Engine29, startEngine29 } from '../integration/images/engine29.js';
import {
  type Contents,
  type ImageKind,
  KINDS,
  makeContents,
} from '../integration/registry/contents.js';
import { workplace } from '../unit/images/fixtures.js';

const missing = whyNoSite() ?? whyNoTools('setpriv', 'skopeo');
if (missing !== undefined) console.warn(`Sources are not tested end to end: ${missing}.`);
const onSite = missing === undefined ? test : test.skip;

let jobs: Jobs;
let place: string;
let contents: Contents;
let engine: Engine29;

const nameOf = (kind: ImageKind) => `acme/${kind}:1`;
const at = (name: string) => join(place, name);

beforeAll(async () => {
  if (missing !== undefined) return;
  jobs = await Jobs.create();
  place = await workplace();
  contents = await makeContents(place);
  await run('tar', ['-cf', at('layout.tar'), '-C', at('contents'), '.']);
  await run('sh', ['-c', 'gzip -1 < "$0" > "$0.gz"', at('layout.tar')]);
  engine = await startEngine29('containerd');
  await pullAll();
  await engine.docker('save', '--output', at('saved.tar'), ...KINDS.map(nameOf));
  const layout = `oci:${at('contents')}:docker.io/${nameOf('oci')}`;
  await run(await tool('skopeo'), [
    'copy',
    '-q',
    layout,
    `docker-archive:${at('copied.tar')}:a/b:1`,
  ]);
});

afterAll(async () => {
  await engine?.close();
  await contents?.close();
  await jobs?.close();
});

afterEach(() => jobs?.endLeft());

/** Brings every kind into the engine's store as a user would: by a pull. */
async function pullAll(): Promise<void> {
  const registry = await serveImages(KINDS.map((kind) => contents[kind]));
  try {
    for (const kind of KINDS) {
      const reference = registry.reference(contents[kind]);
      await engine.docker('pull', '--quiet', reference);
      await engine.docker('tag', reference, nameOf(kind));
      await engine.docker('rmi', reference);
    }
  } finally {
    await registry.close();
  }
}

const SOURCES: Readonly<Record<string, () => string[]>> = {
  'an OCI layout': () => [at('contents')],
  'an OCI archive': () => [`oci-archive:${at('layout.tar')}`],
  'an OCI archive that is compressed as a whole': () => [at('layout.tar.gz')],
  "Docker's containerd store": () => KINDS.map(nameOf),
  'a file saved from that store': () => [at('saved.tar')],
};

onSite.each(Object.entries(SOURCES))(
  'every kind of image comes from %s with its own digest',
  async (_, lines) => {
    const references = Object.values(
      await jobs.inject(lines(), { env: { DOCKER_HOST: engine.host } }),
    );
    const digests = references.map((reference) => reference.replace(/^.*@/, ''));
    expect(digests.sort()).toEqual(KINDS.map((kind) => contents[kind].target.digest).sort());
  },
);

onSite(
  'an image that nodes have with other compression comes under a digest made here',
  async () => {
    await jobs.inject([nameOf('oci')], { env: { DOCKER_HOST: engine.host } });
    const references = await jobs.inject([`${at('copied.tar')} as acme/renamed:7`], {
      digests: false,
    });
    expect(Object.keys(references)).toContain('acme/renamed:7');
    expect(references['acme/renamed:7']).toMatch(/\/acme\/renamed@sha256:[0-9a-f]{64}$/);
  },
);
