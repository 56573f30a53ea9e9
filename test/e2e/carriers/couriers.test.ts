import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { PARCEL_CONTENT_MAX_BYTES } from '../../../src/lib/limits/carriers.js';
import { permissionsOf, roleYaml } from '../../../src/preflight/permissions.js';
import { until } from '../../cluster/until.js';
import { Jobs, ofRole, type RunObject } from '../../helpers/jobs.js';
import { registryProcess } from '../../helpers/registry-processes.js';
import type { Step, StepResult } from '../../helpers/runner.js';
import { apply, deleteNamespaces, kubectl, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const LAYER_BYTES = 6_000_000;
/** ConfigMaps alone, and fewer bytes there at once than any of these images has. */
const INPUTS = { carrier: 'configmap', 'configmap-budget': '24Mi' };
const LAYERS = 10;
/** In a manifest it makes it too large for what the registry mounts. */
const LARGE = { annotations: { 'acme.example/note': 'x'.repeat(PARCEL_CONTENT_MAX_BYTES) } };

let jobs: Jobs;

beforeAll(async () => {
  if (whyNoSite() === undefined) jobs = await Jobs.create();
});
afterEach(() => jobs?.endLeft());
afterAll(() => jobs?.close());

const layer = () => randomLayer(LAYER_BYTES);
const layers = (count = LAYERS) => Array.from({ length: count }, layer);

/** Writes an image of these layers, with this more in its manifest, and returns what the input `images` says of it. */
async function written(of: ReturnType<typeof layer>[], manifest = {}): Promise<string> {
  return `oci:${await writeImage(of, 'acme/brought:1', manifest)}`;
}

/** What the line about the traffic says: megabytes sent by couriers, and what each node pulled. */
function trafficIn({ log }: StepResult) {
  const line = /^([\d.]+) (k|M)B were sent as ConfigMaps by couriers(.*)$/m.exec(log);
  const [, sent = 'none', unit, rest = ''] = line ?? [];
  const pulls = [...rest.matchAll(/; \S+ pulled ([\d.]+) (k|M)B and had/g)];
  const megabytes = (number = '', of = 'M') => Number(number) / (of === 'M' ? 1 : 1000);
  return {
    sent: megabytes(sent, unit),
    pulled: pulls.map(([, number, of]) => Math.round(megabytes(number, of))),
  };
}

onSite('what nodes lack, and nothing else, comes in batches through a small budget', async () => {
  const all = layers();
  await jobs.inject([await written(all, LARGE)], {
    inputs: INPUTS,
    look: async (main) => {
      expect(main.log).toContain(
        'The images travel as ConfigMaps that couriers bring in batches: as the input `carrier` says.',
      );
      const { sent, pulled } = trafficIn(main);
      expect(sent).toBeGreaterThan(59.9);
      expect(sent).toBeLessThan(60.3);
      expect(pulled).toEqual([60, 60]);
      expect(await jobs.objects('configmap', 'chunk')).toEqual([]);
      // All was brought, so that there is nothing that somebody might wait for.
      expect(await jobs.objects('configmap', 'courier')).toEqual([]);
    },
  });
  const changed = await written([...all.slice(0, -1), layer()], LARGE);
  for (const bytes of [6, 0]) {
    await jobs.inject([changed], {
      inputs: INPUTS,
      look: async (main) => {
        const { sent, pulled } = trafficIn(main);
        expect(Math.abs(sent - bytes)).toBeLessThan(0.1);
        expect(pulled).toEqual([bytes, bytes]);
        // A last courier says that the others do not come.
        const [registry] = (await jobs.objects('pod', 'registry')) as [RunObject];
        // A manifest that nodes have they do not ask for either.
        const others = bytes === 0 ? LAYERS + 1 : LAYERS - 1;
        await until('what was not brought to be given up', async () => {
          const log = await kubectl(jobs.here.cluster, 'logs', ...registry);
          return log.match(/^jackal unavailable /gm)?.length === others;
        });
      },
    });
  }
});

onSite('many small layers come through a quota of few ConfigMaps', async () => {
  const { cluster } = jobs.here;
  const name = 'few-configmaps';
  const small = Array.from({ length: 60 }, () => randomLayer(150_000));
  const images = await written(small);
  try {
    await apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await apply(cluster, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name, namespace: name },
      spec: { hard: { 'count/configmaps': '30' } },
    });
    const counts = ['wait', `--for=jsonpath={.status.hard.count/configmaps}=30`, '--timeout=300s'];
    await kubectl(cluster, ...counts, `--namespace=${name}`, `resourcequota/${name}`);
    const within = await Jobs.create(jobs.here);
    const started: Step[] = [];
    await within.withDeliveriesSlow(async () => {
      const inputs = { ...INPUTS, 'configmap-budget': '8Mi', namespace: name };
      started.push(await within.start({ images, ...inputs }));
      // Of the quota there is room for a few more then, but not for all that the budget would take.
      await within.untilThere('configmap', 'chunk', 15);
    });
    const main = await within.ended(started[0] as Step);
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    expect(trafficIn(main).pulled).toEqual([9, 9]);
    await within.end(main);
    await within.close();
  } finally {
    await deleteNamespaces(cluster, name);
  }
});

/** A kubeconfig of a user who has all rights that the README lists but for these resources. */
async function kubeconfigWithout(user: string, resources: readonly string[]): Promise<string> {
  const { cluster } = jobs.here;
  const granted = permissionsOf(false).filter(({ resource }) => !resources.includes(resource));
  const role = roleYaml(granted).replace('name: jackal-inject', `name: ${user}`);
  await kubectl(cluster, 'create', 'serviceaccount', user, '--namespace=default');
  await apply(cluster, load(role) as object);
  const subject = `--serviceaccount=default:${user}`;
  await kubectl(cluster, 'create', 'clusterrolebinding', user, `--clusterrole=${user}`, subject);
  const token = await kubectl(cluster, 'create', 'token', user, '--namespace=default');
  const raw = await kubectl(cluster, 'config', 'view', '--raw', '--output', 'json');
  const config = JSON.parse(raw);
  config.users[0].user = { token: token.trim() };
  return JSON.stringify(config);
}

async function removeUser(user: string): Promise<void> {
  const { cluster } = jobs.here;
  await kubectl(cluster, 'delete', 'clusterrole,clusterrolebinding', user);
  await kubectl(cluster, 'delete', 'serviceaccount', user, '--namespace=default');
}

onSite('who may not read logs sends everything', async () => {
  const user = 'reads-no-logs';
  const images = await written(layers());
  try {
    const kubeconfig = await kubeconfigWithout(user, ['pods/log', 'pods/portforward']);
    const step = await jobs.start({ images, ...INPUTS, kubeconfig });
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.log).toContain(
      "All is sent, not just what nodes lack: the kubeconfig's user may not get pods/log.",
    );
    const { sent, pulled } = trafficIn(main);
    expect(Math.round(sent)).toBe(60);
    expect(pulled).toEqual([]);
    await removeUser(user);
    await jobs.end(main);
  } catch (error) {
    await removeUser(user).catch(() => undefined);
    throw error;
  }
});

onSite('where Pods do not reach each other all comes at once, and the log says why', async () => {
  const started: Step[] = [];
  await jobs.withDeliveriesHeld(async () => {
    const inputs = { ...INPUTS, 'configmap-budget': '64Mi' };
    started.push(await jobs.start({ images: await written(layers(7)), ...inputs }));
    const main = await jobs.ended(started[0] as Step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.warnings.join()).toMatch(
      /Courier Pods do not reach port 5001 of the registry's Pod: .* The images travel as ConfigMaps now, all at once\./,
    );
    await jobs.end(main);
  });
});

/** Which batch a courier's Pod is for. */
function numberOf(pod: string): number {
  return Number(/-courier-(\d+)-\d+$/.exec(pod)?.[1]);
}

/** The couriers' Pods that are the second of their batch. */
async function untilSecond(): Promise<void> {
  const second = async () =>
    (await jobs.objects('pod', 'courier')).some(([, pod]) => pod.endsWith('-1'));
  await until('the second courier of a batch', second);
}

onSite('a courier that is deleted half-way is followed by another one', async () => {
  const started: Step[] = [];
  const images = await written(layers(7));
  await jobs.withDeliveriesHeld(async () => {
    started.push(await jobs.start({ images, ...INPUTS }));
    const [courier] = await jobs.untilThere('pod', 'courier');
    await jobs.delete(courier as RunObject);
    await untilSecond();
  });
  const main = await jobs.ended(started[0] as Step);
  expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
  await jobs.end(main);
});

onSite(
  'a registry that is killed half-way through a layer goes on behind what it had',
  async () => {
    const images = await written([randomLayer(60_000_000)]);
    // No other way is tried while the registry is gone.
    const step = await jobs.start({ images, ...INPUTS, route: 'nodeport' });
    const fourth = async () =>
      (await jobs.objects('pod', 'courier')).some(([, pod]) => numberOf(pod) >= 3);
    // Three batches at most lie there at once, so by then the first has been brought, and is deleted.
    await until('the fourth batch to be on its way', fourth);
    process.kill(await registryProcess(jobs.here.cluster), 'SIGKILL');
    const main = await jobs.ended(step);
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    expect(trafficIn(main).sent).toBeLessThan(60.3);
    await jobs.end(main);
  },
);

onSite('couriers go on when nodes come by another route, and bring nothing twice', async () => {
  const images = await written(layers());
  const started: Step[] = [];
  await jobs.withDeliveriesSlow(async () => {
    const step = await jobs.start({ images, ...INPUTS });
    started.push(step);
    await jobs.untilThere('pod', 'courier');
    // Without the Service no node comes to the registry by its NodePort.
    await kubectl(jobs.here.cluster, 'delete', 'service', ...ofRole('service'));
    let isChanged = false;
    const change = step.logged(/Now they come by a relay/).then(() => {
      isChanged = true;
    });
    // Connections that are there would go on.
    const ended = async () => {
      await jobs.endPulls();
      return isChanged;
    };
    await Promise.all([change, until('another route', ended)]);
  });
  const main = await jobs.ended(started[0] as Step);
  expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
  expect(trafficIn(main).sent).toBeLessThan(60.3);
  await jobs.end(main);
});

onSite(
  'a runner that is killed while couriers are under way leaves nothing after post',
  async () => {
    const images = await written(layers(7));
    await jobs.withDeliveriesHeld(async () => {
      const step = await jobs.start({ images, ...INPUTS });
      await jobs.untilThere('pod', 'courier');
      step.process.kill('SIGKILL');
      const main = await jobs.ended(step);
      await jobs.emptyTemporaryDirectory();
      await jobs.end(main);
    });
  },
);
