import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { ClusterNode } from '../cluster/cluster.js';
import { run } from '../cluster/command.js';
import { until } from '../cluster/until.js';
import { withoutKubelets } from './nodes/kubelets.js';
import { withPacketRule } from './nodes/packets.js';
import { expectProofs } from './proofs.js';
import { list } from './read.js';
import { registryProcesses } from './registry-processes.js';
import { Runner, type Step, type StepOptions, type StepResult } from './runner.js';
import { inventory, kubectl, type Site, site } from './site.js';

/** The label that tells what an object of a run is for. */
export type Role = 'lease' | 'chunk' | 'proof' | 'registry' | 'courier' | 'relay' | 'service';

/** What chooses the objects of a role. */
export function labelOf(role: Role): string {
  return `jackal-inject.dev/role=${role}`;
}

/** Arguments of kubectl that choose the objects of a role, in whatever namespace a run has made. */
export function ofRole(role: Role): string[] {
  return ['--all-namespaces', '--selector', labelOf(role)];
}

/** An object of a run, as arguments of kubectl: `--namespace=…` and `pod/…`. */
export type RunObject = readonly [namespace: string, object: string];

/** An object that the API server has listed. */
export function runObject(kind: 'pod' | 'configmap', { namespace, name }: V1ObjectMeta): RunObject {
  return [`--namespace=${namespace}`, `${kind}/${name}`];
}

/** What a job is given besides its images. */
export interface InjectOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Program and arguments that run the step in a place of its own. */
  readonly within?: readonly string[];
  /** As of `expectProofs`. */
  readonly digests?: boolean;
  readonly look?: (main: StepResult) => Promise<void> | void;
}

/** All NodePorts, in nft's words. */
export const NODE_PORTS = '30000-32767';

/** Jobs on the site's cluster, one after the other, each ended by a post step that leaves nothing. */
export class Jobs {
  private constructor(
    readonly here: Site,
    readonly runner: Runner,
    private readonly before: readonly string[],
  ) {}

  /** On the site that the set-up has made, or on another one. */
  static async create(other?: Site): Promise<Jobs> {
    const here = other ?? (await site());
    return new Jobs(here, await Runner.create(), await inventory(here.cluster));
  }

  /** Starts the main step with what every job here is given, and these inputs. */
  async start(
    inputs: Readonly<Record<string, string>>,
    options: Omit<StepOptions, 'inputs'> = {},
  ): Promise<Step> {
    const { cluster, dockerHost } = this.here;
    return await this.runner.start({
      ...options,
      inputs: { kubeconfig: cluster.kubeconfig, ...inputs },
      env: { DOCKER_HOST: dockerHost, RUNNER_DEBUG: '1', ...options.env },
    });
  }

  /** Awaits the main step. */
  async ended(step: Step): Promise<StepResult> {
    return await step.ended;
  }

  /** Ends jobs with their post steps, after which the cluster is as it was. */
  async end(...mains: StepResult[]): Promise<void> {
    const { cluster } = this.here;
    const inputs = { images: 'acme/any:1', kubeconfig: cluster.kubeconfig };
    for (const { state } of mains) {
      const post = await this.runner.run({ inputs, state });
      expect([post.exitCode, post.warnings]).toEqual([0, []]);
    }
    expect(await inventory(cluster)).toEqual(this.before);
    expect(await readdir(this.runner.temporaryDirectory)).toEqual([]);
  }

  /**
   * A whole job that is green: what it says that it gave runs on every node, and is gone afterwards.
   * Returns the pullable references by those given; `look` is called while the run is there.
   */
  async inject(
    lines: readonly string[],
    { inputs = {}, env = {}, within = [], digests = true, look }: InjectOptions = {},
  ): Promise<Readonly<Record<string, string>>> {
    const step = await this.start({ images: lines.join('\n'), ...inputs }, { env, within });
    const main = await this.ended(step);
    expect([main.exitCode, main.errors]).toEqual([0, []]);
    const references: Record<string, string> = JSON.parse(main.outputs.images as string);
    await expectProofs(this.here.cluster, Object.values(references), { digests });
    try {
      await look?.(main);
    } catch (error) {
      console.error(main.log);
      throw error;
    }
    await this.end(main);
    return references;
  }

  /** Ends what a test that failed half-way has left, so that the next one finds the cluster as it was. */
  async endLeft(): Promise<void> {
    if (await this.runner.endLeft()) await this.emptyTemporaryDirectory();
  }

  /** Removes the temporary copy of a killed process, which the runner does itself after a job. */
  async emptyTemporaryDirectory(): Promise<void> {
    for (const name of await readdir(this.runner.temporaryDirectory))
      await rm(join(this.runner.temporaryDirectory, name), { recursive: true });
  }

  /** Deletes a Pod of a run at once, as someone else might. */
  async delete(pod: RunObject): Promise<void> {
    const now = ['--grace-period=0', '--force', '--wait=false'];
    await kubectl(this.here.cluster, 'delete', ...now, ...pod);
  }

  /** Gives a Pod the status that a kubelet short of memory gives. */
  async evict(pod: RunObject): Promise<void> {
    const message = 'The node was low on resource: memory.';
    const status = { phase: 'Failed', reason: 'Evicted', message };
    await kubectl(
      this.here.cluster,
      ...['patch', '--subresource=status', '--type=merge', ...pod],
      `--patch=${JSON.stringify({ status })}`,
    );
  }

  /**
   * Keeps every node from hearing a registry that is on another one, but for a packet a second, until
   * `body` has ended: so no run is proven before that. A few come through, since a connection that hears
   * nothing at all waits ever longer before it tries again, also when the way is open again. A packet has up
   * to 64 KiB: what is to be held has to be new to the nodes, and some megabytes.
   */
  async withPullsHeld<T>(body: () => Promise<T>): Promise<T> {
    const rule =
      'iifname != cni0 tcp sport 5000 meta length > 100 limit rate over 1/second burst 1 packets drop';
    return await withPacketRule(this.here.cluster.nodes, { rule }, body);
  }

  /**
   * Keeps all nodes from hearing a registry, also the one that it is on, but for six packets a minute, until `body` has
   * ended. What is to be held has to be new to the nodes, and some megabytes.
   */
  async withAllPullsHeld<T>(body: () => Promise<T>): Promise<T> {
    const rule = 'tcp sport 5000 meta length > 100 limit rate over 6/minute burst 1 packets drop';
    return await withPacketRule(this.here.cluster.nodes, { rule }, body);
  }

  /** Has `end` take the registries that there are from their run while pulls are held, and the nodes know it. */
  async loseRegistry(end: () => Promise<unknown>): Promise<void> {
    const { cluster } = this.here;
    const lost = await registryProcesses(cluster);
    await end();
    const areGone = async () => {
      const left = await registryProcesses(cluster);
      return lost.every((pid) => !left.includes(pid));
    };
    await until('the lost registry to end', areGone);
    await this.endPulls();
  }

  /**
   * Ends what nodes pull through ports of their loopback, for a registry that went while its packets were held: its
   * goodbye is lost with them, and a runtime would wait for minutes, and its node's next pulls with it.
   */
  async endPulls(): Promise<void> {
    const sockets = ['ss', '--kill', '--tcp', 'state', 'established', 'dst', '127.0.0.1'];
    for (const { networkNamespace } of this.here.cluster.nodes) {
      await run('nsenter', [`--net=${networkNamespace}`, ...sockets]);
    }
  }

  /** Keeps every Pod from the port at which bytes are brought to a registry, also on its node, until `body` has ended. */
  async withDeliveriesHeld(body: () => Promise<void>): Promise<void> {
    await this.withRuleForAll('tcp dport 5001 drop', body);
  }

  /**
   * Lets every Pod come to the port at which bytes are brought to a registry, but with so few of these that it takes
   * minutes, until `body` has ended.
   */
  async withDeliveriesSlow(body: () => Promise<void>): Promise<void> {
    const rule = 'tcp dport 5001 meta length > 1000 limit rate over 1/second burst 1 packets drop';
    await this.withRuleForAll(rule, body);
  }

  /**
   * Refuses so many connections that a node itself opens to NodePorts on its loopback, as where nobody has opened them yet,
   * until `body` has ended; those behind them come through.
   */
  async withNodePortsRefused<T>(
    node: ClusterNode,
    count: number,
    body: () => Promise<T>,
  ): Promise<T> {
    const opening = `ip daddr 127.0.0.1 tcp dport ${NODE_PORTS} tcp flags & (syn | ack) == syn`;
    const rule = `${opening} limit rate 1/day burst ${count} packets reject with tcp reset`;
    return await withPacketRule([node], { rule, hook: 'output' }, body);
  }

  /** Gives no answer to what a node itself asks of ports of its loopback until `body` has ended. */
  async withLoopbackHeld<T>(node: ClusterNode, ports: string, body: () => Promise<T>): Promise<T> {
    const rule = `ip daddr 127.0.0.1 tcp dport ${ports} drop`;
    return await withPacketRule([node], { rule, hook: 'output' }, body);
  }

  /** Has every node do by a rule with each packet, also with those between two of its own Pods, until `body` has ended. */
  private async withRuleForAll(rule: string, body: () => Promise<void>): Promise<void> {
    const { nodes } = this.here.cluster;
    const between = { rule, family: 'bridge' } as const;
    await withPacketRule(nodes, { rule }, () => withPacketRule(nodes, between, body));
  }

  /** Patches the status of nodes while no kubelet is there to put it right. */
  async withNodeStatus(
    nodes: readonly ClusterNode[],
    status: object,
    body: () => Promise<void>,
  ): Promise<void> {
    await withoutKubelets(this.here.cluster, nodes, async () => {
      for (const { name } of nodes) await this.patchStatus(name, status);
      await body();
    });
  }

  /**
   * Ends a node's kubelet and has the node not Ready at once, as the controller manager says it of a node of which it
   * has not heard for 50 s.
   */
  async die(node: ClusterNode): Promise<void> {
    await node.stopComponent('kubelet');
    await this.patchStatus(node.name, {
      conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }],
    });
  }

  private async patchStatus(node: string, status: object): Promise<void> {
    const patch = ['patch', 'node', node, '--subresource=status', '--type=strategic'];
    await kubectl(this.here.cluster, ...patch, `--patch=${JSON.stringify({ status })}`);
  }

  async close(): Promise<void> {
    await this.runner.close();
  }

  /** Returns a role's objects as soon as there are at least `count`. */
  async untilThere(kind: 'pod' | 'configmap', role: Role, count = 1): Promise<RunObject[]> {
    const enough = async () => {
      const objects = await this.objects(kind, role);
      return objects.length >= count && objects;
    };
    return (await until(`${count} of the run's ${role}`, enough)) as RunObject[];
  }

  /** A role's objects; `fields` chooses among them, such as `status.phase=Running`. */
  async objects(kind: 'pod' | 'configmap', role: Role, fields?: string): Promise<RunObject[]> {
    const found = await list<{ metadata: V1ObjectMeta }>(this.here.cluster, `/api/v1/${kind}s`, {
      labels: labelOf(role),
      ...(fields && { fields }),
    });
    return found.map(({ metadata }) => runObject(kind, metadata));
  }
}
