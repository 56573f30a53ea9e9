import { describe } from '@jest/globals';
import { whyNoSite } from '../../helpers/site.js';
import { whyNoTools } from '../../helpers/tools.js';
import { rewriteTests } from './ways.js';

const missing = whyNoSite() ?? whyNoTools('helm3', 'helm4', 'kustomize');
if (missing !== undefined) console.warn(`Outputs are not tested end to end: ${missing}.`);
const suite = missing === undefined ? describe : describe.skip;

suite('outputs', () => rewriteTests(() => undefined));
