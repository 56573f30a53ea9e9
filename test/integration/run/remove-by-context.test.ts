import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CLEANUP, type CleanupFacts } from '../../../src/host/state.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { leasedRun as leasedNow, leasesPath } from '../../../src/run/lease.js';
import { putInUse } from '../../../src/run/release/lease.js';
import { type Delivery, nameOf } from '../../../src/run/run.js';
import { Shell } from '../../helpers/shell/shell.js';
import { ADMIN_TOKEN, type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { type FakeServer, startFake, statusBody } from '../kube/site/fake-server.js';
import { leasedRun } from './run-objects.js';

const NAMESPACE = 'default';
/** Where Rancher has its clusters: all behind one name. */
const CLUSTERS = '/k8s/clusters/';
const PROGRAM = join(import.meta.dirname, '../../../src/index.js');

let plane: ControlPlane;
let direct: Connection;
let rancher: FakeServer;
let shell: Shell;
/** What the cluster `staging` was asked, where there is nothing. */
let asked: string[];

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  direct = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  rancher = await startFake((incoming, answer) => {
    const { method = '', url = '', headers } = incoming;
    const [cluster = '', ...path] = url.slice(CLUSTERS.length).split('/');
    if (cluster === 'dev') {
      const options = { method, headers, ca: plane.authority };
      const outgoing = request(`${plane.server}/${path.join('/')}`, options, (reply) => {
        answer.writeHead(reply.statusCode ?? 0, reply.headers);
        reply.pipe(answer);
      });
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
      return;
    }
    asked.push(`${method} /${path.join('/')}`);
    if (url.endsWith('/version')) answer.end('{"gitVersion":"v1.37.2"}');
    else answer.writeHead(404).end(statusBody(404, 'NotFound', 'not found'));
  });
});

beforeEach(async () => {
  shell = await Shell.create();
  asked = [];
});

afterEach(() => shell.close());

afterAll(async () => {
  direct?.client.close();
  await rancher?.close();
  await plane?.stop();
});

const addressOf = (cluster: string) => `http://127.0.0.1:${rancher.port}${CLUSTERS}${cluster}`;

/** The user's kubeconfig with these contexts, each of a cluster, of which the last is the current one. */
async function choose(contexts: Readonly<Record<string, string>>): Promise<string> {
  const path = join(shell.directory, 'config');
  const entries = Object.entries(contexts);
  const config = {
    clusters: entries.map(([name, cluster]) => ({ name, cluster: { server: addressOf(cluster) } })),
    users: [{ name: 'user', user: { token: ADMIN_TOKEN } }],
    contexts: entries.map(([name]) => ({ name, context: { cluster: name, user: 'user' } })),
    'current-context': entries.at(-1)?.[0],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** A run on the cluster `dev`, made while that was the current context, and kept as `inject` keeps it. */
async function madeOnDev(): Promise<Delivery> {
  const kubeconfig = await choose({ staging: 'staging', dev: 'dev' });
  const { server, context, client } = await connect({ env: { KUBECONFIG: kubeconfig } });
  client.close();
  const run = await leasedRun(direct.client, { namespace: NAMESPACE });
  const facts: CleanupFacts = { id: run.id, namespace: NAMESPACE, server, context, kubeconfig };
  const content = { connection: {}, state: { [CLEANUP]: JSON.stringify(facts) } };
  await mkdir(shell.keptDirectory, { recursive: true });
  await writeFile(join(shell.keptDirectory, '1-run.json'), JSON.stringify(content));
  return run;
}

const program = [process.execPath, PROGRAM];
const remove = (...args: string[]) => shell.run(['remove', ...args], { program });
/** As a later build of Jenkins does it: with a kubeconfig of its own, at another path. */
const removeBy = (KUBECONFIG: string) => shell.run(['remove'], { program, env: { KUBECONFIG } });

const { signal } = new AbortController();
const leasedRunOf = (run: Delivery) => leasedNow(direct.client, run, signal);

const leaseOf = ({ id }: Delivery) =>
  direct.client.find(`${leasesPath(NAMESPACE)}/${nameOf.lease(id)}`);

test('a run is removed from the cluster it is on, though another context is the current one by now', async () => {
  const run = await madeOnDev();
  await choose({ dev: 'dev', staging: 'staging' });
  const { exitCode, stderr } = await remove();
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining(`Nothing of run ${run.id} is left on ${addressOf('dev')} (`),
  ]);
  expect(await leaseOf(run)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a run that is not where one without a given namespace is, is not said to be gone', async () => {
  const run = await madeOnDev();
  const KUBECONFIG = join(shell.directory, 'config');
  const env = { KUBECONFIG, XDG_STATE_HOME: join(shell.directory, 'another-machine') };
  const from = (...args: string[]) => shell.run(['remove', ...args, run.id], { program, env });
  const { exitCode, stderr } = await from();
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining(
      `No run ${run.id} is in the namespace ${nameOf.namespace(run.id)} on ${addressOf('dev')}; one that was given`,
    ),
  ]);
  expect(await leaseOf(run)).toBeDefined();
  const there = await from('--namespace', NAMESPACE);
  expect(there.stderr).not.toContain('No run');
  expect(await leaseOf(run)).toBeUndefined();
});

test('a context that is given is gone by, and what it leads to is told from the run’s cluster by its path', async () => {
  const run = await madeOnDev();
  const wrong = await remove('--context', 'staging');
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    1,
    expect.stringContaining(
      `Error: The run ${run.id} is on ${addressOf('dev')}, and the kubeconfig leads to ${addressOf('staging')}; choose the other cluster with --context or --kubeconfig.`,
    ),
  ]);
  expect(asked).toEqual(['GET /version']);
  expect(await leaseOf(run)).toBeDefined();
  expect((await remove()).exitCode).toBe(0);
  expect(await leaseOf(run)).toBeUndefined();
});

test('of a context that is gone the others are named, of which one can be given', async () => {
  const run = await madeOnDev();
  const path = await choose({ development: 'dev', staging: 'staging' });
  const lost = await remove();
  expect([lost.exitCode, lost.stderr]).toEqual([
    1,
    expect.stringContaining(
      `The kubeconfig ${path} has no context "dev" (it has development, staging); name one of them with the input \`context\`.`,
    ),
  ]);
  expect(await readFile(join(shell.keptDirectory, '1-run.json'), 'utf8')).toContain(run.id);
  expect((await remove('--context', 'development')).exitCode).toBe(0);
  expect(await leaseOf(run)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a run whose kubeconfig is gone is removed by the one that is there now', async () => {
  const run = await madeOnDev();
  const later = join(shell.directory, 'later');
  await rename(join(shell.directory, 'config'), later);
  const { exitCode, stderr } = await removeBy(later);
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining(`Nothing of run ${run.id} is left on ${addressOf('dev')} (`),
  ]);
  expect(await leaseOf(run)).toBeUndefined();
  expect(await readdir(shell.keptDirectory)).toEqual([]);
});

test('the one that is there now is not taken where it leads to another cluster, or the run’s own is there', async () => {
  const run = await madeOnDev();
  const later = join(shell.directory, 'later');
  const own = await readFile(join(shell.directory, 'config'));
  await choose({ dev: 'staging' });
  await rename(join(shell.directory, 'config'), later);
  const wrong = await removeBy(later);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    1,
    expect.stringContaining(
      `Error: The run ${run.id} is on ${addressOf('dev')}, and the kubeconfig leads to ${addressOf('staging')}; choose the other cluster with --context or --kubeconfig.`,
    ),
  ]);
  expect(asked).toEqual(['GET /version']);
  expect(await leaseOf(run)).toBeDefined();
  await writeFile(join(shell.directory, 'config'), own);
  expect((await removeBy(later)).exitCode).toBe(0);
  expect(await leaseOf(run)).toBeUndefined();
  expect(asked).toEqual(['GET /version']);
});

test('a release is not removed by its id from another machine', async () => {
  const path = await choose({ dev: 'dev' });
  const release = await leasedRun(direct.client, { namespace: NAMESPACE, release: 'shop' });
  await putInUse(direct.client, release, { delivery: 0, route: 'nodeport' }, signal);
  const { exitCode, stderr } = await remove(
    ...['--kubeconfig', path, '--namespace', NAMESPACE, release.id],
  );
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(
      `Error: The run ${release.id} is the release "shop", which stays when its runs are removed; \`jackal-inject delete --release=shop --namespace=${NAMESPACE}\` takes it away.`,
    ),
  ]);
  expect(await leasedRunOf(release)).toMatchObject({ kept: 0, holder: release.holder });
});

test('of all steps of a release that are kept here the one that has it is taken back', async () => {
  const path = await choose({ dev: 'dev' });
  const release = await leasedRun(direct.client, { namespace: NAMESPACE, release: 'steps' });
  await putInUse(direct.client, release, { delivery: 0, route: 'nodeport' }, signal);
  const { id } = release;
  await mkdir(shell.keptDirectory, { recursive: true });
  for (const [index, holder] of ['earlier', release.holder].entries()) {
    const where = { server: addressOf('dev'), context: 'dev', kubeconfig: path };
    const facts: CleanupFacts = { id, namespace: NAMESPACE, release: 'steps', holder, ...where };
    const content = { connection: {}, state: { [CLEANUP]: JSON.stringify(facts) } };
    await writeFile(join(shell.keptDirectory, `${index}-run.json`), JSON.stringify(content));
  }
  const { exitCode, stderr } = await remove(id);
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringContaining(`The release steps stays on ${addressOf('dev')}`),
  ]);
  const lease = await leasedRunOf(release);
  expect([lease?.kept, lease?.holder]).toEqual([0, undefined]);
  expect(await readdir(shell.keptDirectory)).toEqual([]);
});
