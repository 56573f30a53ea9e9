import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Image } from '../../../src/images/image.js';
import type { LinuxNode } from '../../../src/preflight/nodes.js';
import { ProofMemory } from '../../../src/proof/memory.js';
import { remember } from '../../../src/stages/publish/remember.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-remember-'));
});
afterEach(() => rm(directory, { recursive: true }));

function node(architecture: string): LinuxNode {
  const uid = `uid-${architecture}`;
  return { uid, architecture, name: architecture, images: [], addresses: [], podRanges: [] };
}

function image(hex: string, ...platforms: string[]): Pick<Image, 'target' | 'platforms'> {
  const digest = `sha256:${hex.repeat(64)}`;
  return { target: { mediaType: '', digest, size: 1 }, platforms };
}

test('an image is proven where it was sent, and nowhere else', async () => {
  const [amd64, arm64] = [node('amd64'), node('arm64')];
  const one = image('a', 'linux/amd64');
  const both = image('b', 'linux/amd64', 'linux/arm64');
  const proofs = new ProofMemory(directory);
  await remember([one, both], [amd64, arm64], proofs);
  expect(await proofs.isOnAll([amd64], one.target.digest)).toBe(true);
  expect(await proofs.isOnAll([arm64], one.target.digest)).toBe(false);
  expect(await proofs.isOnAll([amd64, arm64], both.target.digest)).toBe(true);
});
