import { KeptRun } from '../host/kept-runs.js';
import { takePlaceOfRunner } from '../host/runner.js';
import { runStep } from '../host/step.js';
import { Terminal } from '../host/terminal.js';
import { ACTION_VERSION } from '../rewrite/post-renderer.js';
import { readActionInputs } from './action.js';
import { readArguments } from './arguments.js';
import { type CommandContext, hostFor } from './context.js';
import { helpText } from './help.js';
import { deleteRelease, inject } from './inject.js';
import { print } from './print.js';
import { remove } from './remove.js';
import { UsageError, usageOf } from './usage.js';

/** What a runner gives to its actions; where a shell is in a job, it is none of them. */
const OF_ACTIONS = [
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
  'ACTIONS_CACHE_URL',
  'ACTIONS_RESULTS_URL',
];

/** With what wrong use ends, as with shells' own commands. */
const WRONG_USE = 2;

/**
 * The program of a command line, and the end of the process: 0, 1 where it failed, 2 where it cannot be meant so, 129,
 * 130 or 143 where a signal ended it.
 *
 * @param args what stands behind the program's name
 * @param script the real path of the program
 */
export async function commandLine(args: readonly string[], script: string): Promise<never> {
  for (const name of OF_ACTIONS) delete process.env[name];
  const terminal = new Terminal(process.stderr, process.env);
  const nobody = { command: 'help', inputs: {}, runs: [], forget: false, verbose: false } as const;
  takePlaceOfRunner(hostFor({ asked: nobody, known: {}, terminal }, {}, KeptRun.begin({})));
  return runStep('main', async () => {
    try {
      const known = readActionInputs(script);
      const asked = usageOf(() => readArguments(args, known));
      await run({ asked, known, terminal });
    } catch (error) {
      if (error instanceof UsageError) process.exitCode = WRONG_USE;
      throw error;
    }
  });
}

/** Does what is asked for. */
async function run(context: CommandContext): Promise<void> {
  switch (context.asked.command) {
    case 'help':
      return print(helpText(context.known));
    case 'version':
      return print(`${ACTION_VERSION}\n`);
    case 'inject':
      return inject(context);
    case 'remove':
      return remove(context);
    case 'delete':
      return deleteRelease(context);
  }
}
