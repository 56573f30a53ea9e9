import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { REGISTRY_PORT } from '../../../src/run/pod.js';
import { until } from '../../cluster/until.js';
import { Jobs, type RunObject } from '../../helpers/jobs.js';
import type { StepResult } from '../../helpers/runner.js';
import { kubectl, whyNoSite } from '../../helpers/site.js';
import { Layout, workplace, writeDirectory } from '../../unit/images/fixtures.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const LAYER_BYTES = 6_000_000;

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() === undefined) jobs = await Jobs.create();
});
afterEach(() => jobs?.endLeft());
afterAll(() => jobs?.close());

const layer = (path?: string) => randomLayer(LAYER_BYTES, path);
const written = (layers: ReturnType<typeof layer>[]) => writeImage(layers, 'acme/streamed:1');

/** What the last line about the traffic says: megabytes sent, and those that each node pulled and had. */
function trafficIn({ log }: StepResult) {
  const line = /^([\d.]+) (k|M)B were sent as (a stream|ConfigMaps)(.*)$/m.exec(log);
  const [, sent, unit, carrier = '', rest = ''] = line ?? [];
  const nodes = [...rest.matchAll(/; (\S+) pulled ([\d.]+) (k|M)B and had ([\d.]+) (k|M)B/g)];
  const megabytes = (bytes = '', of = 'M') => Number(bytes) / (of === 'M' ? 1 : 1000);
  return {
    carrier,
    way: /(straight to \S+|through the API server)/.exec(rest)?.[0].replace(/,$/, ''),
    sent: megabytes(sent, unit),
    nodes: nodes.map(([, node, pulled, of, had, ofHad]) => ({
      node,
      pulled: megabytes(pulled, of),
      had: megabytes(had, ofHad),
    })),
  };
}

onSite(
  'much is streamed straight, once for all nodes, and a second time only what changed',
  async () => {
    const layers = [layer(), layer(), layer()];
    const place = await written(layers);
    await jobs.inject([`oci:${place}`], {
      look: async (main) => {
        expect(main.log).toContain('The images travel as a stream: they are 18.0 MB.');
        const { sent, nodes } = trafficIn(main);
        expect(sent).toBeGreaterThan(17.9);
        expect(sent).toBeLessThan(18.2);
        expect(nodes.map(({ pulled, had }) => [Math.round(pulled), had])).toEqual([
          [18, 0],
          [18, 0],
        ]);
        expect(await jobs.objects('configmap', 'chunk')).toEqual([]);
      },
    });
    const changed = await written([...layers.slice(0, 2), layer('changed')]);
    await jobs.inject([`oci:${changed}`], {
      // Where it is not asked for, a registry that takes seconds to listen is reached through the API server.
      inputs: { carrier: 'stream:direct' },
      look: (main) => {
        const { way, sent, nodes } = trafficIn(main);
        expect(way).toMatch(/^straight to /);
        expect(sent).toBeLessThan(6.3);
        expect(nodes.map(({ pulled, had }) => [Math.round(pulled), Math.round(had)])).toEqual([
          [6, 12],
          [6, 12],
        ]);
      },
    });
    await jobs.inject([`oci:${changed}`], {
      look: (main) => {
        const { sent, nodes } = trafficIn(main);
        expect(sent).toBeLessThan(0.1);
        expect(nodes.map(({ pulled, had }) => [pulled, Math.round(had)])).toEqual([
          [0, 18],
          [0, 18],
        ]);
      },
    });
  },
);

onSite('what was not sent is waited for by nobody when the step is over', async () => {
  const place = await written([layer(), layer()]);
  await jobs.inject([`oci:${place}`]);
  await jobs.inject([`oci:${place}`], {
    look: async ({ outputs }) => {
      const [[namespace, registry]] = (await jobs.objects('pod', 'registry')) as [RunObject];
      const { cluster } = jobs.here;
      const log = await kubectl(cluster, 'logs', namespace, registry);
      const given = [...log.matchAll(/^jackal unavailable digest=(\S+)$/gm)].map(([, of]) => of);
      expect(given).toHaveLength(2);
      const pod = `${registry.replace('pod/', 'pods/')}:${REGISTRY_PORT}`;
      const [, secret] = outputs.registry?.split('/') ?? [];
      const path = [
        ...['/api/v1/namespaces', namespace.split('=')[1], pod, 'proxy/v2'],
        ...[secret, 'acme/streamed/blobs', given[0]],
      ].join('/');
      await expect(kubectl(cluster, 'get', '--raw', path)).rejects.toThrow('NotFound');
    },
  });
});

onSite('the stream goes through the API server where nothing else is asked for', async () => {
  const place = await written([layer(), layer()]);
  await jobs.inject([`oci:${place}`], {
    inputs: { carrier: 'stream:api' },
    look: (main) => expect(trafficIn(main).way).toBe('through the API server'),
  });
});

onSite(
  'a layer whose bytes are wrong ends the step with what is wrong with the source',
  async () => {
    const good = layer();
    const layout = new Layout();
    layout.list(layout.image([good, layer(), layer()]), 'docker.io/acme/damaged:1');
    const entries = layout.entries();
    for (const entry of entries) {
      if (entry.bytes?.equals(good.stored)) entry.bytes.fill(0, LAYER_BYTES / 2);
    }
    const place = await writeDirectory(await workplace(), entries, 'damaged');
    const step = await jobs.start({ images: `oci:${place}` });
    const main = await jobs.ended(step);
    expect(main.exitCode).toBe(1);
    expect(main.errors.join()).toMatch(
      /the layer sha256:\w+ (is written down as sha256:\w+ but its bytes are|cannot be unpacked)/,
    );
    await jobs.end(main);
  },
);

onSite('a registry that is lost is made anew, and a node that is proven stays so', async () => {
  const place = await written([layer(), layer(), layer()]);
  // Only the registry's own node gets its images meanwhile.
  const { step, proof, before } = await jobs.withPullsHeld(async () => {
    const step = await jobs.start({ images: `oci:${place}` });
    const proof = await untilRunning();
    const before = await uidOf(proof);
    const [registry] = await jobs.untilThere('pod', 'registry');
    await jobs.loseRegistry(async () => {
      await jobs.delete(registry as RunObject);
      await step.logged(/::group::Clear away/);
    });
    return { step, proof, before };
  });
  const main = await jobs.ended(step);
  expect([main.exitCode, main.errors]).toEqual([0, []]);
  expect(main.warnings.join()).toContain('Its part of this run is done anew.');
  expect(await uidOf(proof)).toBe(before);
  await jobs.end(main);
});

/** A proof Pod whose containers run, as soon as there is one. */
async function untilRunning(): Promise<RunObject> {
  const running = () => jobs.objects('pod', 'proof', 'status.phase=Running');
  return await until('a proof to run', async () => (await running())[0]);
}

function uidOf(object: RunObject): Promise<string> {
  return kubectl(jobs.here.cluster, 'get', ...object, '--output=jsonpath={.metadata.uid}');
}
