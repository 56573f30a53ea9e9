import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { REPOSITORY } from '../helpers/runner.js';
import { type SmallCluster, startSmallCluster } from '../helpers/small-cluster.js';

let directory: string;
let cluster: SmallCluster;
/** Demos that the test has started. */
let demos: ChildProcess[];

beforeEach(async () => {
  demos = [];
  directory = await mkdtemp(join(tmpdir(), 'jackal-demo-'));
  // It answers until the action makes its namespace, by which time the post step has something to do.
  cluster = await startSmallCluster(/^POST \/api\/v1\/namespaces\?/);
});
afterEach(async () => {
  // One that a failed test has left takes down what it has begun.
  for (const demo of demos.filter(
    ({ exitCode, signalCode }) => (exitCode ?? signalCode) === null,
  )) {
    const exit = once(demo, 'exit');
    demo.kill('SIGINT');
    const late = setTimeout(() => demo.kill('SIGKILL'), 120_000);
    await exit;
    clearTimeout(late);
  }
});
afterEach(async () => {
  cluster.close();
  await rm(directory, { recursive: true });
});

/** Starts the demo as `npm run demo -- ARGS` does it; `ended` has its exit status, and all that it said. */
function startDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const main = join(REPOSITORY, 'out/test/demo/main.js');
  const child: ChildProcess = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  demos.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      said += data;
    });
  }
  const ended = new Promise<{ exitCode: number | null; said: string }>((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => fulfil({ exitCode, said }));
  });
  return { child, ended };
}

test('the cluster that KUBECONFIG leads to is not the one that the demo works on', async () => {
  const kubeconfig = join(directory, 'production');
  await writeFile(kubeconfig, cluster.kubeconfig);
  // It ends where it asks whether this machine can have a cluster of the demo's own.
  for (const program of ['go', 'ip', 'unshare']) {
    await writeFile(join(directory, program), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  const { ended } = startDemo([], {
    KUBECONFIG: kubeconfig,
    PATH: [directory, process.env.PATH].join(delimiter),
  });
  const { exitCode, said } = await ended;
  expect(said).toMatch(/This machine lacks[\s\S]*(embedded cluster|control groups)/);
  expect(exitCode).toBe(1);
  expect(cluster.requests).toEqual([]);
});

test('an interrupt ends the step that is under way, and its post step takes the run away', async () => {
  const kubeconfig = join(directory, 'given');
  await writeFile(kubeconfig, cluster.kubeconfig);
  const { child, ended } = startDemo(['--kubeconfig', kubeconfig]);
  // A demo that ends before fails below.
  await Promise.race([cluster.asked, ended]);
  const before = cluster.requests.length;
  child.kill('SIGINT');
  const { exitCode, said } = await ended;
  expect(said).toMatch(/The cluster is the one at http:\/\/127\.0\.0\.1:\d+\n/);
  expect(said).toContain('The step was cancelled (SIGINT)');
  expect(said).toMatch(/The action, post step\n[\s\S]*\nEnded by SIGINT\.\n$/);
  expect(exitCode).toBe(1);
  expect(cluster.requests.slice(before).join('\n')).toMatch(
    /^DELETE \/apis\/coordination\.k8s\.io\/v1\/namespaces\/jackal-inject-/m,
  );
});
