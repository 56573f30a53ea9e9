import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
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

/** Namespace of the Pods in which runners are, as docs/in-cluster.md calls it. */
export const NAMESPACE = 'ci';
/** Their service account there. */
export const ACCOUNT = 'jackal-inject';

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
    await kubectl(site.cluster, 'create', 'namespace', NAMESPACE);
    return new RunnersInside(site.cluster, image, await Runner.create());
  }

  /** Creates or replaces objects, given as YAML. */
  async apply(yaml: string): Promise<void> {
    const flags = ['--kubeconfig', this.cluster.kubeconfig, '--filename', '-'];
    await run(this.cluster.kubectl, ['apply', ...flags], { input: yaml });
  }

  /** Gives the service account these rights, bound as the documentation says. */
  async grant(permissions: readonly Permission[]): Promise<void> {
    await this.apply(roleYaml(permissions, NAMESPACE));
    await this.apply(await blockUnder('A service account'));
  }

  /** Starts a Pod with the service account; steps are in it with what this returns. */
  async pod(name: string, options: Partial<RunnerPodOptions> = {}): Promise<Inside> {
    const spec = { serviceAccountName: ACCOUNT, ...options.spec };
    const place = { namespace: NAMESPACE, name, image: this.image };
    return await startRunnerPod(this.cluster, this.runner, { ...options, ...place, spec });
  }

  /** Writes an archive with so many random bytes where an earlier step would, and returns its name there. */
  async archive(tag: string, bytes: number): Promise<string> {
    const name = `${tag.replaceAll(/\W/g, '-')}.tar`;
    const { raw } = randomLayer(bytes);
    await writeTar(join(this.runner.directory, 'workspace'), dockerArchive(tag, [raw]), name);
    return name;
  }

  /** A directory for the input `injector`, since the Pods have no Rust. */
  async injectors(): Promise<string> {
    const directory = join(this.runner.directory, 'injectors');
    await mkdir(directory, { recursive: true });
    await cp(await injectorBinary(), join(directory, `injector-${ARCHITECTURE}`));
    return directory;
  }

  /** A whole job in a Pod: green, on every node, and gone afterwards. `look` is called before the post step. */
  async job(
    pod: Inside,
    inputs: Readonly<Record<string, string>>,
    look?: (main: StepResult) => Promise<void> | void,
  ): Promise<void> {
    const before = await inventory(this.cluster);
    const options = { ...pod, inputs: { ...inputs, injector: await this.injectors() } };
    const main = await this.runner.run({ ...options, env: { RUNNER_DEBUG: '1' } });
    expect([main.exitCode, main.errors, main.log]).toEqual([0, [], main.log]);
    const references: Record<string, string> = JSON.parse(main.outputs.images as string);
    await expectProofs(this.cluster, Object.values(references));
    await look?.(main);
    const post = await this.runner.run({ ...options, state: main.state });
    expect([post.exitCode, post.errors, post.warnings]).toEqual([0, [], []]);
    const isAsBefore = async () =>
      JSON.stringify(await inventory(this.cluster)) === JSON.stringify(before);
    await until('the cluster to be as it was', isAsBefore, { seconds: 30 });
    expect(await readdir(this.runner.temporaryDirectory)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.runner.endLeft();
    await deleteNamespaces(this.cluster, NAMESPACE);
    const names = ['clusterrole,clusterrolebinding', ACCOUNT];
    await kubectl(this.cluster, 'delete', '--ignore-not-found', ...names);
    await this.runner.close();
  }
}
