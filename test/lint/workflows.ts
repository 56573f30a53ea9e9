import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cluster/command.js';
import { REPOSITORY } from '../helpers/runner.js';
import { lintTools } from './tools.js';

/** The repository's workflows, and those that the tests run on this machine. */
const WORKFLOWS = ['.github/workflows/*.yml', 'test/e2e/act/workflows/*.yml'];
/** What runs with rights in somebody's repository. */
const GUARDED = [
  '.github/workflows/*.yml',
  '.github/actions/*/action.yml',
  '.github/dependabot.yml',
  'action.yml',
];

/**
 * Has actionlint look at workflows for what does not work, and zizmor at workflows, actions and
 * Dependabot's settings for what is not safe. Returns what they found; empty when that is nothing.
 */
export async function lint(
  workflows: readonly string[],
  guarded: readonly string[],
  log: (line: string) => void = () => {},
): Promise<string> {
  const tools = await lintTools(log);
  // Programs that one machine has and another has not must not decide what is found.
  const actionlint = ['-no-color', '-shellcheck=', '-pyflakes=', ...workflows];
  const config = ['--config', join(REPOSITORY, '.github/zizmor.yml')];
  const zizmor = ['--offline', '--persona=pedantic', '--quiet', '--color=never', '--no-progress'];
  const found = await Promise.all([
    run(join(tools, 'actionlint'), actionlint, { cwd: REPOSITORY, anyStatus: true }),
    run(join(tools, 'zizmor'), [...zizmor, ...config, ...guarded], {
      cwd: REPOSITORY,
      anyStatus: true,
    }),
  ]);
  return found
    .filter(({ status }) => status !== 0)
    .map(({ stdout, stderr }) => stdout + stderr)
    .join('\n');
}

/** All files of the repository that `lint` is for. */
export async function lintRepository(log: (line: string) => void): Promise<string> {
  const matching = async (patterns: string[]) => {
    const paths: string[] = [];
    for await (const path of glob(patterns, { cwd: REPOSITORY })) paths.push(path);
    return paths.toSorted();
  };
  return await lint(await matching(WORKFLOWS), await matching(GUARDED), log);
}
