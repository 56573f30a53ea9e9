import { ActionError } from '../lib/errors.js';
import { enumerated } from '../lib/sentences.js';
import {
  type ClusterNodes,
  leftOutSentences,
  nodesInWords,
  unavailableNodes,
} from '../preflight/nodes.js';
import { noNodeLeft } from './failure.js';
import type { ProofPlan } from './plan.js';
import { nodesToProve, type ProofImage, type ProofNode } from './pod.js';

type Place = Pick<ProofNode, 'name' | 'architecture'>;
type Sent = Pick<ProofImage, 'given' | 'platforms'>;

const gets = (node: Place, { platforms }: Sent) => platforms.includes(platformOf(node));
const platformOf = ({ architecture }: Pick<ProofNode, 'architecture'>) => `linux/${architecture}`;

/** Words for a node's platform to which none of the images was sent, to follow the node's name. */
export function nothingFor(node: Place, images: readonly Sent[]): string {
  const sent = [...new Set(images.flatMap(({ platforms }) => platforms))].sort().join(', ');
  return `is of the platform ${platformOf(node)} and gets none of ${given(images)}, which is sent for ${sent}`;
}

/**
 * Holds the images against the nodes before anything is sent. Returns sentences for the nodes that get
 * none. Throws an ActionError when there is an image that no node gets, since nothing would prove it.
 *
 * @param platforms what the input `platforms` says, where it is given
 */
export function checkCoverage(
  nodes: readonly Place[],
  images: readonly Sent[],
  platforms?: readonly string[],
): string[] {
  const idle = images.filter((image) => !nodes.some((node) => gets(node, image)));
  if (idle.length > 0) {
    const there = [...new Set(nodes.map(platformOf))].sort().join(', ');
    const advice =
      platforms === undefined
        ? 'build it for one of those'
        : `name one of those in the input \`platforms\`, which says ${platforms.join(', ')}`;
    throw new ActionError(
      `No node of the cluster can run ${given(idle)}: it would be sent for ${idle[0]?.platforms.join(', ')}, and the nodes are of ${there}; ${advice}.`,
    );
  }
  const why = platforms === undefined ? '' : ', as the input `platforms` says';
  const unserved = nodes.filter((node) => !images.some((image) => gets(node, image)));
  return leftOutSentences(
    unserved.map((node) => ({ name: node.name, reason: `${nothingFor(node, images)}${why}` })),
  );
}

/**
 * The same where nobody may list nodes, so that they are of any of these architectures. Returns a sentence for what
 * nobody will notice.
 */
export function checkArchitectures(
  architectures: readonly string[],
  images: readonly Sent[],
): string[] {
  const places = architectures.map((architecture) => ({ name: architecture, architecture }));
  const idle = images.filter((image) => !places.some((place) => gets(place, image)));
  if (idle.length > 0) {
    throw new ActionError(
      `No node can run ${given(idle)}: it would be sent for ${idle[0]?.platforms.join(', ')}, and nodes of ${places.map(platformOf).join(' and ')} can have images; build it for one of those.`,
    );
  }
  const without = places.filter((place) => !images.every((image) => gets(place, image)));
  return without.length === 0
    ? []
    : [
        `Nodes of ${without.map(platformOf).join(' and ')}, if there are any, do not get every image: the kubeconfig's user may not list nodes, so nobody knows their platforms, and not every image is sent for that one; where there are none, name the others in the input \`platforms\`.`,
      ];
}

/**
 * Holds the images against the nodes that were proven: what none of them was to run, nothing has shown, but by its like for
 * another architecture. Throws an ActionError then, and where none was proven.
 *
 * @param leftOut nodes that were lost meanwhile, with words that follow their names
 */
export function checkShown(
  proven: readonly Pick<ProofNode, 'architecture'>[],
  images: readonly Pick<ProofImage, 'given' | 'platforms' | 'elsewhere'>[],
  leftOut: ReadonlyMap<string, string>,
): void {
  if (proven.length === 0) throw noNodeLeft(leftOut);
  const shown = [...new Set(proven.map(platformOf))].sort();
  const idle = images.filter(
    ({ platforms, elsewhere = [] }) =>
      !shown.some((one) => platforms.includes(one) || elsewhere.includes(one)),
  );
  if (idle.length === 0) return;
  const lost = [...leftOut].map(([name, reason]) => ({ name, reason }));
  const why = lost.length === 0 ? '' : ` (${nodesInWords(lost)})`;
  throw new ActionError(
    `No node has shown ${given(idle)}, which is sent for ${idle[0]?.platforms.join(', ')}, and those that show the other images are of ${shown.join(', ')}${why}; build it for one of those, or run the job again when there are nodes of its platform.`,
  );
}

/** Which nodes are left out, and which that came meanwhile, or came back, are to be proven, too. */
export class Newcomers {
  /** Why nodes are left out, in words that follow their names. */
  readonly leftOut = new Map<string, string>();
  /** Nodes that are not asked for again: known before, without images, or back for the second time. */
  private readonly known: Set<string>;

  constructor(
    private readonly plan: Pick<
      ProofPlan,
      'nodes' | 'proven' | 'architectures' | 'images' | 'needsAll' | 'onLeftOut' | 'onUnserved'
    >,
  ) {
    this.known = new Set([...plan.nodes.map(({ name }) => name), ...plan.proven.keys()]);
  }

  /** Leaves out a node, which may come back once, and tells it. Throws where none may be left out. */
  leaveOut(name: string, reason: string, mayComeBack: boolean): void {
    const { needsAll, onLeftOut } = this.plan;
    if (needsAll) throw unavailableNodes([{ name, reason }]);
    if (mayComeBack && !this.leftOut.has(name)) this.known.delete(name);
    this.leftOut.set(name, reason);
    onLeftOut(name, reason);
  }

  /** Throws unless those of the Ready nodes that are proven have shown every image. */
  checkShown(ready: ClusterNodes['ready'], proven: readonly string[]): void {
    const nodes = ready.filter(({ name }) => proven.includes(name));
    checkShown(nodes, this.plan.images, this.leftOut);
  }

  /** Those of the Ready nodes that are new and can have images; the others that are new are told. Throws where none may be left out. */
  among(ready: ClusterNodes['ready']): ClusterNodes['ready'] {
    const { architectures, images, needsAll, onLeftOut, onUnserved } = this.plan;
    const came = ready.filter(({ name, pressure }) => !this.known.has(name) && !pressure);
    const served = nodesToProve(came, images);
    const able = served.filter(({ architecture }) => architectures.includes(architecture));
    for (const node of came) {
      const { name } = node;
      this.known.add(name);
      if (!served.includes(node)) {
        onUnserved(name, nothingFor(node, images));
      } else if (!able.includes(node)) {
        const reason = `joined as the first of the platform ${platformOf(node)}, for which this run has no injector; the next one has`;
        if (needsAll) throw unavailableNodes([{ name, reason }]);
        onLeftOut(name, reason);
      }
    }
    return able;
  }
}

/** The images as given: at most three of them. */
function given(images: readonly Sent[]): string {
  return enumerated([...new Set(images.map((image) => image.given))], 3);
}
