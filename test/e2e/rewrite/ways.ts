import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../../cluster/command.js';
import { Jobs } from '../../helpers/jobs.js';
import type { StepResult } from '../../helpers/runner.js';
import { deleteNamespaces, kubectl, type Site } from '../../helpers/site.js';
import { workplace } from '../../unit/images/fixtures.js';
import { writeProgramImage } from '../kit/program-image.js';
import { Commands, writeShop } from './commands.js';
import { expectOnEveryNode } from './pods.js';
import { JOBS, ROLLOUTS, SHOP, WORKLOADS } from './shop.js';

/** A chart that many have, from the Go module that it comes with. */
const CHART = { module: 'sigs.k8s.io/metrics-server@v0.9.0', path: 'charts/metrics-server' };

/** Values of that chart: a Pod on each node, and nothing of it that answers for the API server. */
const VALUES = `--set replicas=2 --set apiService.create=false --set-json 'topologySpreadConstraints=[{
  "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule",
  "labelSelector": { "matchLabels": { "app.kubernetes.io/name": "metrics-server" } } }]'`;

/** Says where Helm 4 finds the plugin, beside those that are there. */
const PLUGINS = 'export HELM_PLUGINS="$(helm4 env HELM_PLUGINS):$PLUGINS"';

/**
 * Every way by which names of manifests become those of injected images without the cluster's help: one run, and the
 * same workloads and a public chart by each way.
 */
export function rewriteTests(where: () => Site | undefined): void {
  describe('names in manifests', () => waysOn(where));
}

function waysOn(where: () => Site | undefined): void {
  let jobs: Jobs;
  let main: StepResult;
  let commands: Commands;
  let pullable: Record<string, string>;
  let chart: { readonly place: string; readonly image: string };
  let namespace: string;
  let tests = 0;

  beforeAll(async () => {
    jobs = await Jobs.create(where());
    const { cluster } = jobs.here;
    const place = await workplace();
    chart = await fetchChart();
    const images = await Promise.all(
      [SHOP, JOBS, chart.image].map(
        async (name, index) => `${await writeProgramImage(place, `image-${index}`)} as ${name}`,
      ),
    );
    const workspace = join(jobs.runner.directory, 'workspace');
    await writeShop(workspace);
    await kubectl(cluster, 'delete', '--ignore-not-found', 'crd', ROLLOUTS.metadata.name);
    const inputs = { images: images.join('\n'), manifests: 'deploy', rewrite: 'none' };
    main = await jobs.ended(await jobs.start(inputs));
    expect([main.exitCode, main.errors, main.warnings]).toEqual([0, [], []]);
    pullable = JSON.parse(main.outputs.images as string);
    commands = new Commands(cluster, workspace, main.outputs);
    await commands.shell(`cat <<'END' | kubectl apply -f -\n${JSON.stringify(ROLLOUTS)}\nEND
      kubectl wait --timeout=300s --for=condition=Established crd/${ROLLOUTS.metadata.name}`);
  });

  // One for each, since it takes a namespace some seconds to be gone.
  beforeEach(async () => {
    namespace = `rewritten-${++tests}`;
    await kubectl(jobs.here.cluster, 'create', 'namespace', namespace);
  });

  afterEach(() => deleteNamespaces(jobs.here.cluster, namespace));

  afterAll(async () => {
    await kubectl(jobs.here.cluster, 'delete', '--ignore-not-found', 'crd', ROLLOUTS.metadata.name);
    try {
      if (main !== undefined) await jobs.end(main);
    } finally {
      await jobs.close();
    }
  });

  /** All workloads of the shop run on every node, and the kind that nobody runs has the image, too. */
  async function expectShop(): Promise<void> {
    const { cluster } = jobs.here;
    const expected = { main: pullable[SHOP] as string, init: [pullable[JOBS] as string] };
    await commands.shell(`kubectl -n ${namespace} create job now --from=cronjob/report`);
    for (const of of WORKLOADS) {
      await expectOnEveryNode(cluster, namespace, `of=${of}`, expected);
    }
    const rollout = JSON.parse(
      await kubectl(cluster, '-n', namespace, 'get', 'rollout', 'canary', '--output', 'json'),
    );
    expect(rollout.spec.template.spec.containers[0].image).toBe(expected.main);
  }

  /** Lines of a shell in the namespace, with what outputs say in its environment. */
  async function step(lines: string): Promise<string> {
    return await commands.shell(lines, {
      NAMESPACE: namespace,
      CHART: chart.place,
      KUSTOMIZATION: commands.output('kustomization'),
      RENDERER: commands.output('post-renderer'),
      PLUGIN: commands.output('helm-plugin'),
      PLUGINS: commands.output('helm-plugins'),
      COPIES: commands.output('manifests'),
    });
  }

  describe('the same manifests run on every node', () => {
    test('by a pipe', async () => {
      await step('cat deploy/shop.yaml | "$RENDERER" | kubectl -n $NAMESPACE apply -f -');
      await expectShop();
    });

    test('as copies that the step made', async () => {
      await step('kubectl -n $NAMESPACE apply -R -f "$COPIES"');
      await expectShop();
    });

    test.each([
      ['kustomize', 'kustomize build with-images | kubectl -n $NAMESPACE apply -f -'],
      ['kubectl', 'kubectl -n $NAMESPACE apply -k with-images'],
    ])(
      'by a component of Kustomize, with %s, also those that are always pulled',
      async (_, apply) => {
        await step(`mkdir -p with-images
        component=$(realpath --relative-to=with-images "$KUSTOMIZATION")
        echo "{ resources: [../overlays/ci], components: [$component] }" > with-images/kustomization.yaml
        ${apply}`);
        await expectShop();
      },
    );

    test('by Helm 3, which leaves hooks as they are', async () => {
      await step('helm3 -n $NAMESPACE install shop chart --no-hooks --post-renderer "$RENDERER"');
      await expectShop();
      const hooks = await step('helm3 -n $NAMESPACE get hooks shop');
      expect(hooks).toContain(`image: ${SHOP}`);
    });

    test('by Helm 4, with their hooks', async () => {
      await step(`${PLUGINS}
        helm4 -n $NAMESPACE install shop chart --post-renderer "$PLUGIN"`);
      await expectShop();
      await step(`${PLUGINS}
        helm4 -n $NAMESPACE install nothing nothing --post-renderer "$PLUGIN"`);
      const hooks = await step('helm4 -n $NAMESPACE get hooks shop');
      expect(hooks).toContain(`image: '${pullable[SHOP]}'`);
    });
  });

  describe('a public chart runs on every node', () => {
    afterEach(async () => {
      await step('helm3 -n $NAMESPACE uninstall --ignore-not-found metrics');
    });

    test.each([
      ['by the post-renderer of Helm 3', 'helm3', '--post-renderer "$RENDERER"'],
      ['by the plugin of Helm 4', `${PLUGINS}\nhelm4`, '--post-renderer "$PLUGIN"'],
    ])('%s', async (_, helm, renderer) => {
      await step(`${helm} -n $NAMESPACE install metrics "$CHART" ${VALUES} ${renderer}`);
      const expected = { main: pullable[chart.image] as string };
      const selector = 'app.kubernetes.io/name=metrics-server';
      await expectOnEveryNode(jobs.here.cluster, namespace, selector, expected);
    });

    test.each(['helm3', 'helm4'])('by the values that metadata gives, with %s', async (helm) => {
      const { repository, digest } = JSON.parse(commands.output('metadata'))[chart.image];
      await step(`${helm} -n $NAMESPACE install metrics "$CHART" ${VALUES} \\
        --set image.repository=${repository}@sha256 --set image.tag=${digest.slice('sha256:'.length)}`);
      const selector = 'app.kubernetes.io/name=metrics-server';
      const expected = { main: pullable[chart.image] as string };
      await expectOnEveryNode(jobs.here.cluster, namespace, selector, expected);
    });
  });
}

/** Where the chart lies, and the image that it asks for. */
async function fetchChart(): Promise<{ place: string; image: string }> {
  const { stdout } = await run('go', ['mod', 'download', '-json', CHART.module], {
    cwd: await workplace(),
  });
  const place = join(JSON.parse(stdout).Dir, CHART.path);
  const about = await run('cat', [join(place, 'Chart.yaml')]);
  const version = /^appVersion: (\S+)$/m.exec(about.stdout)?.[1];
  return { place, image: `registry.k8s.io/metrics-server/metrics-server:v${version}` };
}
