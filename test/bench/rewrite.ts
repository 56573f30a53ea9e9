import type { V1Pod } from '@kubernetes/client-node';
import type { ApiClient, ApiObject } from '../../src/kube/client.js';
import { connect } from '../../src/kube/connect.js';
import { collection, createPod } from '../../src/kube/pods.js';
import { type PolicyObjects, policyFor } from '../../src/rewrite/admission/policy.js';
import { writePolicy } from '../../src/rewrite/admission/write.js';
import { injectedNames } from '../../src/rewrite/names.js';
import { PAUSE_IMAGE } from '../cluster/build/build.js';
import { type Cluster, down, up } from '../cluster/cluster.js';
import { type Bench, type Figure, figure, median, promised } from './figure.js';
import { untilReady } from './transport/transport-ready.js';

const BENCH = 'rewrite';
const CLUSTER = 'bench-rewrite';
const IMAGES = 500;
/** Promised: how much longer a Pod may take. */
const PROMISED_FACTOR = 1.2;
/** Pods that are admitted and not stored, and Pods that run, of each kind and in each namespace. */
const TRIALS = 400;
const PODS = 15;

/** All names lead to the registry of an image that the node has, so that a Pod can run. */
const REGISTRY = PAUSE_IMAGE.slice(0, PAUSE_IMAGE.indexOf('/'));
const nameAt = (at: number) => `ghcr.io/acme/platform/service-${String(at).padStart(5, '0')}`;
const INJECTED = `${nameAt(IMAGES / 2)}:v1.2.3`;

/**
 * One namespace with the policy, one without, and one where a policy always gives the same answer: what Kubernetes takes
 * for any policy that changes a Pod. A policy whose selector has not the namespace costs a comparison of labels.
 */
const [WITH, WITHOUT, CONSTANT] = ['with', 'without', 'constant'] as const;
const NAMESPACES = [WITH, WITHOUT, CONSTANT] as const;
type Namespace = (typeof NAMESPACES)[number];

/** What the policy that rewrites 500 names costs a Pod: in admission, and until it runs. */
export const rewrite: Bench = {
  name: BENCH,
  about: 'Pods with and without a policy that rewrites the names of 500 images',
  async *run(log, { rounds = 1 }) {
    const cluster = await up({ name: CLUSTER, nodes: 1, log });
    try {
      yield* measured(cluster, rounds);
    } finally {
      await down(CLUSTER);
    }
  },
};

async function* measured(cluster: Cluster, rounds: number): AsyncGenerator<Figure> {
  const { client } = await connect({ kubeconfig: cluster.kubeconfig, env: {} });
  try {
    yield* policyFigures(client);
    yield* admissionFigures(client, rounds * TRIALS);
    yield* runningFigures(client, rounds * PODS);
  } finally {
    client.close();
  }
}

/** Makes the namespaces and the policies. */
async function* policyFigures(client: ApiClient): AsyncGenerator<Figure> {
  for (const name of NAMESPACES) {
    await client.create<ApiObject>('/api/v1/namespaces', { metadata: { name } });
    // Returns when the namespace has its ServiceAccount.
    await createPod(client, name, podOf([PAUSE_IMAGE]), { dryRun: true });
  }
  const objects = policyIn(WITH);
  const bytes = Buffer.byteLength(JSON.stringify(objects.policy));
  yield figure(BENCH, `policy for ${IMAGES} images by tag and digest`, 'kB', 'less', bytes / 1000);
  await act(client, CONSTANT, constantIn(CONSTANT));
  const started = performance.now();
  await act(client, WITH, objects);
  const seconds = (performance.now() - started) / 1000;
  yield figure(BENCH, 'written until it acts', 's', 'less', seconds);
}

/** The API server's answers to Pods that it does not store. */
async function* admissionFigures(client: ApiClient, count: number): AsyncGenerator<Figure> {
  const kinds = [
    ['another image', ['registry.test/busybox:1']],
    ['an injected image', [INJECTED]],
    ['an injected image and two others', [INJECTED, 'registry.test/busybox:1', 'redis:7']],
  ] as const;
  for (const [what, images] of kinds) {
    const took = await interleaved(count, NAMESPACES, async (namespace) => {
      const query = { dryRun: 'All' };
      await client.create<V1Pod>(collection.pods(namespace), podOf(images), { query });
    });
    const title = `admission of a Pod with ${what}`;
    const [ours, without] = [took.get(WITH) ?? 0, took.get(WITHOUT) ?? 0];
    yield figure(BENCH, title, 'ms', 'less', ours, { name: WITHOUT, value: without });
    yield images[0] === INJECTED
      ? figure(BENCH, title, 'ms', 'less', ours, {
          name: 'any policy that changes it',
          value: took.get(CONSTANT) ?? 0,
        })
      : figure(BENCH, title, 'ms', 'less', ours, promisedBeside(without));
  }
}

/** Pods that are stored and started; without the policy they name the image of the node. */
async function* runningFigures(client: ApiClient, count: number): AsyncGenerator<Figure> {
  const took = await interleaved(count, [WITH, WITHOUT], async (namespace, at) => {
    const pod = podOf([namespace === WITH ? INJECTED : PAUSE_IMAGE], `pod-${at}`);
    await client.create<V1Pod>(collection.pods(namespace), pod);
    await untilReady(client, namespace, `pod-${at}`);
  });
  const title = 'a Pod with an injected image, created until it runs';
  const [ours, without] = [took.get(WITH) ?? 0, took.get(WITHOUT) ?? 0];
  yield figure(BENCH, title, 'ms', 'less', ours, { name: WITHOUT, value: without });
  yield figure(BENCH, title, 'ms', 'less', ours, promisedBeside(without));
}

const promisedBeside = (without: number) =>
  promised(PROMISED_FACTOR * without, `${PROMISED_FACTOR} × without`);

/** Milliseconds of the middle one of many turns in each namespace, which take turns in going first. */
async function interleaved<N extends Namespace>(
  count: number,
  namespaces: readonly N[],
  turn: (namespace: N, at: number) => Promise<void>,
): Promise<Map<Namespace, number>> {
  const took = new Map<Namespace, number[]>(namespaces.map((namespace) => [namespace, []]));
  for (let at = 0; at < count; at++) {
    for (const namespace of at % 2 === 0 ? namespaces : namespaces.toReversed()) {
      const started = performance.now();
      await turn(namespace, at);
      took.get(namespace)?.push(performance.now() - started);
    }
  }
  return new Map([...took].map(([namespace, times]) => [namespace, median(times)]));
}

function podOf(images: readonly string[], name = 'pod'): V1Pod {
  const containers = images.map((image, at) => ({ name: `container-${at}`, image }));
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name } },
    spec: { terminationGracePeriodSeconds: 0, containers },
  };
}

/** Nobody's run, whose names are rewritten in one of the namespaces. */
const runIn = (namespace: Namespace) => ({
  ...{ id: namespace, namespace, registry: REGISTRY, labels: {} },
});

/** The policy for 500 images by tag and digest. */
function policyIn(namespace: Namespace): PolicyObjects {
  const images = Array.from({ length: IMAGES }, (_, at) => {
    const name = `${nameAt(at)}:v1.2.3`;
    const digest = `sha256:${String(at).padStart(64, '0')}`;
    const pullable = name === INJECTED ? PAUSE_IMAGE : `${REGISTRY}/acme/platform@${digest}`;
    return { given: name, name, pullable, digest, digestKept: true };
  });
  const names = injectedNames(images);
  return policyFor({ run: runIn(namespace), names, scope: scopeOf(namespace) });
}

const scopeOf = (namespace: Namespace) => ({ kind: 'names' as const, namespaces: [namespace] });

/** A policy of the same kind, whose change is the same for each Pod. */
function constantIn(namespace: Namespace): PolicyObjects {
  const names = new Map([[INJECTED, PAUSE_IMAGE]]);
  const objects = policyFor({ run: runIn(namespace), names, scope: scopeOf(namespace) });
  const { spec } = objects.policy as { spec: object };
  const container = `Object.spec.containers{name: 'container-0', image: '${PAUSE_IMAGE}'}`;
  const expression = `Object{spec: Object.spec{containers: [${container}]}}`;
  const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];
  return { ...objects, policy: { ...objects.policy, spec: { ...spec, mutations } } };
}

/** Writes a policy and returns when a Pod of its namespace gets the node's image. */
async function act(client: ApiClient, namespace: Namespace, objects: PolicyObjects): Promise<void> {
  const { signal } = new AbortController();
  await writePolicy(client, objects, signal);
  const query = { dryRun: 'All' };
  for (;;) {
    const path = collection.pods(namespace);
    const { spec } = await client.create<V1Pod>(path, podOf([INJECTED]), { query });
    if (spec?.containers[0]?.image === PAUSE_IMAGE) return;
  }
}
