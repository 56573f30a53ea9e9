import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hashSources } from '../../../src/injector/source.js';
import { type ReleaseSite, startReleaseSite } from '../../helpers/injector/release-site.js';
import { staticExecutable } from '../../helpers/injector/static-executable.js';
import { startConnectProxy } from '../kube/site/proxies.js';
import { type ObtainingSite, startSite } from './site.js';

let here: ObtainingSite;
/** The PATH of a runner that has none of rustc, cargo, rustup and docker. */
let bare: string;

beforeEach(async () => {
  here = await startSite();
  bare = join(here.directory, 'bare');
  await mkdir(bare);
});

afterEach(async () => {
  expect(await here.close()).toEqual([]);
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A binary that is the injector of the site's sources as far as anybody can tell without running it. */
async function ours(architecture: 'amd64' | 'arm64'): Promise<Buffer> {
  return staticExecutable(architecture, `injector 0.0.0 ${await hashSources(here.crate)}\n`);
}

test('the cache that a job with Rust has filled is enough for one without', async () => {
  const built = await here.obtain();
  await here.changeRunner();
  // What the cache's client unpacks with is on every runner; nothing of Rust's is.
  for (const name of ['rustc', 'cargo', 'rustup']) {
    await here.program(name, '#!/nowhere/interpreter\n');
  }
  expect(await here.obtain()).toMatchObject({ origin: 'cache', sha256: built.sha256 });
});

test('without anything one sentence says which runners lack Rust and what adds it', async () => {
  here.env.PATH = bare;
  const { error } = await here.obtain();
  expect(error).toBe(
    'Building the injector needs cargo, which is not here, as on slim runners, in a `container:` and inside a cluster: install Rust in a step before this one (`curl -sSf https://sh.rustup.rs | sh -s -- -y && echo ~/.cargo/bin >> "$GITHUB_PATH"`), or give the binaries by the input `injector`.',
  );
});

describe('with the input injector', () => {
  let given: string;

  beforeEach(async () => {
    here.env.PATH = bare;
    given = join(here.directory, 'given');
    await mkdir(given);
  });

  test('both architectures come from its directory, and nothing is kept or saved', async () => {
    await writeFile(join(given, 'injector-amd64'), await ours('amd64'));
    await writeFile(join(given, 'injector-arm64'), await ours('arm64'));
    const asked = { given, architectures: ['amd64', 'arm64'] };
    const both = await here.obtain(asked);
    expect(both).toMatchObject({ origin: 'input', sha256: sha256(await ours('amd64')) });
    expect(here.service.calls).toEqual([]);
  });

  test('only the architectures that nodes have must be there', async () => {
    await writeFile(join(given, 'injector-arm64'), await ours('arm64'));
    expect(await here.obtain({ given, architectures: ['arm64'] })).toMatchObject({
      origin: 'input',
    });
    const { error } = await here.obtain({ given, architectures: ['arm64', 'amd64'] });
    expect(error).toMatch(
      /^The input `injector` gives no binary for nodes of amd64: .*\/injector-amd64 cannot be read \(ENOENT.*\); give a directory with injector-amd64 of the release that the step uses\.$/,
    );
  });

  test.each([
    [
      'of other sources',
      async () => staticExecutable('amd64', `injector 1.0.0 ${'0'.repeat(64)}\n`),
      'it is built from other sources (000000000000) than',
    ],
    [
      'of the other architecture',
      () => ours('arm64'),
      'it is built for ELF machine 183, not for amd64',
    ],
    ['dynamic', () => readFile('/bin/ls'), 'it is dynamically linked'],
    ['cut off', async () => (await readFile('/bin/ls')).subarray(0, -100), 'it is cut off'],
    [
      'no executable',
      async () => Buffer.from('#!/bin/sh\n'),
      'it is not a 64-bit little-endian ELF file',
    ],
  ])(
    'one that is %s is refused in one sentence, whatever else there is',
    async (_, make, fault) => {
      // Neither Rust nor what is kept takes the place of what the user gave.
      here.env.PATH = process.env.PATH;
      await writeFile(join(given, 'injector-amd64'), await make());
      const { error, origin } = await here.obtain({ given });
      expect(origin).toBeUndefined();
      expect(error).toContain(
        `/injector-amd64 of the input \`injector\` is not the injector of this action: ${fault}`,
      );
      expect(error).toMatch(/; give injector-amd64 of the release that the step uses\.$/);
    },
  );
});

describe('with a release', () => {
  let site: ReleaseSite;

  beforeEach(async () => {
    site = await startReleaseSite(here.directory);
    here.env.PATH = bare;
    here.env.NODE_EXTRA_CA_CERTS = site.authority;
  });

  afterEach(() => site.close());

  /** Makes the action's directory that of a release whose files the site has. */
  async function release(files: { amd64: Buffer; arm64: Buffer }, told = files): Promise<void> {
    const entry = (architecture: 'amd64' | 'arm64') => ({
      url: `${site.url}/v1/injector-${architecture}`,
      sha256: sha256(told[architecture]),
    });
    const sources = await hashSources(here.crate);
    const binaries = { amd64: entry('amd64'), arm64: entry('arm64') };
    const file = join(here.crate, '..', 'dist', 'injector.json');
    await writeFile(file, JSON.stringify({ tag: 'v1', sources, binaries }));
    site.files.set('/v1/injector-amd64', files.amd64);
    site.files.set('/v1/injector-arm64', files.arm64);
  }

  const both = async () => ({ amd64: await ours('amd64'), arm64: await ours('arm64') });

  test('its binary is downloaded, verified, kept and saved', async () => {
    await release(await both());
    const first = await here.obtain();
    expect(first).toMatchObject({ origin: 'release', sha256: sha256(await ours('amd64')) });
    expect(first.log).toContain(
      'The injector for amd64 is not built (there is no rustc) and comes from the release v1.\n',
    );
    expect(await here.obtain()).toMatchObject({ origin: 'disk', sha256: first.sha256 });
    expect(await here.obtain({ architectures: ['arm64'] })).toMatchObject({ origin: 'release' });
    expect(site.asked).toEqual(['/v1/injector-amd64', '/v1/injector-arm64']);
  });

  test('cargo comes first, and the release where cargo fails', async () => {
    await release(await both());
    here.env.PATH = process.env.PATH;
    expect(await here.obtain()).toMatchObject({ origin: 'build' });
    await here.changeRunner();
    here.service.entries.clear();
    await here.program('cargo', '#!/bin/sh\necho no network >&2\nexit 101\n');
    const { origin, log } = await here.obtain();
    expect(origin).toBe('release');
    expect(log).toMatch(
      /^The injector for amd64 is not built \(`cargo build .*` ended with exit code 101\) and comes from the release v1\.$/m,
    );
  });

  test('a release of other sources than those that are here is none', async () => {
    await release(await both());
    await writeFile(join(here.crate, 'src', 'main.rs'), 'fn main() {}\n');
    expect((await here.obtain()).error).toMatch(/^Building the injector needs cargo/);
    expect(site.asked).toEqual([]);
  });

  test.each([
    [
      'changed',
      async () => ({ ...(await both()), amd64: staticExecutable('amd64', 'tampered') }),
      /what came from https:.*\/v1\/injector-amd64 has the SHA-256 [0-9a-f]{64}, and not [0-9a-f]{64}/,
    ],
    [
      'larger than an injector',
      async () => ({ ...(await both()), amd64: Buffer.alloc(2 ** 20 + 1) }),
      /127\.0\.0\.1:\d+ sent more than 1048576 bytes/,
    ],
  ])('one that is %s is refused in one sentence', async (_, files, why) => {
    await release(await files(), await both());
    const { error } = await here.obtain();
    expect(error).toMatch(
      /^The injector for amd64 can neither be built \(there is no rustc\) nor be had from the release v1 \(.*\); let the runner reach that address, install Rust in a step before this one .*, or give the binaries by the input `injector`\.$/,
    );
    expect(error).toMatch(why);
  });

  test('one of other sources under the right SHA-256 is refused, too', async () => {
    const other = staticExecutable('amd64', `injector 1.0.0 ${'0'.repeat(64)}\n`);
    await release({ ...(await both()), amd64: other });
    expect((await here.obtain()).error).toMatch(
      / \(The injector of the release v1 for amd64 is unusable: it is built from other sources/,
    );
  });

  test('where cargo has failed, too, both reasons are in the sentence', async () => {
    await release(await both());
    site.files.clear();
    here.env.PATH = process.env.PATH;
    await here.program('cargo', '#!/bin/sh\necho no network >&2\nexit 101\n');
    const { error, causes } = await here.obtain();
    expect(error).toMatch(
      /^The injector for amd64 can neither be built \(`cargo build .*` ended with exit code 101\) nor be had from the release v1 \(127\.0\.0\.1:\d+ answered with status 404\); /,
    );
    expect(causes?.join()).toContain('no network');
  });

  test('an address that leads on is followed, by HTTPS alone and not for ever', async () => {
    await release(await both());
    site.redirects.set('/v1/injector-amd64', '/storage?of=amd64');
    site.files.set('/storage?of=amd64', await ours('amd64'));
    expect(await here.obtain()).toMatchObject({ origin: 'release' });
    await here.changeRunner();
    here.service.entries.clear();
    site.redirects.set('/v1/injector-amd64', site.url.replace('https', 'http'));
    expect((await here.obtain()).error).toMatch(/http:\/\/127.* is no address of HTTPS/);
    site.redirects.set('/v1/injector-amd64', '/v1/injector-amd64');
    expect((await here.obtain()).error).toMatch(/leads from one address to another without end/);
  });

  test("the environment's proxy is the way to it", async () => {
    await release(await both());
    const proxy = await startConnectProxy();
    try {
      // A name that this machine alone would not take to the loopback interface past the proxy.
      here.env.HTTPS_PROXY = proxy.address;
      const file = join(here.crate, '..', 'dist', 'injector.json');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll('127.0.0.1', site.name));
      expect(await here.obtain()).toMatchObject({ origin: 'release' });
      expect(proxy.tunnels()).toBe(1);
    } finally {
      await proxy.close();
    }
  });
});
