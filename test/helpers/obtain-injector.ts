import { createHash } from 'node:crypto';
import { obtainInjectors } from '../../src/injector/obtain.js';
import { causesOf, sentenceOf } from '../../src/lib/errors.js';

/** What the program prints, as the last line and as JSON. */
export interface Obtained {
  readonly origin?: string;
  readonly sha256?: string;
  readonly error?: string;
  readonly causes?: readonly string[];
}

// A program of its own, since where the home directory is is a matter of the process's environment.
const directory = process.argv[2] as string;
try {
  const [injector] = await obtainInjectors(['amd64'], directory);
  await injector?.saved;
  const sha256 = createHash('sha256')
    .update(injector?.binary ?? '')
    .digest('hex');
  print({ origin: injector?.origin ?? '', sha256 });
} catch (error) {
  print({ error: sentenceOf(error), causes: causesOf(error) });
}

function print(obtained: Obtained): void {
  console.log(`\n${JSON.stringify(obtained)}`);
}
