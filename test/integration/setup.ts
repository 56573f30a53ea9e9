import { sentenceOf } from '../../src/lib/errors.js';
import { DEFAULT_KUBERNETES, kubeBinaries } from '../cluster/build/build.js';
import { installPackages, missingPackages } from '../cluster/build/packages.js';
import { injectorBinary } from '../helpers/injector-binary.js';

/**
 * Builds the control plane and the injector that many of these tests start: the first time each takes longer than
 * a test may on a busy machine. Where that fails, the tests that need it say why, and the others run.
 */
export default async function setup(): Promise<void> {
  await tryTo('a control plane', async () => {
    if (process.getuid?.() === 0) await installPackages(missingPackages(), console.error);
    await kubeBinaries(DEFAULT_KUBERNETES, { log: console.error });
  });
  await tryTo('the injector', injectorBinary);
}

async function tryTo(what: string, build: () => Promise<unknown>): Promise<void> {
  try {
    await build();
  } catch (error) {
    console.error(`\n!!! Tests that need ${what} will FAIL: ${sentenceOf(error)}\n`);
  }
}
