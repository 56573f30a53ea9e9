import { join } from 'node:path';
import { type Architecture, TARGETS } from '../../src/injector/elf.js';
import { toolEnvironment } from '../../src/injector/environment.js';
import { withLock } from '../cluster/build/lock.js';
import { run } from '../cluster/command.js';
import { cacheRoot } from '../cluster/paths.js';
import { REPOSITORY } from './runner.js';
import { addRustTarget } from './rust-targets.js';

/** This machine's architecture as images and the action name it. */
export const ARCHITECTURE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

let binary: Promise<string> | undefined;

/**
 * Path of the injector as it is shipped, built from the sources as they are now; when nothing has
 * changed, cargo says so within a second.
 */
export function injectorBinary(): Promise<string> {
  binary ??= build();
  return binary;
}

async function build(): Promise<string> {
  const cwd = join(REPOSITORY, 'injector');
  const { triple } = TARGETS[ARCHITECTURE];
  const target = join(cacheRoot(), 'cargo-target');
  const env = { ...toolEnvironment(process.env), CARGO_TARGET_DIR: target };
  await withLock(`${target}.lock`, async () => {
    await addRustTarget(triple);
    const args = ['build', '--release', '--locked', '--bin', 'injector', '--target', triple];
    await run('nice', ['cargo', ...args], { cwd, env });
  });
  return join(target, triple, 'release', 'injector');
}
