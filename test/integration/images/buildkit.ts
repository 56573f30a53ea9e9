import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, installPackages } from '../../cluster/build/packages.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { builtByGo } from '../../helpers/tools.js';

const exec = promisify(execFile);

/** Two pre-release modules that BuildKit's module names and that no proxy has. */
const EXCLUDED = [
  'github.com/davecgh/go-spew@v1.1.2-0.20180830191138-d8f796af33cc',
  'github.com/pmezard/go-difflib@v1.0.1-0.20181226105442-5d4384ee4fb2',
];

const VERSION = 'v0.34.2';

/** Path of `buildkitd` or `buildctl`, built once (a minute and a half on two processors) and kept. */
async function program(name: 'buildkitd' | 'buildctl'): Promise<string> {
  const path = `github.com/moby/buildkit/cmd/${name}`;
  return await builtByGo(`${name}-${VERSION}-${process.arch}`, name, async (go) => {
    await go(['mod', 'init', 'jackal.test/buildkit']);
    await go(['mod', 'edit', ...EXCLUDED.map((module) => `-exclude=${module}`)]);
    await go(['get', '-tool', `${path}@${VERSION}`]);
    await go(['build', '-o', name, path]);
  });
}

export interface BuildKit {
  /** Where it listens, as buildx's driver `remote` takes it. */
  readonly address: string;
  /** Builds the Dockerfile of a directory; `args` are those of `buildctl build`. */
  run(context: string, ...args: string[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts a BuildKit of its own, as a buildx builder has one. */
export async function startBuildKit(): Promise<BuildKit> {
  const [daemon, client] = [await program('buildkitd'), await program('buildctl')];
  if (findProgram('runc') === undefined) await installPackages(['runc']);
  const directory = await mkdtemp(join(tmpdir(), 'jackal-buildkit-'));
  const address = `unix://${directory}/sock`;
  const args = ['--addr', address, '--root', join(directory, 'root')];
  args.push('--oci-worker=true', '--containerd-worker=false', '--oci-worker-net=host');
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', daemon, ...args], {
    stdio: 'ignore',
  });
  const control = (...more: string[]) => exec(client, ['--addr', address, ...more]);
  await until('BuildKit to answer', () =>
    control('debug', 'workers').then(
      () => true,
      () => false,
    ),
  );
  return {
    address,
    async run(context, ...more) {
      const local = ['--local', `context=${context}`, '--local', `dockerfile=${context}`];
      await control('build', '--frontend', 'dockerfile.v0', ...local, ...more);
    },
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Writes what to build: a small image that differs from platform to platform in its config. */
export async function writeContext(directory: string): Promise<void> {
  await mkdir(directory);
  await writeFile(join(directory, 'text'), 'some words\n'.repeat(100_000));
  const lines = ['FROM scratch', 'ARG TARGETARCH', 'LABEL for=$TARGETARCH', 'COPY text /text'];
  await writeFile(join(directory, 'Dockerfile'), `${lines.join('\n')}\n`);
}

/** The digest that an OCI archive itself lists. */
export async function listed(archive: string): Promise<string> {
  const { stdout } = await run('tar', ['-xOf', archive, 'index.json']);
  return JSON.parse(stdout).manifests[0].digest;
}
