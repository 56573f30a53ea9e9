import { expect } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import { list } from '../../helpers/read.js';

/** The names of images in a Pod, and the digest of the one that runs. */
interface Images {
  readonly init: (string | undefined)[];
  readonly main: (string | undefined)[];
  readonly digests: string[];
}

/** The Pods of a namespace with this label. */
export async function podsWith(
  cluster: Cluster,
  namespace: string,
  selector: string,
): Promise<V1Pod[]> {
  return await list<V1Pod>(cluster, `/api/v1/namespaces/${namespace}/pods`, { labels: selector });
}

/** Waits until Pods with this label run on every node, and returns what each of them has. */
export async function imagesOnEveryNode(
  cluster: Cluster,
  namespace: string,
  selector: string,
): Promise<Images[]> {
  const nodes = cluster.nodes.map(({ name }) => name).sort();
  const running = async () => {
    const pods = await podsWith(cluster, namespace, selector);
    const up = pods.filter(({ status }) =>
      status?.containerStatuses?.every((one) => one.state?.running),
    );
    return (
      up
        .map(({ spec }) => spec?.nodeName)
        .sort()
        .join() === nodes.join() && up
    );
  };
  const pods = await until(`Pods of ${selector} on every node`, running);
  return (pods as V1Pod[]).map(({ spec, status }) => ({
    init: (spec?.initContainers ?? []).map(({ image }) => image),
    main: (spec?.containers ?? []).map(({ image }) => image),
    digests: (status?.containerStatuses ?? []).map(({ imageID }) => imageID.replace(/^.*@/, '')),
  }));
}

/** Every node runs these images for a label. */
export async function expectOnEveryNode(
  cluster: Cluster,
  namespace: string,
  selector: string,
  { main, init = [] }: { readonly main: string; readonly init?: readonly string[] },
): Promise<void> {
  const digest = /@(sha256:.*)$/.exec(main)?.[1] ?? expect.stringMatching(/^sha256:/);
  const one = { init, main: [main], digests: [digest] };
  expect(await imagesOnEveryNode(cluster, namespace, selector)).toEqual(
    cluster.nodes.map(() => one),
  );
}
