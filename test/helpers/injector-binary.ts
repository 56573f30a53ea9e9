import { join } from 'node:path';
import { buildArguments } from '../../src/injector/cargo.js';
import { type Architecture, TARGETS } from '../../src/injector/elf.js';
import { toolEnvironment } from '../../src/injector/environment.js';
import { withLock } from '../cluster/build/lock.js';
import { run } from '../cluster/command.js';
import { cargoTarget } from './injector/cargo-target.js';
import { addRustTarget } from './injector/rust-targets.js';
import { REPOSITORY } from './runner.js';

/** This machine's architecture as images and the action name it. */
export const ARCHITECTURE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

const binaries = new Map<Architecture, Promise<string>>();

/**
 * Path of the injector as it is shipped, built from the sources as they are now; when nothing has
 * changed, cargo says so within a second.
 */
export function injectorBinary(architecture: Architecture = ARCHITECTURE): Promise<string> {
  const binary = binaries.get(architecture) ?? buildHere(architecture);
  binaries.set(architecture, binary);
  return binary;
}

async function buildHere(architecture: Architecture): Promise<string> {
  const target = cargoTarget('target');
  return await withLock(`${target}.lock`, async () => {
    await addRustTarget(TARGETS[architecture].triple);
    return await buildInjector(architecture, join(REPOSITORY, 'injector'), target);
  });
}

/**
 * Builds the crate in a directory as the action does it, and returns the path of the binary.
 *
 * @param environment what the toolchain is to know besides its own part of this process's environment
 */
export async function buildInjector(
  architecture: Architecture,
  crate: string,
  target: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { triple } = TARGETS[architecture];
  const env = { ...toolEnvironment(process.env), ...environment, CARGO_TARGET_DIR: target };
  await run('nice', ['cargo', ...buildArguments(triple, env)], { cwd: crate, env });
  return join(target, triple, 'release', 'injector');
}
