import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { runStep } from '../../../src/host/step.js';
import { awaitSaved } from '../../../src/injector/cache.js';
import type { Architecture } from '../../../src/injector/elf.js';
import { type Injector, obtainInjectors } from '../../../src/injector/obtain.js';
import { causesOf, sentenceOf } from '../../../src/lib/errors.js';

/** What the program prints, as the last line and as JSON. */
export interface Obtained {
  readonly origin?: string;
  readonly sha256?: string;
  readonly error?: string;
  readonly causes?: readonly string[];
}

// Arguments: the crate's directory, seconds for which the cache service may be silent to a restore and
// to a save, the directory that the input `injector` names or nothing, and architectures. The
// seconds of the save begin with the end of standard input.
// A program of its own, since where the home directory is is a matter of the process's environment,
// and a step, which ends whatever the cache service does.
const [crate, restorePatience, savePatience, given, ...architectures] = process.argv.slice(2);
await runStep('main', async () => {
  try {
    const injectors = await obtainInjectors(architectures as Architecture[], {
      crate,
      given: given || undefined,
      cachePatience: Number(restorePatience),
    });
    const saves = injectors.map(({ saved }) => saved);
    await text(process.stdin);
    await awaitSaved(saves, new AbortController().signal, Number(savePatience));
    const [{ origin, binary }] = injectors as [Injector];
    print({ origin, sha256: createHash('sha256').update(binary).digest('hex') });
  } catch (error) {
    print({ error: sentenceOf(error), causes: causesOf(error) });
  }
});

function print(obtained: Obtained): void {
  console.log(`\n${JSON.stringify(obtained)}`);
}
