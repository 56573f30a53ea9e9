import { join } from 'node:path';
import { ActionError } from '../lib/errors.js';
import { type CommandOptions, type CommandResult, run } from '../lib/exec.js';

const RUSTUP_HINT =
  'install Rust with rustup (https://rustup.rs) in a step before this one; GitHub-hosted runners have it';
const NO_CARGO = `Building the injector needs cargo, which is not here: ${RUSTUP_HINT}.`;

/** What `rustc -vV` prints: version, commit, host and LLVM of the compiler that cargo will use. */
export async function rustcVersion(signal: AbortSignal): Promise<string> {
  const result = await runTool('rustc', ['-vV'], { signal }, NO_CARGO);
  return succeeded(result, 'rustc -vV').stdout;
}

/**
 * Builds the crate for one target below `targetDirectory` and returns the path of the executable.
 * Adds the target's standard library with rustup when the toolchain lacks it. The signal kills it.
 */
export async function build(
  directory: string,
  triple: string,
  targetDirectory: string,
  signal: AbortSignal,
): Promise<string> {
  await addTarget(triple, { cwd: directory, signal });
  const args = ['build', '--release', '--locked', '--bin', 'injector', '--target', triple];
  const env = buildEnvironment(process.env, targetDirectory);
  const result = await runTool('cargo', args, { cwd: directory, env, signal }, NO_CARGO);
  succeeded(result, `cargo ${args.join(' ')}`);
  return join(targetDirectory, triple, 'release', 'injector');
}

/**
 * The environment of the build, without what would make the binary depend on the job: flags for
 * the user's own crates, such as `-C target-cpu=native`, could give a binary that no node can run.
 */
export function buildEnvironment(
  environment: NodeJS.ProcessEnv,
  targetDirectory: string,
): Record<string, string> {
  const foreign =
    /^(RUSTFLAGS|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|CARGO_(ENCODED_RUSTFLAGS|BUILD_.*|PROFILE_.*|TARGET_.*))$/;
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !foreign.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), CARGO_TARGET_DIR: targetDirectory };
}

async function addTarget(triple: string, options: CommandOptions): Promise<void> {
  const query = ['--print', 'target-libdir', '--target', triple];
  const installed = await runTool('rustc', query, options, NO_CARGO);
  const { existsSync } = await import('node:fs');
  if (installed.exitCode === 0 && existsSync(installed.stdout.trim())) {
    return;
  }
  const missing = `The Rust toolchain lacks the target ${triple} and rustup is not here to add it: ${RUSTUP_HINT}.`;
  const result = await runTool('rustup', ['target', 'add', triple], options, missing);
  succeeded(result, `rustup target add ${triple}`);
}

/** Runs a program of the toolchain; `missing` is the sentence for when it cannot be started. */
async function runTool(
  command: string,
  args: readonly string[],
  options: CommandOptions,
  missing: string,
): Promise<CommandResult> {
  return run(command, args, options).catch((cause) => {
    options.signal?.throwIfAborted();
    throw new ActionError(missing, { cause });
  });
}

function succeeded(result: CommandResult, command: string): CommandResult {
  if (result.exitCode !== 0) {
    const reason = result.stderr.trim().split('\n').slice(-12).join('\n');
    throw new ActionError(
      `Building the injector failed: \`${command}\` ended with exit code ${result.exitCode}; its last lines follow.`,
      { cause: new Error(reason) },
    );
  }
  return result;
}
