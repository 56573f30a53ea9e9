import { homedir } from 'node:os';
import { join } from 'node:path';
import { TARGETS } from '../../../src/injector/elf.js';
import { sentenceOf } from '../../../src/lib/errors.js';
import { findProgram, installPackages } from '../../cluster/build/packages.js';
import { run } from '../../cluster/command.js';
import { REPOSITORY } from '../runner.js';

/** Where the toolchain lies, for an environment with another home. */
export function rustHomes(): Record<'CARGO_HOME' | 'RUSTUP_HOME', string> {
  const { CARGO_HOME = join(homedir(), '.cargo'), RUSTUP_HOME = join(homedir(), '.rustup') } =
    process.env;
  return { CARGO_HOME, RUSTUP_HOME };
}

/** Adds a target's standard library to the toolchain that builds the injector, when it lacks it. */
export async function addRustTarget(triple: string): Promise<void> {
  const cwd = join(REPOSITORY, 'injector');
  const installed = await run('rustup', ['target', 'list', '--installed'], { cwd });
  if (!installed.stdout.split('\n').includes(triple))
    await run('rustup', ['target', 'add', triple], { cwd });
}

/**
 * What the injector's own tests need on this machine: the targets that it ships for, and on x86-64
 * an emulator for the other one where it can be installed; without it those tests say so.
 */
export async function prepareInjectorTests(): Promise<void> {
  for (const { triple } of Object.values(TARGETS)) await addRustTarget(triple);
  const emulators = ['qemu-aarch64-static', 'qemu-aarch64'].map(findProgram);
  const installable = process.platform === 'linux' && process.getuid?.() === 0;
  if (!installable || process.arch !== 'x64' || emulators.some((path) => path !== undefined))
    return;
  try {
    await installPackages(['qemu-user-static'], console.error);
  } catch (error) {
    console.error(`The aarch64 injector is not run here: ${sentenceOf(error)}`);
  }
}
