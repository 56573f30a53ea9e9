import { afterAll, beforeAll, describe } from '@jest/globals';
import { Jobs } from '../../helpers/jobs.js';
import { whyNoSite } from '../../helpers/site.js';
import { whyNoTools } from '../../helpers/tools.js';
import { rewriteTests } from './ways.js';

const missing = whyNoSite() ?? whyNoTools('helm3', 'helm4', 'kustomize');
if (missing !== undefined) console.warn(`Outputs are not tested end to end: ${missing}.`);
const suite = missing === undefined ? describe : describe.skip;

suite('outputs', () => {
  let jobs: Jobs;

  beforeAll(async () => {
    jobs = await Jobs.create();
  });

  afterAll(() => jobs?.close());

  rewriteTests(() => ({ cluster: jobs.here.cluster, jobs }));
});
