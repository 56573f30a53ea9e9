import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeptConnection, KeptRun } from '../host/kept-runs.js';
import { type Shell, shellHost } from '../host/shell.js';
import type { Terminal } from '../host/terminal.js';
import { atHome } from '../lib/files/paths.js';
import type { ActionInputs } from './action.js';
import type { Asked } from './arguments.js';

/** What each command is given. */
export interface CommandContext {
  readonly asked: Asked;
  readonly known: ActionInputs;
  readonly terminal: Terminal;
}

/** The host of a command, with the defaults of action.yml, as a runner has them. */
export function hostFor(
  { asked, known, terminal }: CommandContext,
  inputs: Readonly<Record<string, string>>,
  kept: KeptRun,
): Shell {
  const defaults = Object.fromEntries(
    Object.entries(known).map(([name, input]) => [name, input.default ?? '']),
  );
  return shellHost({ terminal, inputs: { ...defaults, ...inputs }, kept, verbose: asked.verbose });
}

/**
 * By which cluster a run is found again, wherever the next command is given. A kubeconfig is kept as the path of a file
 * that is there alone: any other text may be its content, plain or in base64, which holds secrets.
 */
export function connectionOf({
  kubeconfig,
  context,
}: Readonly<Record<string, string>>): KeptConnection {
  const path = kubeconfig && resolve(atHome(kubeconfig));
  return {
    ...(path && existsSync(path) && { kubeconfig: path }),
    ...(context !== undefined && { context }),
  };
}
