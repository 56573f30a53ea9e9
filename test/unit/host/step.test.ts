import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startCacheService } from '../../helpers/cache-service.js';
import { LINES } from '../../helpers/programs/talkative-step.js';
import { REPOSITORY, Runner, type Step, type StepOptions } from '../../helpers/runner.js';
import { type SmallCluster, startSmallCluster } from '../../helpers/small-cluster.js';
import { dockerArchive, layerOf, tarOf } from '../images/fixtures.js';

const ENTRY = join(REPOSITORY, 'out/src/index.js');
const STRAY = join(REPOSITORY, 'out/test/helpers/programs/stray-socket.js');
const TALKATIVE = join(REPOSITORY, 'out/test/helpers/programs/talkative-step.js');
/** What main saved of a run. */
const CLEANUP = JSON.stringify({ runId: 'abcdefghij', namespace: 'jackal-inject' });
const POST = { cleanup: CLEANUP };

let runner: Runner;
let closers: (() => unknown)[];

beforeEach(async () => {
  runner = await Runner.create();
  closers = [];
});

afterEach(async () => {
  for (const close of closers) await close();
  await runner.close();
});

async function cluster(holds = false): Promise<SmallCluster> {
  const started = await startSmallCluster(holds ? /./ : undefined);
  closers.push(started.close);
  return started;
}

/** An image of one layer. */
async function archive(): Promise<string> {
  const path = join(runner.directory, 'web.tar');
  await writeFile(path, tarOf(dockerArchive('web:1', [layerOf('a', 'a')])));
  return path;
}

/** Starts a step, which is ended with the test. */
async function start(options: StepOptions): Promise<Step> {
  const step = await runner.start({ bundle: ENTRY, ...options });
  closers.push(() => step.process.kill('SIGKILL'));
  return step;
}

/** Starts a step that has a connection which nobody cares for, and gives the way to break that. */
async function startWithStray(options: StepOptions) {
  const connected = Promise.withResolvers<Socket>();
  const server = createServer((socket) => connected.resolve(socket));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const env = { NODE_OPTIONS: `--import ${STRAY}`, STRAY_PORT: String(port) };
  const step = await start({ ...options, env });
  const stray = await connected.promise;
  return { step, reset: () => stray.resetAndDestroy() };
}

test('what fails behind the back of post is a warning', async () => {
  const { asked, refuse, kubeconfig } = await cluster(true);
  const { step, reset } = await startWithStray({ inputs: { kubeconfig }, state: POST });
  await asked;
  reset();
  await step.logged(/nobody waits for this/);
  refuse();
  const { exitCode, errors, warnings } = await step.ended;
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    'Something that the step did not wait for failed (read ECONNRESET); the removal goes on.',
    'Something that the step did not wait for failed (nobody waits for this); the removal goes on.',
    expect.stringMatching(/^Not everything of this run could be removed: /),
  ]);
  expect(exitCode).toBe(0);
});

test('what fails behind the back of main fails the step', async () => {
  const { asked, refuse, kubeconfig } = await cluster(true);
  const inputs = { kubeconfig, images: await archive() };
  const { step, reset } = await startWithStray({ inputs });
  await asked;
  reset();
  await step.logged(/nobody waits for this/);
  refuse();
  const { exitCode, errors } = await step.ended;
  expect(errors[0]).toBe(
    'Something that the step did not wait for failed (read ECONNRESET); run the job again.',
  );
  expect(exitCode).toBe(1);
});

test('an old Node is told what is wrong before it loads what it cannot', async () => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`;
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(old)}"`;
  const main = await (await start({ inputs: {}, env: { NODE_OPTIONS } })).ended;
  const sentence =
    'This runner runs the action with Node 20.20.2, and it needs 24 or later; put that first on the PATH of the runner, or of the container in which it runs the job.';
  expect([main.exitCode, main.errors]).toEqual([1, [sentence]]);
  // A step between may have put another Node first.
  const post = await (await start({ inputs: {}, env: { NODE_OPTIONS }, state: main.state })).ended;
  expect([post.exitCode, post.warnings]).toEqual([0, [sentence]]);
});

test('a runner with Windows is told of, by main and by post', async () => {
  const windows = `Object.defineProperty(process, 'platform', { value: 'win32' })`;
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(windows)}"`;
  const main = await (await start({ inputs: {}, env: { NODE_OPTIONS } })).ended;
  const sentence =
    'This runner runs Windows, on which the action does not work; run the step on a Linux runner (`runs-on: ubuntu-latest`), wherever the cluster is.';
  expect([main.exitCode, main.errors]).toEqual([1, [sentence]]);
  const post = await (await start({ inputs: {}, env: { NODE_OPTIONS }, state: main.state })).ended;
  expect([post.exitCode, post.warnings]).toEqual([0, [sentence]]);
});

test('a user without an account and HOME is at home in the root, as in containers', async () => {
  const within = ['unshare', '--user', '--map-user=12345'];
  const inputs = { images: await archive(), kubeconfig: '~/no-such/kubeconfig' };
  const { exitCode, errors } = await (await start({ inputs, env: { HOME: undefined }, within }))
    .ended;
  expect([exitCode, errors]).toEqual([
    1,
    [expect.stringMatching(/^The kubeconfig \/no-such\/kubeconfig does not exist; /)],
  ]);
});

test('a kubeconfig of which a runner masks the braces is told of, once', async () => {
  const { kubeconfig, refuse } = await cluster(true);
  refuse();
  const lines = JSON.stringify(JSON.parse(kubeconfig), null, 2);
  const inputs = { kubeconfig: lines, images: await archive() };
  const { warnings, exitCode } = await (await start({ inputs })).ended;
  expect(warnings).toEqual([
    expect.stringMatching(/^The given kubeconfig is JSON of several lines:/),
  ]);
  expect(exitCode).toBe(1);
});

test('a state that main did not write is no failure of post', async () => {
  const state = { cleanup: 'not JSON' };
  const { exitCode, errors, warnings } = await (await start({ inputs: {}, state })).ended;
  expect(errors).toEqual([]);
  expect(warnings).toHaveLength(1);
  expect(exitCode).toBe(0);
});

test('post is post where main could save nothing, and writes nothing then', async () => {
  const { kubeconfig, requests } = await cluster();
  const inputs = { kubeconfig, images: await archive() };
  const { exitCode, log } = await (await start({ inputs, state: {} })).ended;
  expect(log.trim()).toBe('Nothing was written to the cluster; nothing is to be removed.');
  expect([exitCode, requests]).toEqual([0, []]);
});

test('main does nothing where it cannot tell post about it', async () => {
  const { kubeconfig } = await cluster();
  const inputs = { kubeconfig, images: await archive() };
  const step = await start({ inputs, env: { GITHUB_STATE: '/dev/full' } });
  const { exitCode, errors } = await step.ended;
  expect(errors).toEqual([
    expect.stringMatching(/^The runner did not take the state `begun` \(ENOSPC.*not full\.$/),
  ]);
  expect(exitCode).toBe(1);
});

test('a summary that cannot be written does not hide why the step failed', async () => {
  const { kubeconfig } = await cluster();
  const inputs = { kubeconfig, images: 'no-such.tar' };
  const step = await start({ inputs, env: { GITHUB_STEP_SUMMARY: runner.directory } });
  const { exitCode, errors, warnings } = await step.ended;
  expect(errors).toEqual([expect.stringContaining('no-such.tar')]);
  expect(warnings).toEqual([expect.stringMatching(/^The job summary was not written \(EISDIR/)]);
  expect(exitCode).toBe(1);
});

test('a cancelled step ends although the cache service never answers', async () => {
  const service = await startCacheService('GetCacheEntryDownloadURL');
  closers.push(service.close);
  const { kubeconfig } = await cluster();
  const step = await start({
    inputs: { kubeconfig, images: await archive() },
    env: {
      ...service.env,
      HOME: await mkdtemp(join(runner.directory, 'home-')),
      CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), '.cargo'),
      RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    },
  });
  await Promise.race([service.unanswered, step.ended]);
  step.process.kill('SIGINT');
  const { exitCode, errors } = await step.ended;
  expect(errors).toEqual([expect.stringMatching(/^The step was cancelled \(SIGINT\)/)]);
  expect(exitCode).toBe(1);
  // It was never answered: the connection was still open when the step ended.
  expect(service.calls).toEqual(['POST GetCacheEntryDownloadURL']);
});

test('a cancelled step ends although cargo is still at work', async () => {
  const { kubeconfig } = await cluster();
  const bin = join(runner.directory, 'bin');
  await mkdir(bin);
  const program = (name: string, script: string) =>
    writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await program('rustc', 'echo /');
  await program('cargo', 'echo "at work: $$" >&2; exec sleep 600');
  let log = '';
  const step = await start({
    inputs: { kubeconfig, images: await archive() },
    onLog: (text) => {
      log += text;
    },
    env: {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: await mkdtemp(join(runner.directory, 'home-')),
    },
  });
  await step.logged(/at work: \d+/);
  const cargo = Number(/at work: (\d+)/.exec(log)?.[1]);
  step.process.kill('SIGINT');
  const { exitCode, errors } = await step.ended;
  expect(errors).toEqual([expect.stringMatching(/^The step was cancelled \(SIGINT\)/)]);
  expect(exitCode).toBe(1);
  // It was left to the runner's clean-up, and here to the test's.
  expect(process.kill(cargo)).toBe(true);
});

/** A step that has said all and whose stdout nobody has read yet. */
async function startTalkative() {
  const step = spawn(process.execPath, [TALKATIVE], { stdio: ['ignore', 'pipe', 'pipe'] });
  closers.push(() => step.kill('SIGKILL'));
  await once(step.stderr, 'data');
  return step;
}

test('nothing of the log is lost when it is read late', async () => {
  const step = await startTalkative();
  const closed = once(step, 'close');
  const lines = (await text(step.stdout)).trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('line '))).toHaveLength(LINES);
  expect(lines[LINES]).toMatch(
    /^::error title=Jackal Inject::These are the last words\.%0AWhat to do: https:/,
  );
  expect(lines.at(-1)).toMatch(/^::debug:: +at /);
  expect(await closed).toEqual([1, null]);
});

test('a step ends as it would when nobody reads its log any more', async () => {
  const step = await startTalkative();
  const exited = once(step, 'exit');
  step.stdout.destroy();
  expect(await exited).toEqual([1, null]);
});
