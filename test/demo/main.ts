import { parseArgs } from 'node:util';
import { connect } from '../../src/kube/connect.js';
import { ActionError, sentenceOf } from '../../src/lib/errors.js';
import { buildPrerequisites } from '../cluster/build/prerequisites.js';
import { down, prerequisites, up } from '../cluster/cluster.js';
import { dockerEngine } from '../cluster/docker.js';
import { Runner, type StepOptions, type StepResult } from '../helpers/runner.js';
import { buildPage, PAGE_IMAGE } from './page.js';
import { say } from './say.js';
import { inventoryOf, usePage } from './workload.js';

const CLUSTER = 'demo';

/** What may be asked of the demo. */
interface Wishes {
  /** Lets its cluster go on afterwards. */
  readonly keep: boolean;
  /**
   * Path of the kubeconfig of a cluster to use instead of one of its own. That of the environment is not asked: it may
   * lead to where people work.
   */
  readonly kubeconfig?: string;
}

/**
 * The main job for a newcomer: from an empty machine to a page served by an injected image. When the signal is aborted, and
 * whatever else ends it, what it has started is taken down.
 */
async function demo({ keep, kubeconfig: given }: Wishes, signal: AbortSignal): Promise<void> {
  await checkMachine(given);
  const docker = await say.step('Docker engine', () => dockerEngine({ log: say.detail }));
  try {
    await say.step(`Build ${PAGE_IMAGE}: a web page server in Go, FROM scratch`, () =>
      buildPage(docker.host, signal),
    );
    const use = (kubeconfig: string) => injectAndUse(kubeconfig, docker.host, signal);
    await (given === undefined ? withCluster(keep, use, signal) : use(given));
  } finally {
    await docker.close();
  }
}

/** Names at once everything that is missing and cannot be installed here. */
async function checkMachine(given: string | undefined): Promise<void> {
  const missing = given === undefined ? await prerequisites() : await buildPrerequisites();
  if (missing.length > 0) {
    throw new ActionError(`This machine lacks what the demo needs:\n- ${missing.join('\n- ')}`);
  }
}

/** Does something with a cluster of the demo's own. */
async function withCluster(
  keep: boolean,
  use: (kubeconfig: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const cluster = await say.step('A real Kubernetes of two nodes on this machine', () =>
      up({ name: CLUSTER, nodes: 2, log: say.detail, signal }),
    );
    say.line(
      `Kubernetes ${cluster.kind.kubernetes}, ${cluster.nodes.map(({ name }) => name).join(', ')}`,
    );
    await use(cluster.kubeconfig);
    if (keep) {
      say.line(`The cluster goes on: export KUBECONFIG=${cluster.kubeconfig}`);
      say.line(`End it with: npm run cluster -- down --name ${CLUSTER}`);
    }
  } finally {
    if (!keep || signal.aborted) await say.step('Take the cluster down', () => down(CLUSTER));
  }
}

/** The action as a runner runs it, a Deployment of its image, and the post step. */
async function injectAndUse(
  kubeconfig: string,
  dockerHost: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, server } = await connect({ kubeconfig, env: process.env, signal });
  const runner = await Runner.create();
  try {
    say.line(`The cluster is the one at ${server}`);
    const before = await inventoryOf(client, signal);
    const inputs = { images: PAGE_IMAGE, kubeconfig };
    const env = { DOCKER_HOST: dockerHost };
    const main = await runStep('main', runner, { inputs, env }, signal);
    try {
      signal.throwIfAborted();
      if (main.exitCode !== 0) throw new ActionError('The main step failed; its log is above.');
      const image = JSON.parse(main.outputs.images as string)[PAGE_IMAGE];
      say.line(`The image is now ${image}`);
      await usePage(client, image, signal);
    } finally {
      await runStep('post', runner, { inputs, state: main.state });
    }
    const left = (await inventoryOf(client, signal)).filter((name) => !before.includes(name));
    if (left.length > 0) throw new ActionError(`This is left in the cluster: ${left.join(', ')}.`);
    say.line('Nothing of it is left in the cluster.');
    say.title('Where the time went');
    say.table(main.summary);
  } finally {
    client.close();
    await runner.close();
  }
}

/** Runs a step of the action to its end, of which it is told as runners do it when the signal is aborted. */
async function runStep(
  name: string,
  runner: Runner,
  options: StepOptions,
  signal?: AbortSignal,
): Promise<StepResult> {
  say.title(`The action, ${name} step`);
  const step = await runner.start({ ...options, onLog: say.log });
  const cancel = () => step.process.kill('SIGINT');
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) cancel();
  const result = await step.ended;
  signal?.removeEventListener('abort', cancel);
  for (const { kind, text } of result.annotations) say.line(`${kind}: ${text}`);
  return result;
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupt.abort(new ActionError(`Ended by ${signal}.`)));
}
try {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, kubeconfig: { type: 'string' } },
  });
  await demo(values, interrupt.signal);
} catch (error) {
  console.error(`\n${error instanceof ActionError ? error.message : sentenceOf(error)}`);
  process.exitCode = 1;
}
