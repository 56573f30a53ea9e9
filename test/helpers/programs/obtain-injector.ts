import { createHash } from 'node:crypto';
import { runStep } from '../../../src/host/step.js';
import { awaitSaved } from '../../../src/injector/cache.js';
import { type Injector, obtainInjectors } from '../../../src/injector/obtain.js';
import { causesOf, sentenceOf } from '../../../src/lib/errors.js';

/** What the program prints, as the last line and as JSON. */
export interface Obtained {
  readonly origin?: string;
  readonly sha256?: string;
  readonly error?: string;
  readonly causes?: readonly string[];
}

// A program of its own, since where the home directory is is a matter of the process's environment,
// and a step, which ends whatever the cache service does.
const directory = process.argv[2] as string;
const [restorePatience, savePatience] = process.argv.slice(3).map(Number);
await runStep('main', async () => {
  const { signal } = new AbortController();
  try {
    const injectors = await obtainInjectors(['amd64'], directory, signal, restorePatience);
    const saves = injectors.map(({ saved }) => saved);
    await awaitSaved(saves, signal, savePatience);
    const [{ origin, binary }] = injectors as [Injector];
    print({ origin, sha256: createHash('sha256').update(binary).digest('hex') });
  } catch (error) {
    print({ error: sentenceOf(error), causes: causesOf(error) });
  }
});

function print(obtained: Obtained): void {
  console.log(`\n${JSON.stringify(obtained)}`);
}
