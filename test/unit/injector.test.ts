import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildEnvironment } from '../../src/injector/cargo.js';
import { faultOfExecutable, isSupported } from '../../src/injector/elf.js';
import { cacheKey } from '../../src/injector/source.js';

test('a dynamic executable, a foreign one and no executable are told apart', async () => {
  const dynamic = await readFile('/bin/ls');
  expect(faultOfExecutable(dynamic, 'amd64')).toBe('it is dynamically linked');
  expect(faultOfExecutable(dynamic, 'arm64')).toMatch(/ELF machine 62, not for arm64/);
  expect(faultOfExecutable(Buffer.from('#!/bin/sh\n'), 'amd64')).toMatch(/not a 64-bit/);
  expect(faultOfExecutable(dynamic.subarray(0, 80), 'amd64')).toMatch(/cut off/);
});

test('the architectures are the ones in which nodes call themselves', () => {
  expect(['amd64', 'arm64', 's390x', 'toString'].map(isSupported)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('the cache key changes with each of its parts and with nothing else', () => {
  const key = cacheKey('a', 'rustc 1.95.0\n', 'x86_64-unknown-linux-musl');
  expect(key).toBe(cacheKey('a', 'rustc 1.95.0', 'x86_64-unknown-linux-musl'));
  expect(key).not.toBe(cacheKey('b', 'rustc 1.95.0', 'x86_64-unknown-linux-musl'));
  expect(key).not.toBe(cacheKey('a', 'rustc 1.96.0', 'x86_64-unknown-linux-musl'));
  expect(key).not.toBe(cacheKey('a', 'rustc 1.95.0', 'aarch64-unknown-linux-musl'));
  expect(key.length).toBeLessThan(512);
});

test("flags for the user's own crates do not reach the injector's build", () => {
  const environment = buildEnvironment(
    {
      PATH: '/bin',
      CARGO_HOME: '/cargo',
      RUSTFLAGS: '-C target-cpu=native',
      CARGO_ENCODED_RUSTFLAGS: 'x',
      CARGO_BUILD_TARGET: 'x',
      CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER: 'musl-gcc',
      CARGO_PROFILE_RELEASE_LTO: 'off',
      RUSTC_WRAPPER: 'sccache',
    },
    '/temp',
  );
  expect(environment).toEqual({ PATH: '/bin', CARGO_HOME: '/cargo', CARGO_TARGET_DIR: '/temp' });
});
