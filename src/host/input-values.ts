import { type Compression, parseCompression } from '../images/bytes/compression.js';
import { parseReference } from '../images/reference.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { splitItems } from '../lib/items.js';
import {
  CHUNK_MIN_BYTES,
  CONFIGMAP_MAX_BYTES,
  UPLOAD_CONCURRENCY_MAX,
} from '../lib/limits/carriers.js';
import { KIB, MIB } from '../lib/limits/units.js';

/** How bytes are to reach the registry; `way` is the only one that a stream may take. */
export interface CarrierWish {
  readonly carrier: 'auto' | 'configmap' | 'stream';
  readonly way?: 'direct' | 'api';
}

/** How nodes come to the registry on their own loopback. */
export type RouteName = 'nodeport' | 'hostport' | 'hostnetwork';

/** How long proofs stay: until the job ends, or until the nodes are proven. */
export type Keep = 'job' | 'none';

/** What a step does. */
export type Command = 'inject' | 'delete';

const ON_UNAVAILABLE_NODE = ['fail', 'warn', 'ignore'] as const;

/** What becomes of a chosen node to which no image can be brought. */
export type OnUnavailableNode = (typeof ON_UNAVAILABLE_NODE)[number];

const REWRITE = ['auto', 'policy', 'none'] as const;

/** Whether a policy of the cluster rewrites the names of images; with `auto` where it can. */
export type Rewrite = (typeof REWRITE)[number];

/** A DNS label (RFC 1123), which is what Kubernetes takes for a namespace. */
export const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Kubernetes' binary suffixes of a quantity. */
const BYTES_IN = { '': 1, Ki: KIB, Mi: MIB, Gi: 1024 * MIB } as const;
const SECONDS_IN = { s: 1, m: 60, h: 3600 } as const;

/** The items of the `images` input. Throws an ActionError when there is none. */
export function parseImages(value: string): string[] {
  const items = splitItems(value);
  if (items.length === 0) {
    throw new ActionError(
      'The input `images` is empty; give at least one image reference or archive path, one a line.',
    );
  }
  return items;
}

/** The paths and patterns of the `manifests` input, divided as `images` is. */
export function parseManifests(value: string): string[] {
  return splitItems(value);
}

/** A namespace name, checked before any request carries it. */
export function parseNamespace(name: string): string {
  if (!NAMESPACE.test(name)) {
    throw new ActionError(
      `The input \`namespace\` is "${name}", which is no namespace name; use up to 63 lower-case letters, digits and dashes.`,
    );
  }
  return name;
}

/** The name of a release, which is a label's value on all its objects. */
export function parseRelease(name: string): string {
  if (!NAMESPACE.test(name)) {
    throw new ActionError(
      `The input \`release\` is "${name}", which names no release; use up to 63 lower-case letters, digits and dashes.`,
    );
  }
  return name;
}

/** How long proofs stay; empty is `job`. */
export function parseKeep(value: string): Keep {
  if (!/^(?:job|none|)$/.test(value)) {
    throw new ActionError(`The input \`keep\` is "${value}"; give job or none.`);
  }
  return (value || 'job') as Keep;
}

/** What the step is to do; empty is `inject`. Only a release can be deleted. */
export function parseCommand(value: string, release: string): Command {
  if (!/^(?:inject|delete|)$/.test(value)) {
    throw new ActionError(`The input \`command\` is "${value}"; give inject or delete.`);
  }
  if (value === 'delete' && release === '') {
    throw new ActionError(
      'The input `command` is "delete", which needs the name of a release in the input `release`; what a job injects goes by itself when the job ends.',
    );
  }
  return (value || 'inject') as Command;
}

/** The image that the run's own Pods start from, as nodes pull it. */
export function parseInjectorImage(reference: string): string {
  try {
    parseReference(reference);
    return reference;
  } catch (cause) {
    const why = sentenceOf(cause);
    throw new ActionError(`The input \`injector-image\` cannot be pulled: ${why}`, { cause });
  }
}

/** What becomes of nodes that no image can be brought to; empty is `warn`. */
export function parseOnUnavailableNode(value: string): OnUnavailableNode {
  const known = ON_UNAVAILABLE_NODE.find((one) => one === (value || 'warn'));
  if (known === undefined) {
    throw new ActionError(
      `The input \`on-unavailable-node\` is "${value}"; give fail, warn or ignore.`,
    );
  }
  return known;
}

/** A duration such as `90`, `90s`, `10m` or `1h`, in seconds. */
export function parseTimeout(value: string): number {
  const match = /^(\d{1,6})([smh]?)$/.exec(value === '' ? '10m' : value);
  const seconds = Number(match?.[1]) * SECONDS_IN[(match?.[2] || 's') as keyof typeof SECONDS_IN];
  if (!(seconds > 0)) {
    throw new ActionError(
      `The input \`timeout\` is "${value}"; give a number of seconds above 0, or a number with s, m or h, such as 10m.`,
    );
  }
  return seconds;
}

/** A number of bytes as Kubernetes writes it, such as `256Mi`. */
export function parseBytes(input: string, value: string): number {
  const match = /^(\d{1,12})(|Ki|Mi|Gi)$/.exec(value);
  const bytes = Number(match?.[1]) * BYTES_IN[(match?.[2] ?? '') as keyof typeof BYTES_IN];
  if (!(bytes > 0)) {
    throw new ActionError(
      `The input \`${input}\` is "${value}"; give a number of bytes above 0, or a number with Ki, Mi or Gi, such as 256Mi.`,
    );
  }
  return bytes;
}

/** `auto`, or as `parseCompression` reads it; empty is `auto`. */
export function parseCompressionInput(value: string): Compression | 'auto' {
  return value === '' || value === 'auto' ? 'auto' : parseCompression(value);
}

/** The carrier: `auto`, `configmap`, `stream`, or a stream by one way alone; empty is `auto`. */
export function parseCarrier(value: string): CarrierWish {
  const match = /^(?:(auto|configmap|stream)|stream:(direct|api))$/.exec(value || 'auto');
  if (match === null) {
    throw new ActionError(
      `The input \`carrier\` is "${value}"; give auto, configmap, stream, stream:direct or stream:api.`,
    );
  }
  const [, carrier = 'stream', way] = match;
  return { carrier, ...(way && { way }) } as CarrierWish;
}

/** The route: `auto`, `nodeport`, `hostport` or `hostnetwork`; empty is `auto`. */
export function parseRoute(value: string): RouteName | 'auto' {
  if (!/^(?:auto|nodeport|hostport|hostnetwork|)$/.test(value)) {
    throw new ActionError(
      `The input \`route\` is "${value}"; give auto, nodeport, hostport or hostnetwork.`,
    );
  }
  return (value || 'auto') as RouteName | 'auto';
}

/** `auto`, `policy` or `none`; empty is `auto`. */
export function parseRewrite(value: string): Rewrite {
  const known = REWRITE.find((one) => one === (value || 'auto'));
  if (known === undefined) {
    throw new ActionError(`The input \`rewrite\` is "${value}"; give auto, policy or none.`);
  }
  return known;
}

/** The namespaces of the input `rewrite-namespaces` as one line: names between commas, a label selector, or `*`. */
export function parseRewriteNamespaces(value: string): string {
  return splitItems(value).join(',');
}

/** Platforms, separated by commas or white space, as OCI writes them: `linux/amd64`. */
export function parsePlatforms(value: string): string[] {
  const platforms = splitItems(value).flatMap((item) => item.split(/\s+/));
  const wrong = platforms.find((platform) => !/^linux\/[a-z0-9]+(\/[a-z0-9]+)?$/.test(platform));
  if (wrong !== undefined) {
    throw new ActionError(
      `The input \`platforms\` names "${wrong}"; give platforms such as linux/amd64 or linux/arm64.`,
    );
  }
  return platforms;
}

/** Bytes of a chunk, which has to fit one ConfigMap. */
export function parseChunkSize(value: string): number {
  const bytes = parseBytes('chunk-size', value);
  if (bytes < CHUNK_MIN_BYTES || bytes > CONFIGMAP_MAX_BYTES) {
    throw new ActionError(
      `The input \`chunk-size\` is "${value}"; a chunk has ${CHUNK_MIN_BYTES / KIB}Ki to ${CONFIGMAP_MAX_BYTES / KIB}Ki.`,
    );
  }
  return bytes;
}

/** How many chunks are sent at once. */
export function parseConcurrency(value: string): number {
  const count = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > UPLOAD_CONCURRENCY_MAX) {
    throw new ActionError(
      `The input \`concurrency\` is "${value}"; give a number from 1 to ${UPLOAD_CONCURRENCY_MAX}.`,
    );
  }
  return count;
}

/** `true` or `false` as YAML 1.2's core schema writes them; empty is false. */
export function parseBoolean(input: string, value: string): boolean {
  if (!/^(true|True|TRUE|false|False|FALSE|)$/.test(value)) {
    throw new ActionError(`The input \`${input}\` is "${value}"; give true or false.`);
  }
  return value.toLowerCase() === 'true';
}
