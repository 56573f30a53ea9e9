import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../../../src/run/run.js';
import { pauseImage } from '../../cluster/build/build.js';
import { type Cluster, canHost, down, up } from '../../cluster/cluster.js';
import type { RunResult } from '../../cluster/command.js';
import { type DockerEngine, dockerEngine } from '../../cluster/docker.js';
import { deleteNamespaces, docker, inventory, kubectl } from '../../helpers/site.js';
import { whyNoTools } from '../../helpers/tools.js';
import { type BuildKit, startBuildKit } from '../../integration/images/buildkit.js';
import { serveRegistry } from '../../integration/images/tools.js';
import { workplace } from '../../unit/images/fixtures.js';
import { Machine, writeProject } from './act.js';
import { MISTAKES } from './mistakes.js';
import { type Recipe, readRecipes } from './page.js';
import { TOOLS } from './stand-ins.js';

/*
 * Every workflow of docs/recipes as it stands there, executed by act: this action on a real cluster, the real programs,
 * and for actions and programs that cannot be had what `stand-ins.ts` says.
 */

const host = await canHost();
const missing = host.can ? whyNoTools('act', 'buildx', ...Object.values(TOOLS)) : host.reason;
if (missing !== undefined) console.error(`!!! The recipes are SKIPPED: ${missing}`);
const suite = missing === undefined ? describe : describe.skip;

const NAME = process.env.JACKAL_TEST_CLUSTER ?? 'recipes';
const PLATFORMS = 'platform=linux/amd64,linux/arm64';
/** What a recipe does that has Pods in the context's namespace when it ends. */
const DEPLOYS = /kubectl apply|helm upgrade/;

/** What a run leaves in the cluster that is not in its namespace, and that. */
const RUNS = ['namespace', 'mutatingadmissionpolicybinding', 'mutatingadmissionpolicy'];

const recipes = await readRecipes();

suite('recipes', () => {
  let cluster: Cluster;
  let engine: DockerEngine;
  let kit: BuildKit;
  let registry: Awaited<ReturnType<typeof serveRegistry>>;
  let machine: Machine;
  let count = 0;

  beforeAll(async () => {
    cluster = await up({ name: NAME, nodes: 2, log: console.error });
    engine = await dockerEngine({ own: true, name: NAME, log: console.error });
    kit = await startBuildKit();
    registry = await serveRegistry();
    const prepared = await workplace();
    const base = `${registry.host}/base`;
    const program = join(await pauseImage(), 'pause');
    await prepareImages(prepared, base, program);
    machine = await Machine.create({
      ...{ dockerHost: engine.host, buildKit: kit.address, base, prepared },
      ...{ kubectl: cluster.kubectl, program },
    });
  });

  // Where act was ended in the midst of a job, its run is still there for the next test to stumble on.
  afterEach(async () => {
    const ours = ['--selector', `${MANAGED_BY_LABEL}=${MANAGED_BY}`, '--wait=false'];
    for (const kind of RUNS) await kubectl(cluster, 'delete', kind, ...ours);
  });

  afterAll(async () => {
    await machine?.close();
    registry?.close();
    await kit?.close();
    await engine?.close();
    if (process.env.JACKAL_TEST_CLUSTER === undefined) await down(NAME);
  });

  /** Builds what programs would have built that cannot be had, and an image for ko to build on. */
  async function prepareImages(directory: string, base: string, program: string): Promise<void> {
    const context = join(directory, 'context');
    await writeProject(context, program);
    const to = (file: string) => `type=oci,name=acme/web:ci,dest=${join(directory, file)}`;
    await kit.run(context, '--output', to('image.tar'));
    await kit.run(context, '--opt', PLATFORMS, '--output', to('platforms.tar'));
    const push = `type=image,name=${base},push=true,registry.insecure=true`;
    await kit.run(context, '--opt', PLATFORMS, '--output', push);
  }

  /** A kubeconfig whose context has a namespace. */
  async function kubeconfigFor(namespace: string): Promise<string> {
    const text = await kubectl(cluster, 'config', 'view', '--raw', '--flatten', '--output=json');
    const config = JSON.parse(text);
    for (const { context } of config.contexts) context.namespace = namespace;
    return JSON.stringify(config);
  }

  /** Executes a recipe with an empty daemon and in a namespace of its own, after which the cluster is as it was. */
  async function execute(
    recipe: Recipe,
    look: (said: RunResult, namespace: string) => Promise<void> | void,
  ): Promise<void> {
    await docker(engine.host, 'image', 'prune', '--all', '--force');
    const before = await inventory(cluster);
    const namespace = `recipe-${++count}`;
    await kubectl(cluster, 'create', 'namespace', namespace);
    try {
      const said = await machine.execute(recipe, await kubeconfigFor(namespace));
      await look(said, namespace);
    } finally {
      await deleteNamespaces(cluster, namespace);
    }
    expect(await inventory(cluster)).toEqual(before);
  }

  /** Image and phase of each Pod of a namespace. */
  async function podsOf(namespace: string): Promise<string[]> {
    const each = '{range .items[*]}{.spec.containers[*].image} {.status.phase}{"\\n"}{end}';
    const get = ['-n', namespace, 'get', 'pods', '--output', `jsonpath=${each}`];
    const said = await kubectl(cluster, ...get);
    return said.split('\n').filter((line) => line !== '');
  }

  test.each(recipes)('$name', async (recipe) => {
    await execute(recipe, async ({ status, stdout, stderr }, namespace) => {
      const log = stdout + stderr;
      if (status !== 0) throw new Error(`act ended with ${status}:\n${log.slice(-8000)}`);
      expect(log.match(/Prove on every node: every image runs on node1, node2/g)).toHaveLength(
        recipe.injections,
      );
      const pods = await podsOf(namespace);
      if (DEPLOYS.test(recipe.workflow)) expect(pods).not.toEqual([]);
      for (const pod of pods) expect(pod).toMatch(/^127\.0\.0\.1:\d+\/\S+ Running$/);
    });
  });

  test.each(MISTAKES)('$of, $title', async ({ of, changes, says }) => {
    const recipe = recipes.find(({ name }) => name === of) as Recipe;
    let { workflow } = recipe;
    for (const [right, wrong] of changes) {
      expect(workflow).toContain(right);
      workflow = workflow.replace(right, wrong);
    }
    await execute({ ...recipe, workflow }, ({ status, stdout, stderr }) => {
      expect(stdout + stderr).toMatch(says);
      expect(status).toBe(1);
    });
  });
});
