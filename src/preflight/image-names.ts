import type { V1Pod } from '@kubernetes/client-node';
import type { Refusal, Trial } from './dry-run.js';

/** Pods of a run as samples, and how one of them is tried. */
export interface NamedSamples {
  readonly registry: V1Pod | undefined;
  readonly proofs: readonly V1Pod[];
  readonly dryRun: (what: string, pod: V1Pod) => Promise<Trial>;
}

/** What samples are called in a sentence. */
export const REGISTRY = "the registry's Pod";
export const PROOFS = "the proofs' Pods";

/** What stands before the name of every image that a run brings: each node's own loopback. */
const LOOPBACK = '127.0.0.1:';

/**
 * Says of refused Pods whether it is just the names of their images that are refused, by asking again with names that
 * were not: then whoever wrote the policy can be told what to allow. A registry has the proofs' names for that, and
 * proofs the registry's. Throws what is no refusal.
 */
export async function blameImages(
  { registry, proofs, dryRun }: NamedSamples,
  refusals: readonly Refusal[],
): Promise<Refusal[]> {
  const [ofRegistry] = imagesOf(registry);
  const [ofProofs] = proofs.flatMap(imagesOf);
  const blamed = new Map<string, string>();
  const ask = async (pod: V1Pod, image: string | undefined, what: string, allow: string) => {
    const isRefused = refusals.some((refusal) => refusal.what === what && refusal.mendable);
    if (!isRefused || image === undefined || blamed.has(what)) {
      return;
    }
    const { refusal } = await dryRun(what, withImage(pod, image));
    if (refusal === undefined) {
      blamed.set(what, allow);
    }
  };
  for (const pod of proofs) {
    await ask(pod, ofRegistry, PROOFS, `images whose names begin with ${LOOPBACK}`);
  }
  if (registry !== undefined) {
    await ask(registry, ofProofs, REGISTRY, `the image ${ofRegistry}`);
  }
  return refusals.map((refusal) => ({ ...refusal, allow: blamed.get(refusal.what) }));
}

function imagesOf(pod: V1Pod | undefined): string[] {
  return (pod?.spec?.containers ?? []).flatMap(({ image }) => image ?? []);
}

function withImage(pod: V1Pod, image: string): V1Pod {
  const { spec } = pod;
  if (spec === undefined) {
    return pod;
  }
  const containers = spec.containers.map((container) => ({ ...container, image }));
  return { ...pod, spec: { ...spec, containers } };
}
