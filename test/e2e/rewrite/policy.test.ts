import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { PAUSE_IMAGE } from '../../cluster/build/build.js';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import type { StepResult } from '../../helpers/runner.js';
import {
  apply,
  createNamespace,
  deleteNamespaces,
  kubectl,
  whyNoSite,
} from '../../helpers/site.js';
import { buildPrograms, PRIVATE, SERVER } from './program.js';
import { imagesOf, pod, podsOf, workloads } from './workloads.js';

/* Manifests as they are, while a run of the default scope is there; and when it has gone. */

const onSite = whyNoSite() === undefined ? describe : describe.skip;
/** A namespace that was there before the run, and one that came after. */
const [BEFORE, AFTER] = ['rewrite-before', 'rewrite-after'];

let jobs: Jobs;
let main: StepResult;
let server: string;
let ofPrivate: string;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  const { cluster } = jobs.here;
  await buildPrograms(jobs.here, join(jobs.runner.directory, 'program'));
  await createNamespace(cluster, BEFORE);
  await apply(cluster, pod('default', 'earlier', {}));
  // Creation times are in whole seconds.
  const born = Date.now();
  await until('the next second', () => Date.now() > born + 1000);
  main = await jobs.ended(await jobs.start({ images: `${SERVER}\n${PRIVATE}` }));
  const references: Record<string, string> = JSON.parse(main.outputs.images ?? '{}');
  [server, ofPrivate] = [references[SERVER] ?? '', references[PRIVATE] ?? ''];
  await createNamespace(cluster, AFTER);
});

afterAll(async () => {
  await jobs?.endLeft();
  if (whyNoSite() === undefined) {
    await deleteNamespaces(jobs.here.cluster, BEFORE, AFTER);
    await kube('delete', '--namespace', 'default', 'pod/earlier', '--now', '--ignore-not-found');
  }
  await jobs?.close();
});

const kube = (...args: string[]) => kubectl(jobs.here.cluster, ...args);

/** What the API server makes of a Pod that it does not keep. */
async function tried(one: V1Pod): Promise<V1Pod> {
  return JSON.parse(await kubeWith(one, 'create', '--dry-run=server', '--output=json'));
}

/** Runs a command of kubectl that reads an object. */
async function kubeWith(object: object, ...args: string[]): Promise<string> {
  const { cluster } = jobs.here;
  const command = ['--kubeconfig', cluster.kubeconfig, ...args, '--filename=-'];
  const child = promisify(execFile)(cluster.kubectl, command);
  child.child.stdin?.end(JSON.stringify(object));
  return (await child).stdout;
}

/** Creates a Pod of the new namespace and returns it when it runs. */
async function running(one: V1Pod): Promise<V1Pod> {
  const name = `pod/${one.metadata?.name}`;
  await apply(jobs.here.cluster, one);
  await kube('wait', '--namespace', AFTER, '--for=condition=Ready', '--timeout=300s', name);
  return JSON.parse(await kube('get', '--namespace', AFTER, name, '--output=json'));
}

const workloadPods = (app: string) => podsOf(jobs.here.cluster, AFTER, app);

const COMPLETE = ['wait', '--namespace', AFTER, '--for=condition=Complete', '--timeout=300s'];

/** A workload's two Pods have the injected image in place of its names, and others as they were. */
function expectRewritten(pods: readonly V1Pod[], others: readonly string[] = []): void {
  expect(pods.length).toBeGreaterThanOrEqual(2);
  for (const one of pods) expect(imagesOf(one)).toEqual([server, server, ...others]);
}

/** Pods that stay are on all nodes. Of those that end at once two may be on one, since a scheduler counts none that has ended. */
function expectOnAllNodes(pods: readonly V1Pod[]): void {
  const nodes = jobs.here.cluster.nodes.map(({ name }) => name);
  expect([...new Set(pods.map(({ spec }) => spec?.nodeName))].sort()).toEqual(nodes);
}

onSite('while a run is there', () => {
  test('the log says where names are rewritten, and how many', () => {
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    expect(main.log).toMatch(
      /Rewrite names: 2 names of images in the namespace default and those that are made from now on \(/,
    );
  });

  test('workloads of every kind run by the names that they have', async () => {
    const items = workloads(AFTER);
    await apply(jobs.here.cluster, { apiVersion: 'v1', kind: 'List', items });
    for (const kind of ['deployment', 'statefulset', 'daemonset']) {
      await kube('rollout', 'status', '--namespace', AFTER, `${kind}/${kind}`, '--timeout=300s');
    }
    await kube(...COMPLETE, 'job/job');
    for (const app of ['deployment', 'statefulset', 'daemonset']) {
      const pods = await workloadPods(app);
      expectRewritten(pods, [PAUSE_IMAGE]);
      expectOnAllNodes(pods);
    }
    expectRewritten(await workloadPods('job'));
  });

  test('templates stay as they are, so nothing that compares them sees a change', async () => {
    const deployment = workloads(AFTER).filter((one) => 'kind' in one && one.kind === 'Deployment');
    const [template] = deployment as [object];
    expect(await kubeWith(template, 'diff')).toBe('');
  });

  test('other namespaces that were there before are not reached, nor is any of the cluster', async () => {
    for (const namespace of [BEFORE, 'kube-system']) {
      expect(imagesOf(await tried(pod(namespace, 'same', {})))).toEqual([SERVER]);
    }
    expect(imagesOf(await tried(pod('default', 'same', {})))).toEqual([server]);
  });

  test('what is pulled always, and with the secrets of a registry, comes from the run', async () => {
    const always = { name: 'main', image: PRIVATE, imagePullPolicy: 'Always' };
    const imagePullSecrets = [{ name: 'not-there' }];
    const { spec } = await running(
      pod(AFTER, 'always', { containers: [always], imagePullSecrets }),
    );
    expect(spec).toMatchObject({
      containers: [{ image: ofPrivate, imagePullPolicy: 'IfNotPresent' }],
      imagePullSecrets,
    });
  });

  test('a manifest that is applied once more changes nothing', async () => {
    const bare = pod(AFTER, 'bare', {});
    await kubeWith(bare, 'apply');
    await kube('wait', '--namespace', AFTER, '--for=condition=Ready', '--timeout=300s', 'pod/bare');
    const always = pod(AFTER, 'bare', {
      containers: [{ name: 'main', image: SERVER, imagePullPolicy: 'Always' }],
    });
    await kubeWith(always, 'apply');
    const one = JSON.parse(await kube('get', '--namespace', AFTER, 'pod/bare', '--output=json'));
    expect(imagesOf(one)).toEqual([server]);
    expect(one.status.containerStatuses[0].restartCount).toBe(0);
  });

  test('a Pod that was there before keeps its image when somebody labels it', async () => {
    await kube('label', '--namespace', 'default', 'pod/earlier', 'seen=yes');
    const get = ['get', '--namespace', 'default', 'pod/earlier', '--output=json'];
    const one: V1Pod = JSON.parse(await kube(...get));
    expect([one.metadata?.labels, imagesOf(one)]).toEqual([{ seen: 'yes' }, [SERVER]]);
  });

  test('kubectl debug runs an injected image in a Pod', async () => {
    await running(pod(AFTER, 'debugged', { containers: [{ name: 'main', image: PAUSE_IMAGE }] }));
    const image = `--image=library/${SERVER}`;
    await kube(
      'debug',
      '--namespace',
      AFTER,
      'debugged',
      image,
      '--container=debugger',
      '--profile=general',
    );
    const get = ['get', '--namespace', AFTER, 'pod/debugged', '--output=json'];
    const runs = async () => {
      const { spec, status } = JSON.parse(await kube(...get)) as V1Pod;
      const [debug] = status?.ephemeralContainerStatuses ?? [];
      return debug?.state?.running !== undefined && spec?.ephemeralContainers?.[0]?.image;
    };
    expect(await until('the debugger', runs)).toBe(server);
  });

  // The last one: a CronJob waits for the next minute.
  test("a CronJob's Pods run by the names that they have, too", async () => {
    const ofCron = async () => {
      const chosen = ['--namespace', AFTER, '--output=jsonpath={.items[*].metadata.name}'];
      const names = await kube('get', 'jobs', ...chosen);
      return names.split(' ').find((name) => name.startsWith('cronjob-'));
    };
    const cron = await until("the CronJob's first job", ofCron);
    await kube(...COMPLETE, `job/${cron}`);
    // Not those of the next minute's Job, which may have no node yet.
    const ofJob = ['--selector', `batch.kubernetes.io/job-name=${cron}`, '--output=json'];
    const pods = await kube('get', 'pods', '--namespace', AFTER, ...ofJob);
    expectRewritten(JSON.parse(pods).items);
  });
});

onSite('when it has gone', () => {
  test('a new Pod keeps its name, and the policy is no more', async () => {
    await deleteNamespaces(jobs.here.cluster, AFTER, BEFORE);
    await kube('delete', '--namespace', 'default', 'pod/earlier', '--now');
    await jobs.end(main);
    const keeps = async () => imagesOf(await tried(pod('default', 'same', {}))).join() === SERVER;
    await until('the API server to look for policies', keeps);
  });
});
