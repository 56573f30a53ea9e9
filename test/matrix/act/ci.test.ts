import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Act } from '../../helpers/runners/act.js';
import { whyNoTools } from '../../helpers/tools.js';

/* The project's own workflow, as far as it needs no Docker and is no test of this kind itself. */

const withAct = whyNoTools('act') === undefined ? test : test.skip;

let act: Act;

beforeAll(async () => {
  if (whyNoTools('act') === undefined) act = await Act.create();
});

afterAll(() => act?.close());

withAct.each(['lint', 'unit', 'bundle'])("ci's job %s is green", async (job) => {
  const { exitCode, log } = await act.run('.github/workflows/ci.yml', { job });
  expect(log).toContain('Job succeeded');
  expect(exitCode).toBe(0);
});
