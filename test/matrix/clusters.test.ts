import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ROUTE_WORDS } from '../../src/routes/route.js';
import type { Cluster } from '../cluster/cluster.js';
import { randomLayer, writeImage } from '../e2e/kit/random-image.js';
import { expectProofs } from '../helpers/proofs.js';
import { REPOSITORY, type StepResult } from '../helpers/runner.js';
import { kubectl } from '../helpers/site.js';
import { onVariant } from './on-variant.js';
import { GREEN, type Missing, type Row, tableOf, withTable } from './table.js';
import { variants, whyNotHere } from './variants.js';

/** Inputs of one run. */
interface Choice {
  readonly route: 'auto' | 'nodeport' | 'hostport' | 'hostnetwork';
  readonly carrier: 'auto' | 'configmap' | 'stream:direct' | 'stream:api';
}

const CHOICES: readonly Choice[] = [
  { route: 'auto', carrier: 'configmap' },
  { route: 'auto', carrier: 'stream:direct' },
  { route: 'auto', carrier: 'stream:api' },
  { route: 'nodeport', carrier: 'auto' },
  { route: 'hostport', carrier: 'auto' },
  { route: 'hostnetwork', carrier: 'auto' },
];

/** What the log says of how the bytes came. */
const SENT: Readonly<Record<Choice['carrier'], RegExp>> = {
  auto: /were sent as a stream, straight to/,
  configmap: /were sent as ConfigMaps/,
  'stream:direct': /were sent as a stream, straight to/,
  'stream:api': /were sent as a stream, through the API server/,
};

const DOCUMENT = join(REPOSITORY, 'docs/compatibility.md');
const IMAGE_BYTES = 5_000_000;

const rows: Row[] = [];
const missing: Missing[] = [];

for (const variant of variants) {
  const { name } = variant;
  const reason = await whyNotHere(variant);
  if (reason !== undefined) missing.push({ cluster: name, reason });
  await onVariant(name, (on) => {
    test.each(CHOICES)('route $route, carrier $carrier', async (choice) => {
      const { cluster, jobs } = on();
      const image = await writeImage([randomLayer(IMAGE_BYTES)], 'acme/matrix:1');
      const main = await jobs.ended(await jobs.start({ images: `oci:${image}`, ...choice }));
      const isGreen = main.exitCode === 0;
      const outcome = isGreen ? GREEN : main.errors.join(' ');
      const taken = isGreen ? routeTaken(main) : undefined;
      const facts = { ...(await factsOf(cluster)), taken, seconds: main.duration / 1000 };
      rows.push({ cluster: name, ...choice, outcome, ...facts });
      expect(facts.runtime).toMatch(variant.runtime ?? /^containerd 2\./);
      if (isGreen) {
        const images: Record<string, string> = JSON.parse(main.outputs.images as string);
        await expectProofs(cluster, Object.values(images));
        expect(main.log).toMatch(SENT[choice.carrier]);
      }
      await jobs.end(main);
      expect(outcome).toMatch(variant.refusals?.[choice.route] ?? /^green$/);
    });
  });
}

// A part of the matrix says nothing of the rest, so only the whole is written down.
afterAll(async () => {
  if (rows.length === (variants.length - missing.length) * CHOICES.length) {
    const document = await readFile(DOCUMENT, 'utf8');
    await writeFile(DOCUMENT, withTable(document, tableOf(rows, missing)));
  }
});

/** The last route that the log speaks of. */
function routeTaken({ log }: StepResult): string | undefined {
  const said = Object.entries(ROUTE_WORDS).map(([route, words]) => ({
    route,
    at: Math.max(
      ...['come by', 'come to the registry by'].map((by) => log.lastIndexOf(`${by} ${words}`)),
    ),
  }));
  return said.toSorted((one, other) => other.at - one.at)[0]?.route;
}

/** The versions that the first node tells. */
async function factsOf(cluster: Cluster): Promise<Pick<Row, 'kubernetes' | 'runtime'>> {
  const path =
    '{.items[0].status.nodeInfo.kubeletVersion} {.items[0].status.nodeInfo.containerRuntimeVersion}';
  const said = await kubectl(cluster, 'get', 'nodes', `--output=jsonpath=${path}`);
  const [kubernetes = '', runtime = ''] = said.split(' ');
  return { kubernetes, runtime: runtime.replace('://', ' ').replace('+unknown', '') };
}
