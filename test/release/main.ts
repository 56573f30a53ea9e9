import { join } from 'node:path';
import { sentenceOf } from '../../src/lib/errors.js';
import { REPOSITORY } from '../helpers/runner.js';
import { buildTwice } from './binaries.js';
import { commitRelease, releaseTag } from './commit.js';

/*
 * What .github/workflows/release.yml does that is more than a call of git or gh:
 *
 *   tag                         prints the tag of the next release
 *   build DIRECTORY             builds both binaries, each twice, and puts them there
 *   commit DIRECTORY ADDRESS    commits dist/injector.json, and prints the commit's SHA
 */
const COMMANDS: Readonly<Record<string, (...args: string[]) => Promise<string | undefined>>> = {
  tag: () => releaseTag(process.cwd()),
  build: async (directory = '') => {
    await buildTwice(join(REPOSITORY, 'injector'), directory);
    return undefined;
  },
  commit: (directory = '', address = '') => commitRelease(process.cwd(), directory, address),
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
try {
  if (command === undefined) throw new Error(`Give one of ${Object.keys(COMMANDS).join(', ')}.`);
  const said = await command(...args);
  if (said !== undefined) console.log(said);
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
