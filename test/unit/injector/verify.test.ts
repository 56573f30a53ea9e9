import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { faultOfExecutable, isSupported } from '../../../src/injector/elf.js';
import { faultOf } from '../../../src/injector/verify.js';
import { INJECTOR_MAX_BYTES } from '../../../src/lib/limits/run.js';
import { staticExecutable } from '../../helpers/injector/static-executable.js';

const OURS = 'a'.repeat(64);
const binary = staticExecutable('amd64', `injector 0.1.0 ${OURS}\n`);

let dynamic: Buffer;

beforeAll(async () => {
  dynamic = await readFile('/bin/ls');
});

test('a dynamic executable, a foreign one and no executable are told apart', () => {
  expect(faultOfExecutable(dynamic, 'amd64')).toBe('it is dynamically linked');
  expect(faultOfExecutable(dynamic, 'arm64')).toMatch(/ELF machine 62, not for arm64/);
  expect(faultOfExecutable(Buffer.from('#!/bin/sh\n'), 'amd64')).toMatch(/not a 64-bit/);
  expect(faultOfExecutable(dynamic.subarray(0, 80), 'amd64')).toMatch(/cut off/);
});

test('an executable that lacks its last byte is cut off', () => {
  expect(faultOfExecutable(dynamic.subarray(0, -1), 'amd64')).toBe('it is cut off');
});

test('a static executable that tells our sources is the injector, whatever architecture reads it', () => {
  expect(faultOf(binary, 'amd64', OURS)).toBeUndefined();
  const other = staticExecutable('arm64', `injector 10.20.30 ${OURS}\n`);
  expect(faultOf(other, 'arm64', OURS)).toBeUndefined();
  expect(faultOf(other, 'amd64', OURS)).toBe('it is built for ELF machine 183, not for amd64');
});

test('one of other sources, and one that tells none, are not ours', () => {
  const theirs = 'b'.repeat(64);
  expect(faultOf(binary, 'amd64', theirs)).toBe(
    'it is built from other sources (aaaaaaaaaaaa) than the action has (bbbbbbbbbbbb)',
  );
  const silent = staticExecutable('amd64', 'injector of some kind\n');
  expect(faultOf(silent, 'amd64', OURS)).toMatch(/^it does not say which sources/);
  // A hash that is cut off is none.
  const half = staticExecutable('amd64', `injector 0.1.0 ${OURS.slice(1)}\n`);
  expect(faultOf(half, 'amd64', OURS)).toMatch(/^it does not say which sources/);
});

test('more bytes than a ConfigMap takes are no injector', () => {
  const large = Buffer.concat([binary, Buffer.alloc(INJECTOR_MAX_BYTES)]);
  expect(faultOf(large, 'amd64', OURS)).toMatch(/^it has \d+ bytes and the limit is 1048576$/);
});

test('the architectures are the ones in which nodes call themselves', () => {
  expect(['amd64', 'arm64', 's390x', 'toString'].map(isSupported)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
