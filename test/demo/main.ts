import { parseArgs } from 'node:util';
import { connect } from '../../src/kube/connect.js';
import { ActionError, sentenceOf } from '../../src/lib/errors.js';
import { buildPrerequisites } from '../cluster/build/prerequisites.js';
import { down, prerequisites, up } from '../cluster/cluster.js';
import { dockerEngine } from '../cluster/docker.js';
import { Runner } from '../helpers/runner.js';
import { buildPage, PAGE_IMAGE } from './page.js';
import { type Say, say } from './say.js';
import { inventoryOf, removeWorkload, showPages, startWorkload } from './workload.js';

const CLUSTER = 'demo';

/** The main job for a newcomer: from an empty machine to a page served by an injected image. */
async function demo(keep: boolean): Promise<void> {
  const given = process.env.KUBECONFIG;
  await checkMachine(given);
  const docker = await say.step('Docker engine', () => dockerEngine({ log: say.detail }));
  try {
    await say.step(`Build ${PAGE_IMAGE}: a web page server in Go, FROM scratch`, () =>
      buildPage(docker.host),
    );
    const kubeconfig = given ?? (await startCluster());
    await injectAndUse(kubeconfig, docker.host);
    if (given === undefined && keep) {
      say.line(`The cluster goes on: export KUBECONFIG=${kubeconfig}`);
      say.line(`End it with: npm run cluster -- down --name ${CLUSTER}`);
    }
  } finally {
    await docker.close();
    if (given === undefined && !keep) {
      await say.step('Take the cluster down', () => down(CLUSTER));
    }
  }
}

/** Names at once everything that is missing and cannot be installed here. */
async function checkMachine(given: string | undefined): Promise<void> {
  const missing = given === undefined ? await prerequisites() : await buildPrerequisites();
  if (missing.length > 0) {
    throw new ActionError(`This machine lacks what the demo needs:\n- ${missing.join('\n- ')}`);
  }
}

async function startCluster(): Promise<string> {
  const cluster = await say.step('A real Kubernetes of two nodes on this machine', () =>
    up({ name: CLUSTER, nodes: 2, log: say.detail }),
  );
  say.line(
    `Kubernetes ${cluster.kind.kubernetes}, ${cluster.nodes.map(({ name }) => name).join(', ')}`,
  );
  return cluster.kubeconfig;
}

/** The action as a runner runs it, a Deployment of its image, and the post step. */
async function injectAndUse(kubeconfig: string, dockerHost: string): Promise<void> {
  const runner = await Runner.create();
  const { client } = await connect({ kubeconfig, env: process.env });
  try {
    const before = await inventoryOf(client);
    const inputs = { images: PAGE_IMAGE, kubeconfig };
    const env = { DOCKER_HOST: dockerHost };
    say.title('The action, main step');
    const main = await runner.run({ inputs, env, onLog: say.log });
    if (main.exitCode !== 0) throw new ActionError('The main step failed; its log is above.');
    const image = JSON.parse(main.outputs.images as string)[PAGE_IMAGE];
    say.line(`The image is now ${image}`);
    try {
      const pods = await say.step('A Deployment with a Pod on each node', () =>
        startWorkload(client, image),
      );
      await showPages(client, pods, say as Say);
    } finally {
      await removeWorkload(client);
      say.title('The action, post step');
      await runner.run({ inputs, state: main.state, onLog: say.log });
    }
    const after = await inventoryOf(client);
    const left = after.filter((name) => !before.includes(name));
    if (left.length > 0) throw new ActionError(`This is left in the cluster: ${left.join(', ')}.`);
    say.line('Nothing of it is left in the cluster.');
    say.title('Where the time went');
    say.table(main.summary);
  } finally {
    client.close();
    await runner.close();
  }
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
await demo(values.keep).catch((error: unknown) => {
  console.error(`\n${error instanceof ActionError ? error.message : sentenceOf(error)}`);
  process.exitCode = 1;
});
