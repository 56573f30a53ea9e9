import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { whyNoTools } from '../../helpers/tools.js';
import { lint } from '../../lint/workflows.js';

const withGo = whyNoTools() === undefined ? test : test.skip;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-lint-'));
});

afterEach(() => rm(directory, { recursive: true }));

/** What is found in a workflow with one job whose one step is this. */
async function foundIn(step: string): Promise<string> {
  const path = join(directory, 'workflow.yml');
  const job = `runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - ${step}\n`;
  await writeFile(
    path,
    `name: One step\non: workflow_dispatch\npermissions: {}\nconcurrency:\n  group: one\n  cancel-in-progress: true\njobs:\n  one:\n    name: One\n    ${job}`,
  );
  return await lint([path], [path]);
}

withGo(
  'the lint of workflows finds what each of its two tools is there for, and nothing else',
  async () => {
    expect(await foundIn('run: echo well')).toBe('');
    expect(await foundIn(`run: echo "\${{ steps.nobody.outputs.x }}"`)).toContain('"nobody"');
    expect(await foundIn('uses: actions/checkout@v6')).toContain('unpinned');
  },
);
