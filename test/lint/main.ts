import { sentenceOf } from '../../src/lib/errors.js';
import { lintRepository } from './workflows.js';

try {
  const found = await lintRepository(console.error);
  console.log(found || 'actionlint and zizmor find nothing in the workflows.');
  process.exitCode = found === '' ? 0 : 1;
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}
