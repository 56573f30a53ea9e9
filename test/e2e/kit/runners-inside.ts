import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type Permission, roleYaml } from '../../../src/preflight/permissions.js';
import type { Cluster } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { ARCHITECTURE, injectorBinary } from '../../helpers/injector-binary.js';
import { Jobs } from '../../helpers/jobs.js';
import { expectProofs } from '../../helpers/proofs.js';
import { REPOSITORY, Runner, type StepOptions, type StepResult } from '../../helpers/runner.js';
import { deleteNamespaces, inventory, kubectl, type Site } from '../../helpers/site.js';
import { dockerArchive, writeTar } from '../../unit/images/fixtures.js';
import { randomLayer } from './random-image.js';
import { type RunnerPodOptions, startRunnerPod, writeRunnerImage } from './runner-pod.js';

/** What docs/in-cluster.md calls the namespace of runners, and that of runs. */
export const RUNNERS = 'arc-runners';
export const RUNS = 'ci';
/** What it calls the runners' service account, and all else of ours. */
export const NAME = 'jackal-inject';
/** Where it mounts the injector. */
const INJECTOR = '/opt/jackal-inject';

/** The first block of YAML under a heading of docs/in-cluster.md. */
export async function blockUnder(heading: string): Promise<string> {
  const page = await readFile(join(REPOSITORY, 'docs/in-cluster.md'), 'utf8');
  const section = page.split(/^#+ /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const block = /```yaml\n(.*?)```/s.exec(section)?.[1];
  if (block === undefined) throw new Error(`docs/in-cluster.md has no YAML under "${heading}".`);
  return block;
}

/** Brings an image onto every node by the action, from outside, and returns its reference there. */
export async function bring(
  site: Site,
  write: (directory: string) => Promise<string>,
): Promise<string> {
  const jobs = await Jobs.create(site);
  try {
    const archive = await write(jobs.runner.directory);
    const references = await jobs.inject([archive], { inputs: { rewrite: 'none' } });
    return references[archive] as string;
  } finally {
    await jobs.close();
  }
}

/** How a step's bytes went: carrier and, of a stream, the way. */
export function wayOf({ outputs }: StepResult): string[] {
  const { carrier, way } = JSON.parse(outputs.traffic as string);
  return [carrier, way];
}

/** What a step is started with to run in a Pod. */
export type Inside = Pick<StepOptions, 'within' | 'bundle'>;

/** Runners in Pods of a cluster: their image is brought there by the action, from outside. */
export class RunnersInside {
  private constructor(
    readonly cluster: Cluster,
    private readonly image: string,
    readonly runner: Runner,
  ) {}

  static async create(site: Site): Promise<RunnersInside> {
    const image = await bring(site, writeRunnerImage);
    const runner = await Runner.create();
    const binary = join(runner.directory, `injector-${ARCHITECTURE}`);
    await cp(await injectorBinary(), binary);
    await kubectl(site.cluster, 'create', 'namespace', RUNNERS);
    const ofRunners = ['--namespace', RUNNERS, `--from-file=${binary}`];
    await kubectl(site.cluster, 'create', 'configmap', NAME, ...ofRunners);
    return new RunnersInside(site.cluster, image, runner);
  }

  /** Creates or replaces objects, given as YAML. */
  async apply(yaml: string): Promise<void> {
    const flags = ['--kubeconfig', this.cluster.kubeconfig, '--filename', '-'];
    await run(this.cluster.kubectl, ['apply', ...flags], { input: yaml });
  }

  /** Gives the service account these rights, bound as the documentation says. */
  async grant(permissions: readonly Permission[]): Promise<void> {
    await this.apply(await blockUnder('A service account'));
    await this.apply(roleYaml(permissions, RUNS));
  }

  /** Starts a Pod with the service account; steps are in it with what this returns. */
  async pod(name: string, options: Partial<RunnerPodOptions> = {}): Promise<Inside> {
    const { spec, volumes = [], volumeMounts = [], env = [] } = options;
    return await startRunnerPod(this.cluster, this.runner, {
      ...{ namespace: RUNNERS, name, image: this.image, env },
      spec: { serviceAccountName: NAME, ...spec },
      volumes: [{ name: 'injector', configMap: { name: NAME } }, ...volumes],
      volumeMounts: [{ name: 'injector', mountPath: INJECTOR }, ...volumeMounts],
    });
  }

  /** Writes an archive with so many random bytes where an earlier step would, and returns its name there. */
  async archive(tag: string, bytes: number): Promise<string> {
    const name = `${tag.replaceAll(/\W/g, '-')}.tar`;
    const { raw } = randomLayer(bytes);
    await writeTar(join(this.runner.directory, 'workspace'), dockerArchive(tag, [raw]), name);
    return name;
  }

  /** A whole job in a Pod: green, on every node, and gone afterwards. `look` is called before the post step. */
  async job(
    pod: Inside,
    inputs: Readonly<Record<string, string>>,
    look?: (main: StepResult) => Promise<void> | void,
  ): Promise<void> {
    const before = await inventory(this.cluster);
    const options = { ...pod, inputs: { ...inputs, injector: INJECTOR } };
    const main = await this.runner.run({ ...options, env: { RUNNER_DEBUG: '1' } });
    expect([main.exitCode, main.errors, main.log]).toEqual([0, [], main.log]);
    const references: Record<string, string> = JSON.parse(main.outputs.images as string);
    await expectProofs(this.cluster, Object.values(references));
    await look?.(main);
    const post = await this.runner.run({ ...options, state: main.state });
    expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
    const isAsBefore = async () =>
      JSON.stringify(await inventory(this.cluster)) === JSON.stringify(before);
    await until('the cluster to be as it was', isAsBefore);
    expect(await readdir(this.runner.temporaryDirectory)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.runner.endLeft();
    await deleteNamespaces(this.cluster, RUNNERS, RUNS);
    const names = ['clusterrole,clusterrolebinding', NAME];
    await kubectl(this.cluster, 'delete', '--ignore-not-found', ...names);
    await this.runner.close();
  }
}
