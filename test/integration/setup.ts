import { sentenceOf } from '../../src/lib/errors.js';
import { DEFAULT_KUBERNETES, kubeBinaries } from '../cluster/build/build.js';
import { installPackages, missingPackages } from '../cluster/build/packages.js';

/**
 * Builds the control plane that many of these tests start: the first time it takes longer than any
 * one of them may. Where that fails, the tests that need it say why, and the others run.
 */
export default async function setup(): Promise<void> {
  const log = console.error;
  try {
    if (process.getuid?.() === 0) await installPackages(missingPackages(), log);
    await kubeBinaries(DEFAULT_KUBERNETES, { log });
  } catch (error) {
    log(`\n!!! Tests that need a control plane will FAIL: ${sentenceOf(error)}\n`);
  }
}
