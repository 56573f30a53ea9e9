import * as toolkit from '@actions/core';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { takePlaceOfRunner } from '../../../src/host/runner.js';
import type { ApiClient, ApiObject } from '../../../src/kube/client.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { RUN_LIFETIME_SECONDS } from '../../../src/lib/limits/run.js';
import { catalogText } from '../../../src/payload/catalog.js';
import { REACH_ANNOTATION } from '../../../src/rewrite/admission/policy.js';
import { leasesPath } from '../../../src/run/lease.js';
import { bindingsPath, policiesPath } from '../../../src/run/removal/policy.js';
import { removeRun } from '../../../src/run/remove.js';
import { type KeptRelease, nameOf, type OpenRun } from '../../../src/run/run.js';
import { beginRewriting, rewrite, withRewriting } from '../../../src/stages/rewrite.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, NOBODY_TOKEN, startControlPlane } from '../kube/site/control-plane.js';
import { payloadWith, preparedJob, pulledOf } from './jobs.js';

/* The policy that is written during the proof, and acts after it. */

let plane: ControlPlane;
let admin: Connection;
let nobody: Connection;
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  const kubeconfig = plane.kubeconfig({ user: { token: NOBODY_TOKEN } });
  nobody = await connect({ kubeconfig, env: {} });
});

afterAll(async () => {
  admin?.client.close();
  nobody?.client.close();
  await plane?.stop();
});

const runs: OpenRun[] = [];
afterEach(async () => {
  takePlaceOfRunner(toolkit);
  for (const run of runs.splice(0)) await removeRun(admin.client, run, signal);
});

const payload = payloadWith('{"layers":[]}');
const PULLED = pulledOf(payload);

/** A run with a namespace of its own, and its job as far as the stage needs it; the run is removed after the test. */
async function prepared(client: ApiClient, about: Partial<OpenRun> = {}) {
  const { job, run } = await preparedJob(admin.client, about, payload);
  runs.push(run);
  return { job: { ...job, client }, run };
}

let shops = 0;
/** A release of its own, since its name is all that tells its namespace. */
const shop = () => `shop-${++shops}`;

/** What the API server makes of a Pod's image. */
async function tried(image: string): Promise<string | undefined> {
  const pod: V1Pod = { metadata: { name: 'tried' }, spec: { containers: [{ name: 'c', image }] } };
  const path = '/api/v1/namespaces/default/pods';
  const { spec } = await admin.client.create<V1Pod>(path, pod, { query: { dryRun: 'All' } });
  return spec?.containers[0]?.image;
}

const bindingOf = ({ id }: OpenRun) =>
  admin.client.find<ApiObject & { spec: object }>(`${bindingsPath}/${nameOf.policy(id)}`, {});

test('it is there during the proof and rewrites nothing, and afterwards it does', async () => {
  const { job, run } = await prepared(admin.client);
  const begun = beginRewriting(job, run);
  expect((await begun)?.names.size).toBe(2);
  expect(await bindingOf(run)).toMatchObject({ spec: { paramRef: { name: run.namespace } } });
  expect(await tried('web:1')).toBe('web:1');
  await rewrite(job, run, begun);
  expect(await tried('web:1')).toBe(PULLED);
});

test('who may not change the namespace writes it once more, to act by itself', async () => {
  const patch = nobody.client.patch.bind(nobody.client);
  const client = Object.assign(Object.create(admin.client) as ApiClient, { patch });
  const { job, run } = await prepared(client);
  const begun = beginRewriting(job, run);
  expect(await begun).toBeDefined();
  await rewrite(job, run, begun);
  expect(await tried('web:1')).toBe(PULLED);
  expect((await bindingOf(run))?.spec).not.toHaveProperty('paramRef');
});

test('when the work fails while it is written, that comes to its end before', async () => {
  const begun = Promise.withResolvers<void>();
  let isWritten = false;
  const create: ApiClient['create'] = async (path, object, options) => {
    begun.resolve();
    const created = await admin.client.create(path, object, options);
    if (path === bindingsPath) isWritten = true;
    return created as never;
  };
  const client: ApiClient = Object.create(admin.client, { create: { value: create } });
  const { job, run } = await prepared(client);
  const failing = withRewriting(job, run, async () => {
    await begun.promise;
    throw new Error('the work went wrong');
  });
  await expect(failing).rejects.toThrow('the work went wrong');
  expect(isWritten).toBe(true);
});

test('and names that are not known yet are not waited for then', async () => {
  const { job, run } = await prepared(admin.client);
  const unread = { ...job, laid: new Promise<never>(() => undefined) };
  const failing = withRewriting(unread, run, async () => {
    throw new Error('the work went wrong');
  });
  await expect(failing).rejects.toThrow('the work went wrong');
  expect(await bindingOf(run)).toBeUndefined();
});

test('where it could not be written early it is written late', async () => {
  const { job, run } = await prepared(nobody.client);
  expect(await beginRewriting(job, run)).toBeUndefined();
  expect(await bindingOf(run)).toBeUndefined();
  await rewrite({ ...job, client: admin.client }, run, Promise.resolve(undefined));
  expect(await tried('web:1')).toBe(PULLED);
});

test("a release's policy is written late, since the one before it acts", async () => {
  const { job, run } = await prepared(admin.client, { release: shop() });
  expect(await beginRewriting(job, run)).toBeUndefined();
  expect(await bindingOf(run)).toBeUndefined();
});

test("a policy ends later than the run's Pods may, and a release's does not end", async () => {
  const endOf = async ({ id }: OpenRun) => {
    const { metadata } = await admin.client.get<ApiObject>(`${policiesPath}/${nameOf.policy(id)}`);
    return JSON.parse(metadata?.annotations?.[REACH_ANNOTATION] ?? '').end;
  };
  const { job, run } = await prepared(admin.client);
  const seconds = job.inputs.timeout + RUN_LIFETIME_SECONDS;
  const latest = admin.client.now() + seconds * 1000;
  await rewrite(job, run, Promise.resolve(undefined));
  expect(await endOf(run)).toBeGreaterThan(latest);
  const release = await prepared(admin.client, { release: shop() });
  await rewrite(release.job, release.run, Promise.resolve(undefined));
  expect(await endOf(release.run)).toBeUndefined();
});

test("a later step of a release tells that namespaces are meant since the first one's begin", async () => {
  const kept: KeptRelease = { delivery: 0, since: 0 };
  const { job, run } = await prepared(admin.client, { release: shop(), kept });
  await rewrite(job, run, Promise.resolve(undefined));
  expect(job.log.records.at(-1)?.outcome).toBe(
    "2 names of images in the namespace default and those that are made since the release's first step",
  );
});

/** Steps of one release, each with one image of the repository `web`; the step before has left its record. */
async function stepsOf(...steps: readonly (readonly [tag: string, content: number])[]) {
  const { job, run } = await prepared(admin.client, { release: shop() });
  let kept: KeptRelease | undefined;
  for (const [tag, content] of steps) {
    const payload = contentOf(content, tag);
    const step = { ...job, laid: Promise.resolve({ payload }) } as typeof job;
    await rewrite(step, { ...run, kept }, Promise.resolve(undefined));
    kept = { delivery: 0, since: 0, record: catalogText(run.secret, payload.served, []) };
  }
  return job.log.records.at(-1)?.outcome;
}

const contentOf = (content: number, tag?: string) => payloadWith(`{"layers":[${content}]}`, tag);
const pulled = (content: number) => pulledOf(contentOf(content));

test('names of images that a step of a release replaces are rewritten until the step after it', async () => {
  expect(await stepsOf(['a1', 1], ['a2', 2])).toMatch(
    /^2 names of images in .*, and 2 of images that this step replaces, until the next one$/,
  );
  expect(await tried('web:a1')).toBe(pulled(1));
  expect(await tried('web:a2')).toBe(pulled(2));

  await stepsOf(['b1', 3], ['b2', 4], ['b3', 5]);
  expect(await tried('web:b1')).toBe('web:b1');
  expect(await tried('web:b2')).toBe(pulled(4));
  expect(await tried('web:b3')).toBe(pulled(5));
});

test('names that are given anew mean what they are given, and do not add up where images stay', async () => {
  await stepsOf(['c1', 6], ['c1', 7]);
  expect(await tried('web:c1')).toBe(pulled(7));
  const digest = pulled(6).replace(/^.*@/, '');
  expect(await tried(`web@${digest}`)).toBe(pulled(6));

  await stepsOf(['d1', 8], ['d2', 8], ['d3', 8]);
  expect(await tried('web:d1')).toBe('web:d1');
  expect(await tried('web:d2')).toBe(pulled(8));
});

/** A release whose policy acts, and its next step, which rewrites nothing. */
async function nextWithout() {
  const { job, run } = await prepared(admin.client, { release: shop() });
  await rewrite(job, run, Promise.resolve(undefined));
  expect(await tried('web:1')).toBe(PULLED);
  const kept: KeptRelease = { delivery: 0, since: 0 };
  return { job: { ...job, rewriteIn: undefined }, run: { ...run, kept } };
}

test("a release's step without a rewriting ends that of the steps before, and no other run's", async () => {
  const other = await prepared(admin.client);
  expect(await beginRewriting(other.job, other.run)).toBeDefined();
  const { job, run } = await nextWithout();
  await rewrite(job, run, Promise.resolve(undefined));
  expect(await bindingOf(run)).toBeUndefined();
  expect(await bindingOf(other.run)).toBeDefined();
  await until('the end of the policy', async () => (await tried('web:1')) === 'web:1');
});

test('who may not end it is warned while it acts, and not when there is none', async () => {
  const warnings: string[] = [];
  takePlaceOfRunner({ ...toolkit, warning: (sentence) => warnings.push(sentence) });
  const refused = Object.assign(Object.create(admin.client) as ApiClient, {
    delete: nobody.client.delete.bind(nobody.client),
  });
  const { job, run } = await nextWithout();
  await rewrite({ ...job, client: refused }, run, Promise.resolve(undefined));
  const policy = nameOf.policy(run.id);
  expect(warnings).toEqual([
    expect.stringMatching(`^The policy ${policy} .* rewriting web:1 to .* ${policy}$`),
  ]);
  expect(await bindingOf(run)).toBeDefined();
  await rewrite(job, run, Promise.resolve(undefined));
  await until('the end of the policy', async () => (await tried('web:1')) === 'web:1');
  await rewrite({ ...job, client: refused }, run, Promise.resolve(undefined));
  expect(warnings).toHaveLength(1);
});

test('a run is told of others that make something else of its names, where it may see them', async () => {
  const warnings: string[] = [];
  takePlaceOfRunner({ ...toolkit, warning: (sentence) => warnings.push(sentence) });
  const [one, same, other] = [
    await prepared(admin.client),
    await prepared(admin.client, { release: shop() }),
    await prepared(admin.client),
  ];
  for (const { job, run } of [one, same]) await rewrite(job, run, Promise.resolve(undefined));
  expect(warnings).toEqual([]);
  const list = nobody.client.list.bind(nobody.client);
  const client = Object.assign(Object.create(admin.client) as ApiClient, { list });
  const laid = Promise.resolve({ payload: payloadWith('{"layers":[ ]}') });
  const job = { ...other.job, laid } as typeof other.job;
  await rewrite({ ...job, client }, other.run, Promise.resolve(undefined));
  expect(warnings).toEqual([]);
  await rewrite(job, other.run, Promise.resolve(undefined));
  const words = [`The run ${one.run.id}`, `The release "${same.run.release}"`].map(
    (who) => `${who} rewrites docker.io/library/web:1 to another image, in`,
  );
  expect(
    warnings.map((sentence) => sentence.replace(/ image, in .*/, ' image, in')).sort(),
  ).toEqual(words.sort());
  warnings.length = 0;
  for (const reach of ['null', '{}', '{"scope":{"kind":"new"}}']) {
    const annotations = { [REACH_ANNOTATION]: reach };
    for (const { run } of [one, same]) {
      await admin.client.patch(`${policiesPath}/${nameOf.policy(run.id)}`, {
        metadata: { annotations },
      });
    }
    await rewrite(job, other.run, Promise.resolve(undefined));
  }
  expect(warnings).toEqual([]);
});

test.each([
  ['would write another', {}],
  [
    'would fall back to names that stay',
    { inputs: { rewrite: 'auto', rewriteNamespaces: '', timeout: 600 } },
  ],
  ['rewrites nothing', { rewriteIn: undefined }],
])('a step that %s leaves the policy of whoever has its release by now', async (_, about) => {
  const { job, run } = await prepared(admin.client, { release: shop() });
  await rewrite(job, run, Promise.resolve(undefined));
  const theirs = await bindingOf(run);
  const lease = `${leasesPath(run.namespace)}/${nameOf.lease(run.id)}`;
  await admin.client.patch(lease, { spec: { holderIdentity: 'another' } });
  const kept: KeptRelease = { delivery: 0, since: 0 };
  const late = rewrite(
    { ...job, ...about } as typeof job,
    { ...run, kept },
    Promise.resolve(undefined),
  );
  await expect(late).rejects.toThrow('Another step has taken over the release');
  expect(await bindingOf(run)).toEqual(theirs);
});
