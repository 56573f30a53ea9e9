import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunResult, run } from '../../cluster/command.js';
import { rustHomes } from '../../helpers/injector/rust-targets.js';
import { BUNDLE, REPOSITORY } from '../../helpers/runner.js';
import { tool } from '../../helpers/tools.js';
import type { Recipe, Use } from './page.js';
import { ACTIONS, OWN, PROGRAMS, TOOLS } from './stand-ins.js';

/** Where the project lies that the recipes build, and what stands for programs and actions of others. */
const SOURCES = join(REPOSITORY, 'test/matrix/recipes');

/** For how long a recipe may run, milliseconds: less than a test, so that act is ended before the next one begins. */
const LONGEST_MS = 20 * 60_000;

/** What the programs of recipes find on this machine. */
export interface Surroundings {
  readonly dockerHost: string;
  /** Address of BuildKit, for builders. */
  readonly buildKit: string;
  /** Reference of the image on which ko builds. */
  readonly base: string;
  readonly kubectl: string;
  /** Directory of what stands for images that programs would have built. */
  readonly prepared: string;
  /** A static program that waits until it is told to end. */
  readonly program: string;
}

/** Writes the project that recipes build; the program is what its image starts. */
export async function writeProject(directory: string, program: string): Promise<void> {
  await cp(join(SOURCES, 'project'), directory, { recursive: true });
  await cp(program, join(directory, 'web'));
}

/** A runner's machine, on which act executes workflows: a home, programs on the PATH, and actions by their names. */
export class Machine {
  private constructor(
    private readonly directory: string,
    private readonly around: Surroundings,
  ) {}

  static async create(around: Surroundings): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), 'jackal-machine-')), around);
    await machine.furnish();
    return machine;
  }

  private at(...names: string[]): string {
    return join(this.directory, ...names);
  }

  private async furnish(): Promise<void> {
    const plugins = this.at('home/.docker/cli-plugins');
    const cache = join(homedir(), '.cache/jackal-inject');
    const folders = ['tools', 'act', 'artifacts', 'action/dist', 'home/.cache'];
    for (const folder of [...folders.map((name) => this.at(name)), plugins, cache]) {
      await mkdir(folder, { recursive: true });
    }
    // The injector that was built before is there, as on a runner that has a cache.
    await symlink(cache, this.at('home/.cache/jackal-inject'));
    await symlink(await tool('buildx'), join(plugins, 'docker-buildx'));
    await symlink(this.around.kubectl, this.at('tools/kubectl'));
    for (const [name, tooled] of Object.entries(TOOLS)) {
      await symlink(await tool(tooled), this.at('tools', name));
    }
    for (const name of PROGRAMS) {
      await symlink(join(SOURCES, 'programs', name), this.at('tools', name));
    }
    await cp(join(REPOSITORY, 'action.yml'), this.at('action/action.yml'));
    await cp(join(BUNDLE, '..'), this.at('action/dist'), { recursive: true });
    const filter = (path: string) => path !== join(REPOSITORY, 'injector/target');
    await cp(join(REPOSITORY, 'injector'), this.at('action/injector'), { recursive: true, filter });
    const storage = { driver: 'vfs', graphroot: this.at('podman'), runroot: this.at('podman-run') };
    const lines = Object.entries(storage).map(([key, value]) => `${key} = "${value}"`);
    await writeFile(this.at('storage.conf'), ['[storage]', ...lines, ''].join('\n'));
    await writeFile(this.at('home/.actrc'), '-P ubuntu-latest=-self-hosted\n');
  }

  /**
   * Executes a workflow in a fresh clone of the project.
   * @returns its exit code, which is not 0 where a step fails, and act's log.
   */
  async execute({ workflow, files, uses }: Recipe, kubeconfig: string): Promise<RunResult> {
    const project = this.at('project');
    for (const old of [project, this.at('home/.kube'), this.at('home/.docker/buildx')]) {
      await rm(old, { recursive: true, force: true });
    }
    await writeProject(project, this.around.program);
    const all = { ...files, '.github/workflows/recipe.yml': workflow };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(join(project, path, '..'), { recursive: true });
      await writeFile(join(project, path), text);
    }
    await this.commit(project);
    const secrets = this.at('secrets.yml');
    await writeFile(secrets, JSON.stringify({ KUBECONFIG: kubeconfig }), { mode: 0o600 });
    await writeFile(this.at('kubeconfig'), kubeconfig, { mode: 0o600 });
    const args = ['push', '--no-cache-server', '--secret-file', secrets];
    args.push('--action-cache-path', this.at('act'), ...this.repositories(uses));
    args.push('--container-daemon-socket', '-');
    return await run(await tool('act'), args, {
      cwd: project,
      env: await this.environment(),
      anyStatus: true,
      signal: AbortSignal.timeout(LONGEST_MS),
    });
  }

  private async commit(project: string): Promise<void> {
    const git = (...args: string[]) => run('git', args, { cwd: project });
    await git('init', '-q', '-b', 'main');
    await git('remote', 'add', 'origin', 'https://github.com/acme/web');
    await git('add', '--all');
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    await git(...author, 'commit', '-q', '-m', 'Begin');
  }

  /** Options of act that put a directory in the place of each repository. */
  private repositories(uses: readonly Use[]): string[] {
    return [...new Set(uses.map((step) => step.uses))].flatMap((use) => {
      const [name = ''] = use.split('@');
      const own = name === OWN ? this.at('action') : undefined;
      const stand = ACTIONS[name];
      const place = own ?? (stand === undefined ? undefined : join(SOURCES, 'actions', stand));
      return place === undefined ? [] : ['--local-repository', `${use}=${place}`];
    });
  }

  private async environment(): Promise<NodeJS.ProcessEnv> {
    const { GOMODCACHE, GOCACHE, GOPROXY } = JSON.parse(
      (await run('go', ['env', '-json', 'GOMODCACHE', 'GOCACHE', 'GOPROXY'])).stdout,
    );
    const node = join(process.execPath, '..');
    return {
      ...{ PATH: `${this.at('tools')}:${node}:${process.env.PATH}`, HOME: this.at('home') },
      ...{ DOCKER_HOST: this.around.dockerHost, BUILDKIT_ADDRESS: this.around.buildKit },
      BUILDKIT_PROGRESS: 'plain',
      ...{ GOMODCACHE, GOCACHE, GOPROXY, GOFLAGS: '-mod=mod', GOWORK: 'off' },
      ...{
        KO_DEFAULTBASEIMAGE: this.around.base,
        CONTAINERS_STORAGE_CONF: this.at('storage.conf'),
      },
      ...rustHomes(),
      MAVEN_OPTS: `-Dmaven.repo.local=${join(homedir(), '.m2/repository')}`,
      ...{ TOOLS: this.at('tools'), ARTIFACTS: this.at('artifacts') },
      ...{ PREPARED: this.around.prepared, CLUSTER_KUBECONFIG: this.at('kubeconfig') },
    };
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
