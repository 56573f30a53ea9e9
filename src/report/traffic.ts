import type { Sent } from '../carriers/stream/totals.js';
import { info, setOutput } from '../host/runner.js';
import { contentsFor } from '../images/contents.js';
import type { Image } from '../images/image.js';
import { NODES_NAMED_MAX } from '../lib/limits/run.js';
import type { Carrier } from '../payload/payload.js';
import type { LinuxNode } from '../preflight/nodes.js';
import { nodeFinder } from '../registry/clients.js';
import { type ProgressLines, streamProgress } from './progress.js';
import { inMegabytes } from './units.js';

/** A way of a stream, and how it is called in a sentence: `straight to 10.0.0.7:5001`. */
export interface DialledWay {
  readonly kind: 'direct' | 'api';
  readonly words: string;
}

/** What travelled, and what did not have to. Bytes and milliseconds. */
export interface Travelled {
  readonly carrier: Carrier;
  /** How the stream was dialled; undefined without one. */
  readonly way?: DialledWay | undefined;
  readonly sentBytes: number;
  /** Of these, what was sent again after something broke. */
  readonly resentBytes: number;
  /** Time in which something was sent. */
  readonly milliseconds: number;
  /** For each node what it pulled, and what it had, but for those of which nobody could count it. */
  readonly nodes: readonly NodeTraffic[];
}

/** Nodes whose bytes are told in the summary and the outputs. */
export const TRAFFIC_NODES_MAX = 100;

/** What one node pulled of what the images need, and what it had. */
export interface NodeTraffic {
  readonly node: string;
  readonly pulledBytes: number;
  readonly hadBytes: number;
}

/** Counts what travels, over all attempts of a run. */
export class Traffic {
  private carrier: Carrier = 'configmap';
  private way: DialledWay | undefined;
  private sentBytes = 0;
  private resentBytes = 0;
  private milliseconds = 0;
  private registryNode: string | undefined;
  private uncounted = false;
  /** Bytes by digest, by the client that asked. */
  private readonly pulls = new Map<string, Map<string, number>>();

  /** Books what a carrier brought, and when it was at work. */
  sent(
    carrier: Carrier,
    sums: Pick<Travelled, 'sentBytes' | 'milliseconds'> &
      Partial<Pick<Travelled, 'resentBytes' | 'way'>>,
  ): void {
    // The words of a way that was given up are not those of what came after it.
    this.way = sums.way ?? (carrier === this.carrier ? this.way : undefined);
    this.carrier = carrier;
    this.sentBytes += sums.sentBytes;
    this.resentBytes += sums.resentBytes ?? 0;
    this.milliseconds += sums.milliseconds;
  }

  /** Bytes that were sent so far, what was sent again included. */
  get soFar(): number {
    return this.sentBytes;
  }

  /** Says which node the registry is on. */
  servedFrom(node: string): void {
    this.registryNode = node;
  }

  /** The node that the registry is on, or was last. */
  get servedOn(): string | undefined {
    return this.registryNode;
  }

  /** Says that some of what is pulled from now on is not told. */
  cannotCount(): void {
    this.uncounted = true;
  }

  /** Books that a client pulled content; the same once more is nothing new. */
  pulled(client: string, digest: string, bytes: number): void {
    const of = this.pulls.get(client) ?? new Map<string, number>();
    this.pulls.set(client, of.set(digest, bytes));
  }

  /** The sums, for nodes that run all of these images. `known` are all whose addresses are known. */
  travelled(
    images: readonly Image[],
    nodes: readonly LinuxNode[],
    known: readonly LinuxNode[] = nodes,
  ): Travelled {
    const { carrier, way, sentBytes, resentBytes, milliseconds } = this;
    return {
      ...{ carrier, way, sentBytes, resentBytes, milliseconds },
      nodes: this.uncounted ? [] : this.perNode(images, nodes, known),
    };
  }

  /**
   * Tells the node of a client. The node that the registry is on asks by the address that it has on its own
   * Pods' network, which not every cluster tells: a single stranger is that one when all others asked by their own.
   */
  private finder(
    nodes: readonly LinuxNode[],
    known: readonly LinuxNode[],
  ): (client: string) => string | undefined {
    const find = nodeFinder(known);
    const found = [...this.pulls.keys()].map(find);
    const strangers = found.filter((node) => node === undefined);
    const seen = new Set(found);
    const [host, ...others] = nodes.filter(({ name }) => !seen.has(name));
    const isHost =
      strangers.length === 1 && others.length === 0 && host?.name === this.registryNode;
    return (client) => find(client) ?? (isHost ? host?.name : undefined);
  }

  private perNode(
    images: readonly Image[],
    nodes: readonly LinuxNode[],
    known: readonly LinuxNode[],
  ): NodeTraffic[] {
    const byNode = new Map<string, Map<string, number>>();
    const find = this.finder(nodes, known);
    let strangers = 0;
    for (const [client, digests] of this.pulls) {
      const node = find(client);
      if (node === undefined) strangers++;
      else byNode.set(node, new Map([...(byNode.get(node) ?? []), ...digests]));
    }
    // Of one that never asked by its own address nothing is known where something may have hidden it.
    const counted = strangers === 0 ? nodes : nodes.filter(({ name }) => byNode.has(name));
    return counted.map(({ name, architecture }) => {
      const needed = contentsFor(images, `linux/${architecture}`);
      const pulled = byNode.get(name);
      const bytes = [...needed].map(([digest, size]) => [pulled?.has(digest) === true, size]);
      const sum = (was: boolean) =>
        bytes.reduce((total, [is, size]) => total + (is === was ? Number(size) : 0), 0);
      return { node: name, pulledBytes: sum(true), hadBytes: sum(false) };
    });
  }
}

const HOW: Readonly<Record<Carrier, string>> = {
  configmap: 'as ConfigMaps',
  stream: 'as a stream',
  courier: 'as ConfigMaps by couriers',
};

/**
 * Does work that sends on demand, tells now and then how far it is, and books what was sent, however it ends. Throws what the work throws.
 */
export async function booked<Result extends Sent>(
  traffic: Traffic,
  { carrier, way }: Pick<Travelled, 'carrier' | 'way'>,
  lines: ProgressLines,
  work: (onProgress: (sent: Sent) => void) => Promise<Result>,
): Promise<Result> {
  const tell = streamProgress(lines);
  let sent: Sent | undefined;
  try {
    const result = await work((sums) => {
      sent = sums;
      tell(sums.bytesSent);
    });
    sent = result;
    return result;
  } finally {
    if (sent !== undefined) {
      const { bytesSent: sentBytes, bytesResent: resentBytes, milliseconds } = sent;
      traffic.sent(carrier, { sentBytes, resentBytes, milliseconds, way });
    }
  }
}

/**
 * Such as `12.1 MB were sent as a stream, straight to the registry, at 310.0 MB/s; a: 9.0 MB pulled, 3.1 MB
 * there already.`
 */
export function travelledLine(travelled: Travelled): string {
  const { carrier, way, sentBytes, resentBytes, nodes } = travelled;
  const how = `${HOW[carrier]}${way ? `, ${way.words}` : ''}`;
  const again = resentBytes > 0 ? `, of which ${inMegabytes(resentBytes)} twice` : '';
  const speed = speedOf(travelled);
  const perNode = nodes.slice(0, NODES_NAMED_MAX).map(nodeLine);
  const others = nodes.slice(NODES_NAMED_MAX);
  if (others.length > 0) {
    perNode.push(`${nodeLine(sumOf(others))} together`);
  }
  const sent = `${inMegabytes(sentBytes)} were sent ${how}${again}${speed && `, at ${speed}`}`;
  return `${[sent, ...perNode].join('; ')}.`;
}

function nodeLine({ node, pulledBytes, hadBytes }: NodeTraffic): string {
  return `${node} pulled ${inMegabytes(pulledBytes)} and had ${inMegabytes(hadBytes)}`;
}

function sumOf(nodes: readonly NodeTraffic[]): NodeTraffic {
  const sum = (of: 'pulledBytes' | 'hadBytes') => nodes.reduce((all, node) => all + node[of], 0);
  const node = `${nodes.length} more nodes`;
  return { node, pulledBytes: sum('pulledBytes'), hadBytes: sum('hadBytes') };
}

/** Such as `52.3 MB/s`; empty when nothing was sent. */
export function speedOf({ sentBytes, milliseconds }: Travelled): string {
  return milliseconds > 0 ? `${megabytesPerSecond(sentBytes, milliseconds)} MB/s` : '';
}

function megabytesPerSecond(bytes: number, milliseconds: number): string {
  return (bytes / 1e3 / Math.max(milliseconds, 1)).toFixed(1);
}

/** Tells what travelled, in the log and as the output `traffic`. `imageBytes` is what the images have. */
export function setTraffic(travelled: Travelled, imageBytes: number): void {
  info(travelledLine(travelled));
  setOutput('traffic', trafficOutput(travelled, imageBytes));
}

/** The output `traffic`. Of many nodes it tells the first ones: outputs have a bound for a whole job. */
export function trafficOutput(travelled: Travelled, imageBytes: number): string {
  const { carrier, way, sentBytes, resentBytes, milliseconds, nodes } = travelled;
  return JSON.stringify({
    carrier,
    way: way?.kind,
    ...{ imageBytes, sentBytes, resentBytes },
    milliseconds: Math.round(milliseconds),
    megabytesPerSecond: Number(megabytesPerSecond(sentBytes, milliseconds)),
    nodes: nodes
      .slice(0, TRAFFIC_NODES_MAX)
      .map(({ node, ...bytes }) => ({ name: node, ...bytes })),
  });
}
