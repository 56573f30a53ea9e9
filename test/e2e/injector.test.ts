import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Release } from '../../src/injector/release.js';
import { hashSources } from '../../src/injector/source.js';
import { type ReleaseSite, startReleaseSite } from '../helpers/injector/release-site.js';
import { ARCHITECTURE, injectorBinary } from '../helpers/injector-binary.js';
import { REPOSITORY, Runner } from '../helpers/runner.js';
import { buildImage, docker, type Site, site, whyNoSite } from '../helpers/site.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let here: Site;
let runner: Runner;
let releases: ReleaseSite;

beforeAll(async () => {
  runner = await Runner.create();
  releases = await startReleaseSite(runner.directory);
  if (whyNoSite() === undefined) here = await site();
});

afterEach(() => runner.endLeft());

afterAll(async () => {
  releases.close();
  await runner.close();
});

/** The action as a runner gets it by a release's tag, whose binary this machine serves. */
async function releasedAction(): Promise<string> {
  const action = join(runner.directory, 'action');
  const crate = join(action, 'injector');
  await cp(join(REPOSITORY, 'dist'), join(action, 'dist'), { recursive: true });
  const filter = (path: string) => !path.endsWith('/target');
  await cp(join(REPOSITORY, 'injector'), crate, { recursive: true, filter });
  const binary = await readFile(await injectorBinary());
  const path = `/v9.9.9/injector-${ARCHITECTURE}`;
  releases.files.set(path, binary);
  const sha256 = createHash('sha256').update(binary).digest('hex');
  const entry = { url: releases.url + path, sha256 };
  const release: Release = {
    tag: 'v9.9.9',
    sources: await hashSources(crate),
    binaries: { amd64: entry, arm64: entry },
  };
  await writeFile(join(action, 'dist', 'injector.json'), JSON.stringify(release));
  return action;
}

onSite(
  'a runner with nothing but Node injects an archive with the binary of its release',
  async () => {
    const { cluster, dockerHost } = here;
    const archive = join(runner.directory, 'web.tar');
    const context = join(runner.directory, 'web');
    await buildImage(dockerHost, context, 'acme/bare:1', [['file', Buffer.from('content')]]);
    await docker(dockerHost, 'save', '--output', archive, 'acme/bare:1');
    const [bare, home] = [join(runner.directory, 'bare'), join(runner.directory, 'home')];
    await Promise.all([mkdir(bare), mkdir(home)]);
    const inputs = { images: archive, kubeconfig: cluster.kubeconfig };
    const main = await runner.run({
      bundle: join(await releasedAction(), 'dist', 'index.js'),
      inputs,
      env: {
        PATH: bare,
        HOME: home,
        DOCKER_HOST: undefined,
        NODE_EXTRA_CA_CERTS: releases.authority,
      },
    });
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    expect(main.log).toContain(
      'is not built (there is no rustc) and comes from the release v9.9.9',
    );
    expect(main.log).toMatch(new RegExp(`${ARCHITECTURE} \\d+ B from release`));
    const env = { PATH: bare, HOME: home };
    const post = await runner.run({ inputs, env, state: main.state });
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
  },
);
