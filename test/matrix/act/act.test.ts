import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { writeProgramImage } from '../../e2e/kit/program-image.js';
import { rustHomes } from '../../helpers/injector/rust-targets.js';
import { Act } from '../../helpers/runners/act.js';
import { BARE_RUNNER, importBareRunner } from '../../helpers/runners/bare-runner.js';
import { inventory } from '../../helpers/site.js';
import { tool } from '../../helpers/tools.js';
import { onVariant } from '../on-variant.js';

/* Workflows by nektos/act whose jobs are on fresh machines and have nothing but its cache service in common. */

const WORKFLOWS = 'test/e2e/act/workflows';

await onVariant('iptables', (on) => {
  let act: Act;
  let docker: DockerEngine;
  let before: string[];
  let vars: Record<string, string>;
  let secrets: Record<string, string>;

  beforeAll(async () => {
    await tool('zstd');
    act = await Act.create();
    docker = await dockerEngine({ own: true, name: 'act' });
    const { cluster } = on();
    const IMAGES = await mkdtemp(join(act.directory, 'images-'));
    vars = { IMAGES, ARCHIVE: await writeProgramImage(IMAGES, 'web'), CONTAINER: BARE_RUNNER };
    secrets = { CLUSTER: await readFile(cluster.kubeconfig, 'utf8') };
    before = await inventory(cluster);
  });

  afterAll(async () => {
    await act?.close();
    await docker?.close();
  });

  /** The environment of a machine that has never seen the action: its home is empty. */
  async function freshMachine(name: string): Promise<Record<string, string>> {
    const HOME = join(act.directory, name);
    await mkdir(HOME);
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
    return { HOME, ...rustHomes(), PATH, XDG_CACHE_HOME: join(HOME, '.cache') };
  }

  async function expectDone(
    workflow: string,
    job: string,
    injectorFrom: string,
    env: Record<string, string>,
  ): Promise<void> {
    const { exitCode, log } = await act.run(join(WORKFLOWS, workflow), {
      ...{ job, vars, secrets, env },
    });
    expect(log).toContain('Job succeeded');
    expect(log).toMatch(new RegExp(`(amd64|arm64) \\d+ B from ${injectorFrom}`));
    expect(log).toMatch(/Success - Post \.\//);
    expect(exitCode).toBe(0);
    expect(await inventory(on().cluster)).toEqual(before);
  }

  test('the first machine builds the injector, and the second has it from the cache', async () => {
    await expectDone('fresh.yml', 'fresh', 'build', await freshMachine('first'));
    await expectDone('fresh.yml', 'fresh', 'cache', await freshMachine('second'));
  });

  test('so has a container that could not build it', async () => {
    await importBareRunner(docker.host);
    const machine = await freshMachine('host-of-the-container');
    await expectDone('container.yml', 'bare', 'cache', { ...machine, DOCKER_HOST: docker.host });
  });
});
