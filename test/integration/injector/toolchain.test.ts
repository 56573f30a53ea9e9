import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProgram } from '../../cluster/build/packages.js';
import { type CrateRegistry, startCrateRegistry } from '../../helpers/injector/crate-registry.js';
import { MAIN, type ObtainingSite, startSite } from './site.js';

let here: ObtainingSite;

beforeEach(async () => {
  here = await startSite();
});

afterEach(async () => {
  expect(await here.close()).toEqual([]);
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
  const told = join(here.crate, 'environment');
  await writeFile(join(here.crate, 'build.rs'), tellingEnvironment(told));
  const secrets = [
    'INPUT_KUBECONFIG',
    'KUBECONFIG',
    'GITHUB_TOKEN',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'STATE_cleanup',
    'A_SECRET_OF_THE_JOB',
  ];
  for (const name of secrets) here.env[name] = 'secret';
  here.env.SSL_CERT_FILE = '/nowhere/ca.pem';
  here.env.RUNNER_TRACKING_ID = 'github_1';
  expect(await here.obtain()).toMatchObject({ origin: 'build' });
  const names = await namesIn(told);
  expect(names).toEqual(
    expect.arrayContaining(['PATH', 'HOME', 'SSL_CERT_FILE', 'RUNNER_TRACKING_ID', 'TARGET']),
  );
  expect(names.filter((name) => SECRET.test(name))).toEqual([]);
});

test("a private registry's token is there for downloads and for no build script", async () => {
  const told = join(here.directory, 'environment');
  const registry = await startCrateRegistry('let me in', 'dep', {
    'Cargo.toml': '[package]\nname = "dep"\nversion = "1.0.0"\nedition = "2021"\n',
    'src/lib.rs': 'pub fn text() -> &\'static str { "injector" }\n',
    'build.rs': tellingEnvironment(told),
  });
  try {
    await dependOn(registry);
    here.env.CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS = 'cargo:token';
    const { error, causes } = await here.obtain();
    expect(error).toMatch(/^Building the injector failed/);
    expect(causes?.join()).toContain('no token found for `mirror`');
    expect(registry.served).toEqual([]);
    here.env.CARGO_REGISTRIES_MIRROR_TOKEN = 'let me in';
    expect(await here.obtain()).toMatchObject({ origin: 'build' });
    expect(registry.served).toContain('/crates/dep/1.0.0/download');
    expect((await namesIn(told)).filter((name) => SECRET.test(name))).toEqual([]);
  } finally {
    registry.close();
  }
});

/** Has the crate use one of the registry, which stands in the place of crates.io. */
async function dependOn({ index, checksum }: CrateRegistry): Promise<void> {
  here.env.CARGO_HOME = join(here.directory, 'cargo-home');
  const config = `[source.crates-io]\nreplace-with = "mirror"\n[registries.mirror]\nindex = "${index}"\n`;
  await appendFile(join(here.crate, '.cargo', 'config.toml'), config);
  await appendFile(join(here.crate, 'Cargo.toml'), '[dependencies]\ndep = "=1.0.0"\n');
  const source = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  const locked = `name = "dep"\nversion = "1.0.0"\n${source}\nchecksum = "${checksum}"`;
  const lock = await readFile(join(here.crate, 'Cargo.lock'), 'utf8');
  await writeFile(
    join(here.crate, 'Cargo.lock'),
    lock
      .replace('[[package]]', `[[package]]\n${locked}\n\n[[package]]`)
      .concat('dependencies = ["dep"]\n'),
  );
  const main = join(here.crate, 'src', 'main.rs');
  await writeFile(main, MAIN.replace('print!', 'println!("{}", dep::text()); print!'));
}

test('a compiler error ends in one sentence with what cargo said behind it', async () => {
  await writeFile(join(here.crate, 'src', 'main.rs'), 'fn main() { nothing() }\n');
  const { error, causes } = await here.obtain();
  expect(error).toMatch(/^Building the injector failed: `cargo build .*exit code 101/);
  expect(causes?.join()).toContain('cannot find function `nothing`');
});

test('a cargo that cannot be started is as one that is not there', async () => {
  await here.program('cargo', '#!/nowhere/interpreter\n');
  const { error, causes } = await here.obtain();
  expect(error).toMatch(/needs cargo, which is not here/);
  expect(causes?.join()).toContain('ENOENT');
});

test('a cargo that is killed ends in one sentence, too', async () => {
  await here.program('cargo', '#!/bin/sh\necho half a word >&2\nkill -9 $$\n');
  const { error, causes } = await here.obtain();
  expect(error).toMatch(/^Building the injector failed: `cargo build .*` was killed/);
  expect(causes).toEqual(['half a word']);
});

test('nothing that the toolchain prints can become a command of the runner', async () => {
  await here.program(
    'cargo',
    '#!/bin/sh\nprintf "a\\n::add-mask::b\\n##[group]c\\n" >&2\nexit 1\n',
  );
  const { error, causes, log } = await here.obtain();
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
  const others = (here.env.PATH ?? '').split(delimiter).filter((path) => path !== dirname(rustc));
  here.env.PATH = others.join(delimiter);
  await here.program('rustc', script);
  const { error } = await here.obtain();
  expect(error).toMatch(/lacks the target .*musl and rustup is not here.*rustup\.rs/);
});
