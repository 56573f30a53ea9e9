import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { hashSources } from '../../../src/injector/source.js';
import {
  type CacheCall,
  type CacheService,
  startCacheService,
} from '../../helpers/cache-service.js';
import type { Obtained } from '../../helpers/programs/obtain-injector.js';
import { REPOSITORY } from '../../helpers/runner.js';

const execute = promisify(execFile);

/** How an injector is obtained; what is left out is as in a step. */
export interface Asked {
  /** Seconds for which the cache service may be silent to a restore and to a save. */
  readonly patience?: { readonly restore: number; readonly save: number };
  /** The patience with a save begins when this is fulfilled; else at once. */
  readonly saving?: Promise<void>;
  /** The directory that the input `injector` names. */
  readonly given?: string;
  readonly architectures?: readonly string[];
}

/** A runner of its own with a cache service, and a crate that builds in a second in the injector's place. */
export interface ObtainingSite {
  readonly directory: string;
  /** The crate, `injector` in the action's directory, which has a `dist` beside it. */
  crate: string;
  readonly service: CacheService;
  /** The step's environment. */
  readonly env: Record<string, string | undefined>;
  /** Obtains the injector in a process of its own. */
  obtain(asked?: Asked): Promise<Obtained & { readonly log: string }>;
  /** Makes this another runner, whose home directory has the same path and nothing of this one's in it. */
  changeRunner(): Promise<void>;
  /** Puts another cache service in the place of this one, silent to a call. */
  restartService(silent?: CacheCall): Promise<void>;
  /** Puts a program of this name before all others. */
  program(name: string, script: string): Promise<void>;
  /** Ends all; returns the names of what was left in the temporary directory. */
  close(): Promise<string[]>;
}

/** What the crate prints: the version line, whose hash lies where no build input does. */
export const MAIN =
  'fn main() { print!(concat!("injector 0.0.0 ", include_str!("../tests/sources"), "\\n")); }\n';

export async function startSite(): Promise<ObtainingSite> {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-obtain-'));
  let service = await startCacheService();
  for (const name of ['temp', 'home']) await mkdir(join(directory, name));
  await mkdir(join(directory, 'action', 'dist'), { recursive: true });
  const crate = await makeCrate(join(directory, 'action', 'injector'));
  const env: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOME: join(directory, 'home'),
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), '.cargo'),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    RUNNER_TEMP: join(directory, 'temp'),
    GITHUB_WORKSPACE: directory,
    GITHUB_SERVER_URL: 'https://github.com',
    ...service.env,
  };
  const here: ObtainingSite = {
    directory,
    crate,
    get service() {
      return service;
    },
    env,
    obtain: (asked) => obtain(here, asked),
    changeRunner: () => rm(join(env.HOME as string, '.cache'), { recursive: true, force: true }),
    async restartService(silent) {
      await service.close();
      service = await startCacheService(silent);
      Object.assign(env, service.env);
    },
    async program(name, script) {
      const bin = join(directory, 'bin');
      await mkdir(bin, { recursive: true });
      await writeFile(join(bin, name), script);
      await chmod(join(bin, name), 0o755);
      if (!env.PATH?.startsWith(bin)) env.PATH = [bin, env.PATH].join(delimiter);
    },
    async close() {
      await service.close();
      const left = await readdir(join(directory, 'temp'));
      await rm(directory, { recursive: true });
      // The cache package keeps folders of its own there, which the runner empties.
      return left.filter((name) => name.startsWith('jackal'));
    },
  };
  return here;
}

async function makeCrate(path: string): Promise<string> {
  await mkdir(join(path, 'src'), { recursive: true });
  await mkdir(join(path, 'tests'));
  await mkdir(join(path, '.cargo'));
  const linkers = ['x86_64', 'aarch64'].map(
    (machine) => `[target.${machine}-unknown-linux-musl]\nlinker = "rust-lld"\n`,
  );
  await writeFile(join(path, '.cargo', 'config.toml'), linkers.join(''));
  const about = 'name = "injector"\nversion = "0.0.0"\n';
  await writeFile(join(path, 'Cargo.toml'), `[package]\n${about}edition = "2021"\n`);
  await writeFile(join(path, 'Cargo.lock'), `version = 4\n\n[[package]]\n${about}`);
  await writeFile(join(path, 'src', 'main.rs'), MAIN);
  return path;
}

async function obtain({ crate, env }: ObtainingSite, asked: Asked = {}) {
  const { patience = { restore: 60, save: 60 }, given = '', architectures = ['amd64'] } = asked;
  const mark = join(crate, 'tests', 'sources');
  await writeFile(mark, await hashSources(crate)).catch(() => undefined);
  const program = join(REPOSITORY, 'out/test/helpers/programs/obtain-injector.js');
  const args = [crate, `${patience.restore}`, `${patience.save}`, given, ...architectures];
  const defined = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const running = execute(process.execPath, [program, ...args], { env: defined });
  const { stdin } = running.child;
  // A process that ends by itself closes it first.
  stdin?.on('error', () => undefined);
  void (asked.saving ?? Promise.resolve()).then(() => stdin?.end());
  const { stdout } = await running;
  return { ...(JSON.parse(stdout.trim().split('\n').at(-1) as string) as Obtained), log: stdout };
}
