import { execFile } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProgram } from '../../cluster/build/packages.js';
import { type CacheService, startCacheService } from '../../helpers/cache-service.js';
import { type CrateRegistry, startCrateRegistry } from '../../helpers/crate-registry.js';
import type { Obtained } from '../../helpers/programs/obtain-injector.js';
import { REPOSITORY } from '../../helpers/runner.js';

const MAIN = 'fn main() { println!("injector"); }\n';
const execute = promisify(execFile);

let directory: string;
let crate: string;
let service: CacheService;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-obtain-'));
  crate = await makeCrate(join(directory, 'injector'));
  service = await startCacheService();
  await mkdir(join(directory, 'temp'));
  env = {
    PATH: process.env.PATH,
    HOME: await newHome(),
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), '.cargo'),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    RUNNER_TEMP: join(directory, 'temp'),
    GITHUB_WORKSPACE: directory,
    GITHUB_SERVER_URL: 'https://github.com',
    ...service.env,
  };
});

afterEach(async () => {
  await service.close();
  const left = await readdir(join(directory, 'temp'));
  await rm(directory, { recursive: true });
  // The cache package keeps folders of its own there, which the runner empties.
  expect(left.filter((name) => name.startsWith('jackal'))).toEqual([]);
});

/** A crate that builds in a second, in the injector's place. */
async function makeCrate(path: string): Promise<string> {
  await mkdir(join(path, 'src'), { recursive: true });
  await mkdir(join(path, '.cargo'));
  const linker = '[target.x86_64-unknown-linux-musl]\nlinker = "rust-lld"\n';
  await writeFile(join(path, '.cargo', 'config.toml'), linker);
  const about = 'name = "injector"\nversion = "0.0.0"\n';
  await writeFile(join(path, 'Cargo.toml'), `[package]\n${about}edition = "2021"\n`);
  await writeFile(join(path, 'Cargo.lock'), `version = 4\n\n[[package]]\n${about}`);
  await writeFile(join(path, 'src', 'main.rs'), MAIN);
  return path;
}

/** The home directory of another runner: nothing of an earlier one is in it. */
async function newHome(): Promise<string> {
  return mkdtemp(join(directory, 'home-'));
}

/** @param patience seconds for which the cache service may be silent to a restore and to a save */
async function obtain(patience = { restore: 60, save: 60 }): Promise<Obtained & { log: string }> {
  const program = join(REPOSITORY, 'out/test/helpers/programs/obtain-injector.js');
  const defined = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const seconds = [patience.restore, patience.save].map(String);
  const { stdout } = await execute(process.execPath, [program, crate, ...seconds], {
    env: defined,
  });
  return { ...JSON.parse(stdout.trim().split('\n').at(-1) as string), log: stdout };
}

test('cold it is built and kept, then it comes from the disk, elsewhere from the cache', async () => {
  const { origin, sha256 } = await obtain();
  expect(origin).toBe('build');
  expect(service.entries.size).toBe(1);
  expect(await obtain()).toMatchObject({ sha256, origin: 'disk' });
  // Another runner: its home directory has the same path, and nothing of this one's in it.
  await rm(join(env.HOME as string, '.cache'), { recursive: true });
  expect(await obtain()).toMatchObject({ sha256, origin: 'cache' });
});

test('changed sources are built anew, since the key tells them apart', async () => {
  await obtain();
  await writeFile(join(crate, 'src', 'main.rs'), MAIN.replace('injector', 'changed'));
  expect(await obtain()).toMatchObject({ origin: 'build' });
  expect(service.entries.size).toBe(2);
});

test('a cache service that is down costs a build and nothing else', async () => {
  await service.close();
  expect(await obtain()).toMatchObject({ origin: 'build' });
  service = await startCacheService();
});

test('a cache service that never answers costs a build, and is asked nothing more', async () => {
  await service.close();
  service = await startCacheService('GetCacheEntryDownloadURL');
  Object.assign(env, service.env);
  const { origin, log } = await obtain({ restore: 0.2, save: 60 });
  expect(origin).toBe('build');
  expect(log).toContain(
    '::warning title=Jackal Inject%3A Cache of the injector does not answer::The cache service did not give the injector, which is built instead: It was silent for 0.2 s.',
  );
  expect(service.calls).not.toContain('POST CreateCacheEntry');
});

test.each(['CreateCacheEntry', 'FinalizeCacheEntryUpload'] as const)(
  'a cache service that is silent to %s does not hold the step',
  async (call) => {
    await service.close();
    service = await startCacheService(call);
    Object.assign(env, service.env);
    const { origin, log } = await obtain({ restore: 60, save: 0.2 });
    expect(origin).toBe('build');
    expect(log).toContain(
      '::warning title=Jackal Inject%3A Cache of the injector does not answer::The cache service did not take the injector before',
    );
  },
);

test('no cache service at all is a runner like any other', async () => {
  env.ACTIONS_CACHE_SERVICE_V2 = undefined;
  env.ACTIONS_RESULTS_URL = undefined;
  expect(await obtain()).toMatchObject({ origin: 'build' });
  expect(service.calls).toEqual([]);
});

test('what the cache gives is used only when it is a static executable', async () => {
  await obtain();
  const [key] = service.entries.keys();
  service.entries.set(key as string, Buffer.from('not the archive that was saved'));
  env.HOME = await newHome();
  expect(await obtain()).toMatchObject({ origin: 'build' });
});

/** A build script that leaves the names of its environment's variables in a file. */
const tellingEnvironment = (file: string) => `fn main() {
    let names: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    std::fs::write(${JSON.stringify(file)}, names.join("\\n")).unwrap();
}
`;

/** What no program of the toolchain may see while it runs the code of others. */
const SECRET = /^(INPUT|STATE|GITHUB|ACTIONS|CARGO_REGISTRIES)_|KUBECONFIG|TOKEN|SECRET/;

const namesIn = async (file: string) => (await readFile(file, 'utf8')).split('\n');

test('build scripts see the toolchain and the network, and no secret of the job', async () => {
  const told = join(crate, 'environment');
  await writeFile(join(crate, 'build.rs'), tellingEnvironment(told));
  const secrets = [
    'INPUT_KUBECONFIG',
    'KUBECONFIG',
    'GITHUB_TOKEN',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'STATE_cleanup',
    'A_SECRET_OF_THE_JOB',
  ];
  for (const name of secrets) env[name] = 'secret';
  env.SSL_CERT_FILE = '/nowhere/ca.pem';
  env.RUNNER_TRACKING_ID = 'github_1';
  expect(await obtain()).toMatchObject({ origin: 'build' });
  const names = await namesIn(told);
  expect(names).toEqual(
    expect.arrayContaining(['PATH', 'HOME', 'SSL_CERT_FILE', 'RUNNER_TRACKING_ID', 'TARGET']),
  );
  expect(names.filter((name) => SECRET.test(name))).toEqual([]);
});

test("a private registry's token is there for downloads and for no build script", async () => {
  const told = join(directory, 'environment');
  const registry = await startCrateRegistry('let me in', 'dep', {
    'Cargo.toml': '[package]\nname = "dep"\nversion = "1.0.0"\nedition = "2021"\n',
    'src/lib.rs': 'pub fn text() -> &\'static str { "injector" }\n',
    'build.rs': tellingEnvironment(told),
  });
  try {
    await dependOn(registry);
    env.CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS = 'cargo:token';
    const { error, causes } = await obtain();
    expect(error).toMatch(/^Building the injector failed/);
    expect(causes?.join()).toContain('no token found for `mirror`');
    expect(registry.served).toEqual([]);
    env.CARGO_REGISTRIES_MIRROR_TOKEN = 'let me in';
    expect(await obtain()).toMatchObject({ origin: 'build' });
    expect(registry.served).toContain('/crates/dep/1.0.0/download');
    expect((await namesIn(told)).filter((name) => SECRET.test(name))).toEqual([]);
  } finally {
    registry.close();
  }
});

/** Has the crate use one of the registry, which stands in the place of crates.io. */
async function dependOn({ index, checksum }: CrateRegistry): Promise<void> {
  env.CARGO_HOME = join(directory, 'cargo-home');
  const config = `[source.crates-io]\nreplace-with = "mirror"\n[registries.mirror]\nindex = "${index}"\n`;
  await appendFile(join(crate, '.cargo', 'config.toml'), config);
  await appendFile(join(crate, 'Cargo.toml'), '[dependencies]\ndep = "=1.0.0"\n');
  const source = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  const locked = `name = "dep"\nversion = "1.0.0"\n${source}\nchecksum = "${checksum}"`;
  const lock = await readFile(join(crate, 'Cargo.lock'), 'utf8');
  await writeFile(
    join(crate, 'Cargo.lock'),
    lock
      .replace('[[package]]', `[[package]]\n${locked}\n\n[[package]]`)
      .concat('dependencies = ["dep"]\n'),
  );
  await writeFile(join(crate, 'src', 'main.rs'), 'fn main() { println!("{}", dep::text()); }\n');
}

test('a compiler error ends in one sentence with what cargo said behind it', async () => {
  await writeFile(join(crate, 'src', 'main.rs'), 'fn main() { nothing() }\n');
  const { error, causes } = await obtain();
  expect(error).toMatch(/^Building the injector failed: `cargo build .*exit code 101/);
  expect(causes?.join()).toContain('cannot find function `nothing`');
});

test('without cargo one sentence says how to get it', async () => {
  env.PATH = join(directory, 'temp');
  const { error } = await obtain();
  expect(error).toMatch(/needs cargo, which is not here: install Rust with rustup/);
});

/** Puts a program of this name before all others. */
async function program(name: string, script: string): Promise<void> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), script);
  await chmod(join(bin, name), 0o755);
  env.PATH = [bin, env.PATH].join(delimiter);
}

test('a cargo that cannot be started is as one that is not there', async () => {
  await program('cargo', '#!/nowhere/interpreter\n');
  const { error, causes } = await obtain();
  expect(error).toMatch(/needs cargo, which is not here/);
  expect(causes?.join()).toContain('ENOENT');
});

test('a cargo that is killed ends in one sentence, too', async () => {
  await program('cargo', '#!/bin/sh\necho half a word >&2\nkill -9 $$\n');
  const { error, causes } = await obtain();
  expect(error).toMatch(/^Building the injector failed: `cargo build .*` was killed/);
  expect(causes).toEqual(['half a word']);
});

test('nothing that the toolchain prints can become a command of the runner', async () => {
  await program('cargo', '#!/bin/sh\nprintf "a\\n::add-mask::b\\n##[group]c\\n" >&2\nexit 1\n');
  const { error, causes, log } = await obtain();
  expect(error).toMatch(/ended with exit code 1/);
  expect(causes).toEqual(['a ::add-mask::b ##[group]c']);
  const said = log.split('\n').filter((line) => !line.startsWith('{'));
  expect(said).toEqual(expect.arrayContaining(['::debug::: :add-mask::b', '::debug::## [group]c']));
  expect(said.filter((line) => /^::add-mask|##\[/.test(line))).toEqual([]);
});

test('without the target and without rustup one sentence says how to get them', async () => {
  // A toolchain as distributions package it: no rustup, and no MUSL library below its sysroot.
  const rustc = findProgram('rustc') as string;
  const script = `#!/bin/sh\ncase "$*" in *target-libdir*) echo /nowhere;; *) exec ${rustc} "$@";; esac\n`;
  const others = (env.PATH ?? '').split(delimiter).filter((path) => path !== dirname(rustc));
  env.PATH = others.join(delimiter);
  await program('rustc', script);
  const { error } = await obtain();
  expect(error).toMatch(/lacks the target .*musl and rustup is not here.*rustup\.rs/);
});
