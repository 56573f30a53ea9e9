import { expect } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { ClusterNode } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { Jobs, type Role } from '../../helpers/jobs.js';
import type { StepResult } from '../../helpers/runner.js';
import { inventory, kubectl, type Site } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';
import { podsOf } from '../pods/of-run.js';

type Inputs = Readonly<Record<string, string>>;

/** What a green step of a release gives. */
export interface Released {
  readonly main: StepResult;
  /** Pullable references. */
  readonly references: readonly string[];
  /** Bytes that were sent. */
  readonly sentBytes: number;
}

/** The steps of one release on the site's cluster, each with its post step. */
export class ReleaseSteps {
  private constructor(
    readonly jobs: Jobs,
    readonly name: string,
    private readonly before: readonly string[],
    private readonly all: Inputs,
  ) {}

  /** On the site that the set-up has made, or on another one; `all` are inputs of every step. */
  static async create(name: string, other?: Site, all: Inputs = {}): Promise<ReleaseSteps> {
    const jobs = await Jobs.create(other);
    return new ReleaseSteps(jobs, name, await inventory(jobs.here.cluster), all);
  }

  get cluster() {
    return this.jobs.here.cluster;
  }

  /** A step and its post step, whatever the step comes to. */
  async step(inputs: Inputs): Promise<StepResult> {
    const main = await (await this.jobs.start({ release: this.name, ...this.all, ...inputs }))
      .ended;
    await this.post(main, inputs);
    return main;
  }

  /** The post step of a main step. */
  async post(main: StepResult, inputs: Inputs = {}): Promise<StepResult> {
    const { kubeconfig } = this.cluster;
    const given = { kubeconfig, release: this.name, images: 'acme/any:1', ...inputs };
    const post = await this.jobs.runner.run({ inputs: given, state: main.state });
    expect([post.exitCode, post.warnings]).toEqual([0, []]);
    return post;
  }

  /** A step that is green. */
  async release(images: readonly string[], inputs: Inputs = {}): Promise<Released> {
    const main = await this.step({ images: images.join('\n'), ...inputs });
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const { images: references = '{}', traffic = '{}' } = main.outputs;
    const { sentBytes } = JSON.parse(traffic);
    return { main, references: Object.values(JSON.parse(references)), sentBytes };
  }

  /** Deletes the release, after which the cluster is as it was. */
  async delete(): Promise<void> {
    const { exitCode, errors } = await this.step({ command: 'delete' });
    expect([exitCode, errors]).toEqual([0, []]);
    expect(await inventory(this.cluster)).toEqual(this.before);
  }

  /** Ends what a test has left. */
  async endLeft(): Promise<void> {
    await this.jobs.endLeft();
    await this.delete();
  }

  /** The Pods of a role, of this release or any other run. */
  async pods(role: Role): Promise<V1Pod[]> {
    return await podsOf(this.cluster, role);
  }

  /** Ends the registry's Pod and waits until another one has verified all that it holds. */
  async loseRegistry(): Promise<void> {
    const [lost] = await this.pods('registry');
    const { name = '', namespace = '', uid } = lost?.metadata ?? {};
    await this.jobs.delete([`--namespace=${namespace}`, `pod/${name}`]);
    await until('another registry', async () => {
      const [now, ...others] = await this.pods('registry');
      const isReady = now?.status?.containerStatuses?.[0]?.ready === true;
      return isReady && others.length === 0 && now?.metadata?.uid !== uid;
    });
  }

  /** Takes references from a node, and waits until its proof has got them again, from the registry. */
  async pullAgain(node: ClusterNode, references: readonly string[]): Promise<void> {
    const proof = (await this.pods('proof')).find(({ spec }) => spec?.nodeName === node.name);
    const { name = '', namespace = '', uid } = proof?.metadata ?? {};
    const cordon = (verb: string) => kubectl(this.cluster, verb, node.name);
    await cordon('cordon');
    try {
      await this.forget(node, references);
      await this.jobs.delete([`--namespace=${namespace}`, `pod/${name}`]);
    } finally {
      await cordon('uncordon');
    }
    await this.untilProven(node.name, uid);
  }

  /** Waits until a node has a proof, another one than before, all of whose containers run. */
  async untilProven(node: string, before?: string): Promise<void> {
    const runs = async () => {
      const proofs = (await this.pods('proof')).filter(({ spec }) => spec?.nodeName === node);
      const [proof, ...others] = proofs;
      const statuses = proof?.status?.containerStatuses ?? [];
      const isNew = others.length === 0 && proof?.metadata?.uid !== before;
      return isNew && statuses.length > 0 && statuses.every(({ state }) => state?.running);
    };
    await until(`a proof on ${node}`, runs);
  }

  /** Removes images from a node's runtime. */
  async forget(node: ClusterNode, references: readonly string[]): Promise<void> {
    const { ctr } = this.cluster;
    const where = ['--address', node.containerdSocket, '--namespace', 'k8s.io'];
    await run(ctr, [...where, 'images', 'rm', '--sync', ...references]);
  }
}

/** A new image of one layer of random bytes, as a line of the input `images`. */
export async function imageLine(name: string, ...sizes: number[]): Promise<string> {
  const layers = sizes.map((bytes, index) => randomLayer(bytes, `file-${index}`));
  return `${await writeImage(layers, name)} as ${name}`;
}
