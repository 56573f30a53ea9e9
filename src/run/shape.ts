import { PROOF_CPU, PROOF_MEMORY, REGISTRY_CPU, REGISTRY_MEMORY } from '../lib/limits/pods.js';

/** Requests and limits of one container: quantities by the resource's name. */
export interface ContainerResources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/**
 * How the Pods of a run are made so that the cluster takes them. The rehearsal finds it out, and what was
 * admitted there is what is created later.
 */
export interface PodShape {
  /** Whether Pods name the user that they run as; OpenShift gives each namespace users of its own. */
  readonly user: boolean;
  /** Of the registry's container. */
  readonly registry: ContainerResources;
  /** Of each container of a proof. */
  readonly proof: ContainerResources;
}

/** What Pods are made like where no admission asks for anything else. */
export const USUAL_SHAPE: PodShape = {
  user: true,
  registry: {
    requests: { cpu: '0', memory: '0' },
    limits: { cpu: REGISTRY_CPU, memory: REGISTRY_MEMORY },
  },
  proof: {
    requests: { cpu: '0', memory: '0' },
    limits: { cpu: PROOF_CPU, memory: PROOF_MEMORY },
  },
};
