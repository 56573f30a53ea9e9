import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProgram } from '../../cluster/packages.js';
import { type CacheService, startCacheService } from '../../helpers/cache-service.js';
import type { Obtained } from '../../helpers/obtain-injector.js';
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

async function obtain(): Promise<Obtained> {
  const program = join(REPOSITORY, 'out/test/helpers/obtain-injector.js');
  const defined = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const { stdout } = await execute(process.execPath, [program, crate], { env: defined });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

test('cold it is built and kept, then it comes from the disk, elsewhere from the cache', async () => {
  const cold = await obtain();
  expect(cold).toMatchObject({ origin: 'build' });
  expect(service.entries.size).toBe(1);
  expect(await obtain()).toEqual({ ...cold, origin: 'disk' });
  // Another runner: its home directory has the same path, and nothing of this one's in it.
  await rm(join(env.HOME as string, '.cache'), { recursive: true });
  expect(await obtain()).toEqual({ ...cold, origin: 'cache' });
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

test('without the target and without rustup one sentence says how to get them', async () => {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  // A toolchain as distributions package it: no rustup, and no MUSL library below its sysroot.
  const rustc = findProgram('rustc') as string;
  const script = `#!/bin/sh\ncase "$*" in *target-libdir*) echo /nowhere;; *) exec ${rustc} "$@";; esac\n`;
  await writeFile(join(bin, 'rustc'), script);
  await chmod(join(bin, 'rustc'), 0o755);
  const others = (env.PATH ?? '').split(delimiter).filter((path) => path !== dirname(rustc));
  env.PATH = [bin, ...others].join(delimiter);
  const { error } = await obtain();
  expect(error).toMatch(/lacks the target .*musl and rustup is not here.*rustup\.rs/);
});
