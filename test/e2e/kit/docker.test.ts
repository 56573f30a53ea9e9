import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { canHost } from '../../cluster/cluster.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { childrenOf } from '../../cluster/machine/process.js';
import { traces } from './cluster-traces.js';

const execute = promisify(execFile);
const host = await canHost();

/** The process that waits for an engine. */
async function keeperOf(engine: DockerEngine): Promise<number> {
  const directory = dirname(engine.host.replace('unix://', ''));
  return JSON.parse(await readFile(join(directory, 'engine.json'), 'utf8')).pid;
}

(host.can ? test : test.skip)(
  'an engine of our own builds and saves an image, and leaves nothing when closed',
  async () => {
    const before = await traces('docker-test');
    const context = await mkdtemp(join(tmpdir(), 'jackal-docker-'));
    const engine = await dockerEngine({ own: true, name: 'test' });
    try {
      const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
      await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /file\n');
      await writeFile(join(context, 'file'), 'a page');
      await execute(engine.docker, ['build', '--tag', 'page:1', context], { env });
      const archive = join(context, 'page.tar');
      await execute(engine.docker, ['save', '--output', archive, 'page:1'], { env });
      const { stdout } = await execute('tar', ['-xOf', archive, 'manifest.json']);
      expect(JSON.parse(stdout)).toMatchObject([{ RepoTags: ['page:1'] }]);
      // A second caller shares it, and cannot end it.
      const again = await dockerEngine({ own: true, name: 'test' });
      expect(again).toMatchObject({ host: engine.host, own: false });
      await again.close();
      await execute(engine.docker, ['version'], { env });
      // Nor does it start another one where this one is slow to answer.
      const [dockerd] = childrenOf(await keeperOf(engine));
      process.kill(dockerd as number, 'SIGSTOP');
      const later = dockerEngine({ own: true, name: 'test' });
      await pause(3000);
      process.kill(dockerd as number, 'SIGCONT');
      expect(await later).toMatchObject({ host: engine.host, own: false });
      await execute(engine.docker, ['version'], { env });
    } finally {
      await engine.close();
      await rm(context, { recursive: true });
    }
    expect(existsSync(engine.host.replace('unix://', ''))).toBe(false);
    expect(await traces('docker-test')).toEqual(before);
  },
);
