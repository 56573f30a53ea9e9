import type { Compression } from '../images/bytes/compression.js';
import { atHome } from '../lib/files/paths.js';
import {
  type CarrierWish,
  type Command,
  type Keep,
  type OnUnavailableNode,
  parseBoolean,
  parseBytes,
  parseCarrier,
  parseChunkSize,
  parseCommand,
  parseCompressionInput,
  parseConcurrency,
  parseImages,
  parseInjectorImage,
  parseKeep,
  parseManifests,
  parseNamespace,
  parseOnUnavailableNode,
  parsePlatforms,
  parseRelease,
  parseRewrite,
  parseRewriteNamespaces,
  parseRoute,
  parseTimeout,
  type Rewrite,
  type RouteName,
} from './input-values.js';
import { parseLabels } from './labels.js';
import { inputOf } from './runner.js';

/** What the user asked for; nothing else in the action reads an input. */
export interface Inputs {
  /** The items of `images`, each a source and perhaps its new name. */
  readonly images: readonly string[];
  /** Paths and patterns of manifests of which there are to be copies with injected images. */
  readonly manifests?: readonly string[];
  /** Path or content of a kubeconfig. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Label selector of the nodes that are to get images; the API server reads it. All when undefined. */
  readonly nodes?: string;
  /** What becomes of a chosen node to which no image can be brought. */
  readonly onUnavailableNode: OnUnavailableNode;
  /** Where the run works; without it the run makes a namespace of its own. */
  readonly namespace?: string;
  /** Directory with the injector's binaries, for runners that can neither build nor download them. */
  readonly injector?: string;
  /** What the run's own Pods start from, in place of an image that is on their node. */
  readonly injectorImage?: string;
  /** Seconds. */
  readonly timeout: number;
  /** Bytes that the run may put into ConfigMaps. */
  readonly configMapBudget: number;
  /** Bytes of a chunk, when pinned. */
  readonly chunkSize?: number;
  /** Chunks sent at once, when pinned. */
  readonly concurrency?: number;
  /** Platforms to send, instead of those of the nodes: `os/architecture`. */
  readonly platforms?: readonly string[];
  /** How layers travel that come uncompressed; `auto` fits it to the way. */
  readonly compression: Compression | 'auto';
  /** How bytes reach the registry. */
  readonly carrier: CarrierWish;
  /** How nodes come to the registry. */
  readonly route: RouteName | 'auto';
  readonly allowMissingPlatforms: boolean;
  /** The name under which the images stay in the cluster, from step to step; they end with the job when undefined. */
  readonly release?: string;
  /** How long proof Pods hold the images of a job against the kubelets' collection. */
  readonly keep: Keep;
  /** What the step is to do. */
  readonly command: Command;
  /** Whether the cluster is to rewrite the names of images. */
  readonly rewrite: Rewrite;
  /** Where it does, as the user wrote it. */
  readonly rewriteNamespaces: string;
  /** Labels for every object that the run creates. */
  readonly labels?: Readonly<Record<string, string>>;
  /** URL of the workflow run's attempt that this is part of. */
  readonly workflow?: string;
}

/** Reads and checks every input; throws an ActionError that names the input, its value and what is allowed. */
export function readInputs(): Inputs {
  const chunkSize = inputOf('chunk-size');
  const concurrency = inputOf('concurrency');
  const platforms = inputOf('platforms');
  const nodes = inputOf('nodes');
  const namespace = inputOf('namespace');
  const injector = inputOf('injector');
  const injectorImage = inputOf('injector-image');
  const release = inputOf('release');
  const command = parseCommand(inputOf('command'), release);
  const labels = inputOf('labels');
  const manifests = inputOf('manifests');
  const workflow = workflowOf(process.env);
  return {
    ...readConnectionInputs(),
    ...(chunkSize && { chunkSize: parseChunkSize(chunkSize) }),
    ...(concurrency && { concurrency: parseConcurrency(concurrency) }),
    ...(platforms && { platforms: parsePlatforms(platforms) }),
    ...(nodes && { nodes }),
    ...(namespace && { namespace: parseNamespace(namespace) }),
    ...(injector && { injector: atHome(injector) }),
    ...(injectorImage && { injectorImage: parseInjectorImage(injectorImage) }),
    ...(release && { release: parseRelease(release) }),
    ...(labels && { labels: parseLabels(labels) }),
    ...(manifests && { manifests: parseManifests(manifests) }),
    ...(workflow && { workflow }),
    onUnavailableNode: parseOnUnavailableNode(inputOf('on-unavailable-node')),
    compression: parseCompressionInput(inputOf('compression')),
    carrier: parseCarrier(inputOf('carrier')),
    route: parseRoute(inputOf('route')),
    allowMissingPlatforms: parseBoolean(
      'allow-missing-platforms',
      inputOf('allow-missing-platforms'),
    ),
    images: command === 'delete' ? [] : parseImages(inputOf('images')),
    keep: parseKeep(inputOf('keep')),
    command,
    rewrite: parseRewrite(inputOf('rewrite')),
    rewriteNamespaces: parseRewriteNamespaces(inputOf('rewrite-namespaces')),
    timeout: parseTimeout(inputOf('timeout')),
    configMapBudget: parseBytes('configmap-budget', inputOf('configmap-budget') || '64Mi'),
  };
}

/** The inputs that say which cluster; the post step needs no others. */
export function readConnectionInputs(): Pick<Inputs, 'kubeconfig' | 'context'> {
  const kubeconfig = inputOf('kubeconfig');
  const context = inputOf('context');
  return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}

/**
 * URL of the workflow run's attempt by the runner's environment; undefined where a part is missing, and
 * with Gitea and Forgejo, which count attempts by job, so that an earlier one may still go on.
 */
export function workflowOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.GITEA_ACTIONS || env.FORGEJO_ACTIONS) {
    return undefined;
  }
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
  return GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID && GITHUB_RUN_ATTEMPT
    ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`
    : undefined;
}
