import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterNode } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';
import { Jobs, type RunObject, runObject } from '../helpers/jobs.js';
import { type ApiLine, startApiLine } from '../helpers/link/api-line.js';
import { startKubelet } from '../helpers/nodes/kubelets.js';
import { expectProofs } from '../helpers/proofs.js';
import type { Step } from '../helpers/runner.js';
import { buildImage, kubectl, whyNoSite } from '../helpers/site.js';
import { randomLayer, writeImage } from './kit/random-image.js';
import { podsOf } from './pods/of-run.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
let jobs: Jobs;
let line: ApiLine | undefined;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  const { dockerHost } = jobs.here;
  const folder = (name: string) => join(jobs.runner.directory, name);
  await buildImage(dockerHost, folder('small'), 'acme/small:1', [['a', randomBytes(1000)]]);
  await buildImage(dockerHost, folder('medium'), 'acme/medium:1', [
    ['a', randomBytes(6_000_000)],
    ['b', randomBytes(4_000_000)],
  ]);
});

afterEach(async () => {
  // The post step of a job that is left goes by this line, too.
  line?.release();
  await jobs?.endLeft();
  await line?.close();
  line = undefined;
});

afterAll(() => jobs?.close());

/** The inputs for an image of 40 MB, or a share of them, that no node has any part of, so that its pulls can be held. */
async function large(share = 1): Promise<{ images: string }> {
  const layers = [randomLayer(share * 24_000_000, 'a'), randomLayer(share * 16_000_000, 'b')];
  return { images: await writeImage(layers, 'acme/large:1') };
}

/** Small chunks one at a time, so that most of them are still to come when the line holds. */
const SLOWLY = { carrier: 'configmap', 'chunk-size': '128Ki', concurrency: '1' };

/** Starts a job of 10 MB whose upload stands still in the midst, with the line that holds it. */
async function heldUpload(): Promise<{ step: Step; line: ApiLine }> {
  line = await startApiLine(jobs.here.cluster, { holdBytes: 2_000_000 });
  const inputs = { images: 'acme/medium:1', ...SLOWLY };
  const step = await jobs.start({ ...inputs, kubeconfig: line.kubeconfig });
  await step.logged(/::group::Upload/);
  await line.held;
  return { step, line };
}

onSite.each(['SIGINT', 'SIGTERM'] as const)('%s during the upload', async (signal) => {
  const { step } = await heldUpload();
  step.process.kill(signal);
  const main = await jobs.ended(step);
  expect(main.exitCode).toBe(1);
  expect(main.errors[0]).toMatch(new RegExp(`cancelled \\(${signal}\\).*"Upload"`));
  await jobs.end(main);
});

onSite('SIGKILL during the upload, as by a runner that lost patience', async () => {
  const { step } = await heldUpload();
  step.process.kill('SIGKILL');
  const main = await jobs.ended(step);
  expect(main.exitCode).toBeNull();
  await jobs.emptyTemporaryDirectory();
  await jobs.end(main);
});

/** What a step says of a registry Pod that has come to such an end. */
const WORDS = {
  deleted: /deleted by someone else/,
  evicted: /Evicted: The node was low on resource/,
};

/** Returns the run's registry Pod, other than the one before, when its container runs. */
async function runningRegistry(step: Step, before?: RunObject): Promise<RunObject> {
  await step.logged(/::group::Start the registry/);
  const found = async () => {
    const pods = await podsOf(jobs.here.cluster, 'registry');
    const running = pods.filter(({ status }) => status?.containerStatuses?.[0]?.state?.running);
    const objects = running.map(({ metadata = {} }) => runObject('pod', metadata));
    return objects.find(([, name]) => name !== before?.[1]);
  };
  return await until('the registry to run', found);
}

/** The names of the ConfigMaps and Pods that are a delivery's own. */
async function deliveredNames(): Promise<string[]> {
  const kinds = 'configmaps,pods';
  const roles = 'jackal-inject.dev/role in (injector,catalog,chunk,courier,registry)';
  const all = ['get', kinds, '--all-namespaces', '--selector', roles, '--output=name'];
  return (await kubectl(jobs.here.cluster, ...all)).split('\n').filter((name) => name !== '');
}

onSite.each([
  ['deleted', 'of a stream', {}, 1],
  ['evicted', 'of ConfigMaps', { carrier: 'configmap' }, 0.5],
  ['deleted', 'of couriers', { carrier: 'configmap', 'configmap-budget': '24Mi' }, 1],
] as const)(
  'a registry Pod %s while nodes pull, one %s, gets another in its place',
  async (ending, _, inputs, share) => {
    let lost: string[] = [];
    const step = await jobs.withPullsHeld(async () => {
      const held = await jobs.start({ ...(await large(share)), ...inputs });
      const registry = await runningRegistry(held);
      await jobs.loseRegistry(async () => {
        lost = await deliveredNames();
        await (ending === 'deleted' ? jobs.delete(registry) : jobs.evict(registry));
        await held.logged(/::group::Clear away/);
      });
      return held;
    });
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors, main.warnings.length]).toEqual([0, [], 1]);
    expect(main.warnings[0]).toMatch(/^The registry Pod .* Its part of this run is done anew\.$/);
    expect(main.warnings[0]).toMatch(WORDS[ending]);
    expect(main.log.match(/::group::Upload/g)).toHaveLength(2);
    // Kubelets keep immutable ConfigMaps by name.
    expect(lost.length).toBeGreaterThan(1);
    expect((await deliveredNames()).filter((name) => lost.includes(name))).toEqual([]);
    const places = [...main.log.matchAll(/on (\S+), started from/g)].map(([, node]) => node);
    expect(new Set(places).size).toBe(2);
    await expectProofs(
      jobs.here.cluster,
      Object.values(JSON.parse(main.outputs.images as string) as Record<string, string>),
    );
    await jobs.end(main);
  },
);

onSite('a registry Pod that is lost again is told', async () => {
  // Each of the two is on another node, whose own pull would be through before the second is lost.
  await jobs.withAllPullsHeld(async () => {
    const step = await jobs.start(await large());
    const first = await runningRegistry(step);
    await jobs.loseRegistry(async () => {
      await jobs.evict(first);
      await step.logged(/::group::Clear away[\s\S]*::group::Start the registry/);
    });
    await jobs.evict(await runningRegistry(step, first));
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/registry Pod .*Evicted: The node was low on resource/);
    await jobs.loseRegistry(() => jobs.end(main));
  });
});

/** The nodes of the proof Pods that run. */
async function provenNodes(): Promise<string[]> {
  const pods = await podsOf(jobs.here.cluster, 'proof');
  const running = pods.filter(({ status }) => status?.phase === 'Running');
  return running.map(({ spec }) => spec?.nodeName ?? '');
}

onSite(
  'a node that dies before the registry starts: another one has it, and that one is left out',
  async () => {
    const { step, line } = await heldUpload();
    // The registry's first base is on the first node.
    const [first, second] = jobs.here.cluster.nodes as [ClusterNode, ClusterNode];
    try {
      await jobs.die(first);
      line.release();
      const main = await jobs.ended(step);
      expect([main.exitCode, main.errors]).toEqual([0, []]);
      expect(main.warnings).toEqual([
        expect.stringMatching(`The node ${first.name} is left out: it is not Ready`),
      ]);
      expect(main.log).toMatch(new RegExp(`Start the registry: on ${second.name}`));
      expect(await provenNodes()).toEqual([second.name]);
      await jobs.end(main);
    } finally {
      await startKubelet(jobs.here.cluster, first);
    }
  },
);

onSite('a node that dies under the registry: the part is done anew on another one', async () => {
  let dead: ClusterNode | undefined;
  try {
    const step = await jobs.withAllPullsHeld(async () => {
      const held = await jobs.start({ ...(await large()), carrier: 'stream' });
      const registry = await runningRegistry(held);
      const where = ['get', ...registry, '--output', 'jsonpath={.spec.nodeName}'];
      const name = await kubectl(jobs.here.cluster, ...where);
      dead = jobs.here.cluster.nodes.find((node) => node.name === name) as ClusterNode;
      await jobs.die(dead);
      await held.logged(/::group::Clear away/);
      const isGone = async () => {
        const names = (await jobs.objects('pod', 'registry')).map(([, object]) => object);
        return !names.includes(registry[1]);
      };
      await until('the lost registry to be gone', isGone);
      // Without a kubelet its process goes on, and whoever waits for it would hold its own node up for minutes.
      await jobs.endPulls();
      return held;
    });
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const { name } = dead as unknown as ClusterNode;
    expect(main.warnings).toEqual([
      expect.stringMatching(`is lost, since its node ${name} is not Ready .* done anew\\.$`),
      expect.stringMatching(`The node ${name} is left out: it is not Ready`),
    ]);
    expect(await provenNodes()).not.toContain(name);
    await jobs.end(main);
  } finally {
    if (dead !== undefined) await startKubelet(jobs.here.cluster, dead);
  }
});

onSite('no Linux node is Ready', async () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }];
  await jobs.withNodeStatus(jobs.here.cluster.nodes, { conditions }, async () => {
    const main = await jobs.ended(await jobs.start({ images: 'acme/small:1' }));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/No Linux node of the cluster is Ready \(.*KubeletNotReady/);
    await jobs.end(main);
  });
});

onSite('no node lists an image', async () => {
  await jobs.withNodeStatus(jobs.here.cluster.nodes, { images: [] }, async () => {
    const main = await jobs.ended(await jobs.start({ images: 'acme/small:1' }));
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(
      /No node is known to have an image that the registry could start from/,
    );
    await jobs.end(main);
  });
});

onSite('the images that nodes list are not there any more', async () => {
  const images = [{ names: ['example.test/gone:1'], sizeBytes: 1 }];
  await jobs.withNodeStatus(jobs.here.cluster.nodes, { images }, async () => {
    const step = await jobs.start({ images: 'acme/small:1' });
    await step.logged(/::group::Start the registry/);
    for (const node of jobs.here.cluster.nodes) await node.startComponent('kubelet');
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors.length]).toEqual([1, 1]);
    expect(main.errors[0]).toMatch(/could not start from any image.*example\.test\/gone:1/);
    await jobs.end(main);
  });
});
