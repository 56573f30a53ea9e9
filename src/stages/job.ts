import type { Pace } from '../carriers/configmaps/pace.js';
import type { CarrierRights } from '../carriers/rights.js';
import type { Inputs } from '../host/inputs.js';
import type { ImageSet } from '../images/image.js';
import type { Injector } from '../injector/obtain.js';
import type { ApiClient } from '../kube/client.js';
import type { Payload, TravelPlan } from '../payload/payload.js';
import type { LinuxNode } from '../preflight/nodes.js';
import type { Bases } from '../registry/base.js';
import type { Stages } from '../report/stages.js';
import type { Traffic } from '../report/traffic.js';
import type { Scope } from '../rewrite/admission/scope.js';
import type { Manifest } from '../rewrite/manifests.js';
import type { BaseCandidate } from '../run/pod.js';
import type { Delivery } from '../run/run.js';

/** What every stage is given. */
export interface Job {
  readonly inputs: Inputs;
  /** The log, a group a stage. */
  readonly log: Stages;
  /** Counts what travels. */
  readonly traffic: Traffic;
  /** Ends the stage under way; its reason is then what is thrown. */
  readonly signal: AbortSignal;
}

/** The images, read, and laid out as they travel. */
export interface Laid {
  readonly images: ImageSet;
  readonly payload: Payload;
}

/** A job that may write to the cluster; images that will be streamed may still be read meanwhile. */
export interface PreparedJob extends Job {
  readonly client: ApiClient;
  /** Name of the kubeconfig's context that leads to the cluster. */
  readonly context: string;
  /** The nodes that are to get images; none where nobody may list them. */
  readonly nodes: readonly LinuxNode[];
  /** Whether the user may not list nodes, so that the proof finds them. */
  readonly nodesUnlisted: boolean;
  /** Nodes that no DaemonSet is to be on. */
  readonly notOn: readonly string[];
  /** Whether admission has refused terms that keep Pods off nodes that no image can be brought to. */
  readonly unfitToo?: boolean | undefined;
  /** Kubernetes' version as the server tells it. */
  readonly version: string;
  readonly injectors: readonly Injector[];
  /** The files of the input `manifests`. */
  readonly manifests: readonly Manifest[];
  /** What is known of what travels. */
  readonly plan: TravelPlan;
  /** Fulfilled when the images are read. */
  readonly laid: Promise<Laid>;
  /** Why there can be no stream, as words that follow "because". */
  readonly obstacle?: string | undefined;
  /** How chunks are cut and sent. */
  readonly pace: Pace;
  /** The most bytes that it has in ConfigMaps at once. */
  readonly configMapBytes: number;
  /** What the user may do of what carriers need. */
  readonly rights: CarrierRights;
  /** Whether the Service is to lead to the registry only when that runs: a release's leads to whatever is in use. */
  readonly leadsLater: boolean;
  /** Whether the runner is on the network of the cluster's nodes, as far as could be seen. */
  readonly near: boolean;
  /** Bytes of the control plane's database, where it says so; asked early, since the answer takes the API server long. */
  readonly databaseBytes: Promise<number | undefined>;
  /** The cluster's default StorageClass, where a release asks for it and the user may know. */
  readonly storageClass?: string | undefined;
  /** kube-proxy's mode, where the cluster tells it and the route depends on it. */
  readonly proxyMode: Promise<string | undefined>;
  /** Where a policy is to rewrite the names of images; undefined where none is to. */
  readonly rewriteIn: Scope | undefined;
  /** Ends the reading, and whatever else began in Prepare. */
  readonly end: () => void;
}

/** A job of which the cluster has said how it takes what comes. */
export interface RehearsedJob extends PreparedJob {
  /** Where the registry can start. */
  readonly bases: readonly BaseCandidate[];
  /** Where a Pod can start on any node. */
  readonly candidates: Bases;
  /** Whether the cluster has every image pulled anew for each Pod. */
  readonly pullsAnew: boolean;
  /** How the Pods are made. */
  readonly shape: NonNullable<Delivery['shape']>;
  /** The most ConfigMaps with the images' bytes that quotas leave room for; Infinity where none says. */
  readonly configMaps: number;
}
