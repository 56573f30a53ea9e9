import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runTool, succeeded } from './command.js';
import { registryCredentials } from './environment.js';

const RUSTUP_HINT =
  'install Rust with rustup (https://rustup.rs) in a step before this one; GitHub-hosted runners have it';
const NO_CARGO = `Building the injector needs cargo, which is not here: ${RUSTUP_HINT}.`;

/** What `rustc -vV` prints: version, commit, host and LLVM of the compiler that cargo will use. */
export async function rustcVersion(signal: AbortSignal): Promise<string> {
  const result = await runTool('rustc', ['-vV'], { signal, missing: NO_CARGO });
  return succeeded(result, 'rustc -vV').stdout;
}

/**
 * Builds the crate for one target below `targetDirectory` and returns the path of the executable.
 * Adds the target's standard library with rustup when the toolchain lacks it. The signal ends it
 * between two commands, and the waiting for one.
 */
export async function build(
  directory: string,
  triple: string,
  targetDirectory: string,
  signal: AbortSignal,
): Promise<string> {
  await addTarget(directory, triple, signal);
  const fetched = await fetchWithCredentials(directory, triple, signal);
  const offline = fetched ? ['--offline'] : [];
  const args = ['build', '--release', '--locked', ...offline, '--bin', 'injector'];
  await cargo([...args, '--target', triple], directory, signal, {
    CARGO_TARGET_DIR: targetDirectory,
  });
  return join(targetDirectory, triple, 'release', 'injector');
}

/**
 * Downloads the crates where the environment has credentials of a private registry, and says whether
 * it has: no build script runs meanwhile, and the build can do without them.
 */
async function fetchWithCredentials(
  directory: string,
  triple: string,
  signal: AbortSignal,
): Promise<boolean> {
  const credentials = registryCredentials(process.env);
  if (Object.keys(credentials).length === 0) return false;
  await cargo(['fetch', '--locked', '--target', triple], directory, signal, credentials);
  return true;
}

async function addTarget(cwd: string, triple: string, signal: AbortSignal): Promise<void> {
  const query = ['--print', 'target-libdir', '--target', triple];
  const installed = await runTool('rustc', query, { cwd, signal, missing: NO_CARGO });
  if (installed.exitCode === 0 && existsSync(installed.stdout.trim())) {
    return;
  }
  const missing = `The Rust toolchain lacks the target ${triple} and rustup is not here to add it: ${RUSTUP_HINT}.`;
  const result = await runTool('rustup', ['target', 'add', triple], { cwd, signal, missing });
  succeeded(result, `rustup target add ${triple}`);
}

async function cargo(
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const result = await runTool('cargo', args, { cwd, env, signal, missing: NO_CARGO });
  return succeeded(result, `cargo ${args.join(' ')}`);
}
