import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeDirectory } from '../lib/files/paths.js';
import { type CommandResult, runTool, succeeded } from './command.js';
import { registryCredentials } from './environment.js';

/** What a user can do who has no binary. */
export const RUST_HINT =
  'install Rust in a step before this one (`curl -sSf https://sh.rustup.rs | sh -s -- -y && echo ~/.cargo/bin >> "$GITHUB_PATH"`), or give the binaries by the input `injector`';
const NO_CARGO = `Building the injector needs cargo, which is not here, as on slim runners, in a \`container:\` and inside a cluster: ${RUST_HINT}.`;

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
  const args = [...buildArguments(triple, process.env), ...(fetched ? ['--offline'] : [])];
  await cargo(args, directory, signal, { CARGO_TARGET_DIR: targetDirectory });
  return join(targetDirectory, triple, 'release', 'injector');
}

/**
 * How cargo is told to build the injector for one target. The same sources and compiler give the same
 * bytes anywhere: panics of crates tell where cargo has unpacked them, so that path is replaced. It
 * joins the flags of the crate's own configuration (The Cargo Book, "Command-line overrides").
 */
export function buildArguments(triple: string, environment: NodeJS.ProcessEnv): string[] {
  const remapped = JSON.stringify(`--remap-path-prefix=${cargoHome(environment)}=/cargo`);
  const config = `target.${triple}.rustflags=[${remapped}]`;
  const build = ['build', '--release', '--locked', '--bin', 'injector'];
  return [...build, '--target', triple, '--config', config];
}

/** The directory that cargo keeps crates in. */
export function cargoHome({ CARGO_HOME }: NodeJS.ProcessEnv): string {
  return CARGO_HOME || join(homeDirectory(), '.cargo');
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
  const missing = `The Rust toolchain lacks the target ${triple} and rustup is not here to add it: ${RUST_HINT}.`;
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
