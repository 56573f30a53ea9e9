import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Injector, obtainInjectors } from '../../../src/injector/obtain.js';
import { type CacheService, startCacheService } from '../../helpers/cache-service.js';

const environment = { ...process.env };
const MAIN = 'fn main() { println!("injector"); }\n';

let directory: string;
let crate: string;
let service: CacheService;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-obtain-'));
  crate = join(directory, 'injector');
  await mkdir(join(crate, 'src'), { recursive: true });
  await mkdir(join(crate, '.cargo'));
  await writeFile(
    join(crate, '.cargo', 'config.toml'),
    '[target.x86_64-unknown-linux-musl]\nlinker = "rust-lld"\n',
  );
  const manifest = '[package]\nname = "injector"\nversion = "0.0.0"\nedition = "2021"\n';
  await writeFile(join(crate, 'Cargo.toml'), `${manifest}[profile.release]\nstrip = true\n`);
  await writeFile(
    join(crate, 'Cargo.lock'),
    'version = 4\n\n[[package]]\nname = "injector"\nversion = "0.0.0"\n',
  );
  await writeFile(join(crate, 'src', 'main.rs'), MAIN);
  service = await startCacheService();
  const cargoHome = environment.CARGO_HOME ?? join(homedir(), '.cargo');
  const rustupHome = environment.RUSTUP_HOME ?? join(homedir(), '.rustup');
  await mkdir(join(directory, 'temp'));
  await newMachine();
  Object.assign(process.env, service.env, {
    CARGO_HOME: cargoHome,
    RUSTUP_HOME: rustupHome,
    RUNNER_TEMP: join(directory, 'temp'),
    GITHUB_WORKSPACE: directory,
    GITHUB_SERVER_URL: 'https://github.com',
  });
});

afterEach(async () => {
  expect(await readdir(join(directory, 'temp'))).toEqual([]);
  await service.close();
  await rm(directory, { recursive: true });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
});

/** Another runner: nothing of an earlier one is on its disk. */
async function newMachine(): Promise<void> {
  process.env.HOME = await mkdtemp(join(directory, 'home-'));
}

async function obtain(): Promise<Injector> {
  const [injector] = await obtainInjectors(['amd64'], crate);
  await injector?.saved;
  return injector as Injector;
}

test('cold it is built and kept, warm it comes from the cache, then from the disk', async () => {
  const cold = await obtain();
  expect(cold.origin).toBe('build');
  expect(service.entries.size).toBe(1);
  expect((await obtain()).origin).toBe('disk');
  await newMachine();
  const warm = await obtain();
  expect(warm.origin).toBe('cache');
  expect(warm.binary.equals(cold.binary)).toBe(true);
});

test('changed sources are built anew, since the key tells them apart', async () => {
  await obtain();
  await writeFile(join(crate, 'src', 'main.rs'), MAIN.replace('injector', 'changed'));
  expect((await obtain()).origin).toBe('build');
  expect(service.entries.size).toBe(2);
});

test('a cache service that is down costs a build and nothing else', async () => {
  await service.close();
  expect((await obtain()).origin).toBe('build');
  service = await startCacheService();
});

test('no cache service at all is a runner like any other', async () => {
  delete process.env.ACTIONS_CACHE_SERVICE_V2;
  delete process.env.ACTIONS_RESULTS_URL;
  expect((await obtain()).origin).toBe('build');
  expect(service.calls).toEqual([]);
});

test('what the cache gives is used only when it is a static executable', async () => {
  await obtain();
  const [key] = service.entries.keys();
  service.entries.set(key as string, Buffer.from('not the archive that was saved'));
  await newMachine();
  expect((await obtain()).origin).toBe('build');
});

test('a compiler error ends in one sentence with what cargo said behind it', async () => {
  await writeFile(join(crate, 'src', 'main.rs'), 'fn main() { nothing() }\n');
  const failure = await obtain().catch((error: Error) => error);
  expect(failure).toMatchObject({
    message: expect.stringMatching(/^Building the injector failed: `cargo build .*exit code 101/),
    cause: { message: expect.stringContaining('cannot find function `nothing`') },
  });
});

test('without cargo one sentence says how to get it', async () => {
  process.env.PATH = join(directory, 'temp');
  await expect(obtain()).rejects.toThrow(
    /needs cargo, which is not here: install Rust with rustup/,
  );
});

test('without the target and without rustup one sentence says how to get them', async () => {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  // A toolchain as Debian packages one: no rustup, and no musl library below its sysroot.
  const real = (process.env.PATH ?? '')
    .split(delimiter)
    .find((folder) => folder.includes('.cargo') || folder.includes('cargo/bin'));
  const script = `#!/bin/sh\ncase "$*" in *target-libdir*) echo /nowhere;; *) exec ${real}/rustc "$@";; esac\n`;
  await writeFile(join(bin, 'rustc'), script);
  await chmod(join(bin, 'rustc'), 0o755);
  await symlink('/bin/sh', join(bin, 'sh'));
  process.env.PATH = bin;
  await expect(obtain()).rejects.toThrow(
    /lacks the target .*musl and rustup is not here.*rustup\.rs/,
  );
});
