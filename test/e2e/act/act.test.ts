import { mkdtemp, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Jobs } from '../../helpers/jobs.js';
import { Act } from '../../helpers/runners/act.js';
import { inventory, whyNoSite } from '../../helpers/site.js';
import { whyNoTools } from '../../helpers/tools.js';
import { writeProgramImage } from '../kit/program-image.js';

/* Workflows as a real runner runs them: nektos/act, with the jobs' steps on this machine. */

const JOB = 'test/e2e/act/workflows/job.yml';
const MATRIX = 'test/e2e/act/workflows/matrix.yml';

const reason = whyNoSite() ?? whyNoTools('act');
const withAct = reason === undefined ? test : test.skip;

let jobs: Jobs;
let act: Act;
let before: string[];
/** What the steps have in their environment. */
let env: Record<string, string>;
let secrets: Record<string, string>;

beforeAll(async () => {
  if (reason !== undefined) return;
  jobs = await Jobs.create();
  const { cluster, dockerHost } = jobs.here;
  env = {
    KUBECONFIG: cluster.kubeconfig,
    PATH: `${dirname(cluster.kubectl)}:${dirname(process.execPath)}:${process.env.PATH}`,
    DOCKER_HOST: dockerHost,
    DOCKER_BUILDKIT: '0',
  };
  secrets = { CLUSTER: await readFile(cluster.kubeconfig, 'utf8') };
});

beforeEach(async () => {
  if (reason !== undefined) return;
  act = await Act.create();
  before = await inventory(jobs.here.cluster);
});

afterEach(() => act?.close());

afterAll(() => jobs?.close());

/** Nothing of the jobs is in the cluster. */
async function expectNothingLeft(): Promise<void> {
  expect(await inventory(jobs.here.cluster)).toEqual(before);
}

withAct(
  'a job has its images, its later steps have the outputs, and its post step clears away',
  async () => {
    const { exitCode, log } = await act.run(JOB, { job: 'green', env });
    expect(log).toContain('Job succeeded');
    expect(exitCode).toBe(0);
    expect(log).toMatch(/\| the later step has \{"jackal\.test\/only-here:ci":"127\.0\.0\.1:\d+\//);
    expect(log).toMatch(/Summary - [\s\S]*jackal\.test\/only-here:ci/);
    expect(log).toMatch(/Success - Post/);
    await expectNothingLeft();
    expect(await act.jobsLeft()).toEqual([]);
  },
);

withAct('a job that fails after the step is cleared away all the same', async () => {
  const directory = await mkdtemp(join(act.directory, 'images-'));
  const ARCHIVE = await writeProgramImage(directory, 'red');
  const { exitCode, log } = await act.run(JOB, { job: 'red', vars: { ARCHIVE }, secrets, env });
  expect(log).toMatch(/Success - Main \.\//);
  expect(log).toMatch(/Failure - Main A step that fails/);
  expect(log).toMatch(/Success - Post \.\//);
  expect(exitCode).toBe(1);
  await expectNothingLeft();
});

withAct.each(['SIGINT', 'SIGTERM'] as const)(
  'what %s cancels at work leaves nothing',
  async (signal) => {
    const directory = await mkdtemp(join(act.directory, 'images-'));
    const ARCHIVE = await writeProgramImage(directory, 'held');
    await jobs.withPullsHeld(async () => {
      const workflow = act.start(JOB, { job: 'red', vars: { ARCHIVE }, secrets, env });
      await jobs.untilThere('pod', 'proof');
      workflow.process.kill(signal);
      const { exitCode, log } = await workflow.ended;
      expect(log).toMatch(/Failure - Main \.\//);
      expect(log).not.toMatch(/Main A step that fails/);
      expect(log).toMatch(/Success - Post \.\//);
      expect(exitCode).toBe(1);
      await expectNothingLeft();
      await jobs.endPulls();
    });
  },
);

withAct('two jobs of a matrix share the cluster at once', async () => {
  const IMAGES = await mkdtemp(join(act.directory, 'images-'));
  const MEETING = await mkdtemp(join(act.directory, 'meeting-'));
  for (const part of ['one', 'two']) await writeProgramImage(IMAGES, part);
  const { exitCode, log } = await act.run(MATRIX, { vars: { IMAGES, MEETING }, env });
  expect(log.match(/\| the registries are two: 2/g)).toHaveLength(2);
  expect(log.match(/Job succeeded/g)).toHaveLength(2);
  expect(exitCode).toBe(0);
  await expectNothingLeft();
});
