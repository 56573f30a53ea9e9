import { describe, expect, test } from '@jest/globals';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { ApiClient } from '../../src/kube/client.js';
import { REGISTRY_BASES_MAX } from '../../src/lib/limits/run.js';
import type { LinuxNode } from '../../src/preflight/nodes.js';
import { Bases, basesOn, inTurn } from '../../src/registry/base.js';
import { registryFaultOf, registryLossOf } from '../../src/registry/fault.js';
import { registryPod } from '../../src/registry/pod.js';
import { startStateOf } from '../../src/registry/start.js';
import { hasVerifiedAll, isTaken, REGISTRY_CONTAINER } from '../../src/registry/status.js';
import { aliasesOf, type Base } from '../../src/run/pod.js';

const RUNNING = { running: { startedAt: '2026-01-01T00:00:05Z' } };
const OOM = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
const BACK_OFF = {
  waiting: {
    reason: 'CrashLoopBackOff',
    message:
      'back-off 10s restarting failed container=registry pod=jackal-abcde-registry-0_default(7d1c)',
  },
};
const FATAL = 'jackal fatal code=store exit=4 message=the store is full';

const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });

/** The registry's Pod with its one container, as the API server sends it. */
function registryWith(container: object, status: object = { phase: 'Running' }): V1Pod {
  const containerStatuses = [{ name: 'registry', restartCount: 0, ...container }];
  return podWith({ ...status, containerStatuses });
}

function podWith(status: object): V1Pod {
  return { metadata: { name: 'jackal-abcde-registry-0' }, status } as V1Pod;
}

/** The registry's Pod with a container before its own whose state says the opposite. */
function besideProxy(pod: V1Pod, state: object): V1Pod {
  const status = { name: 'a-proxy', restartCount: 9, ready: false, ...state };
  pod.status?.containerStatuses?.unshift(status as never);
  return pod;
}

describe('the start of the registry', () => {
  test('it is the registry by name whose container counts, not one that admission has added', () => {
    const bad = { state: waiting('ErrImagePull', 'not found') };
    expect(startStateOf(besideProxy(registryWith({ state: RUNNING }), bad))).toBe('running');
    const creating = registryWith({ state: waiting('ContainerCreating') });
    expect(startStateOf(besideProxy(creating, { state: RUNNING }))).toBe('starting');
    expect(startStateOf(podWith({ containerStatuses: [{ name: 'a-proxy', ...bad }] }))).toBe(
      'starting',
    );
  });

  test.each<[string, V1Pod]>([
    ['its kubelet has not seen', podWith({ phase: 'Pending' })],
    ['has no status', { metadata: { name: 'jackal-abcde-registry-0' } }],
    ['is being created', registryWith({ state: waiting('ContainerCreating') })],
    ['is being initialized', registryWith({ state: waiting('PodInitializing') })],
    // A kubelet that has not read a new ConfigMap warns (FailedMount), and tries again by itself.
    [
      'waits for its ConfigMaps',
      registryWith({
        state: waiting(
          'ContainerCreating',
          'MountVolume.SetUp failed for volume "chunk-3" : failed to sync configmap cache: timed out waiting for the condition',
        ),
      }),
    ],
    [
      'waits until its kubelet begins a further pull',
      registryWith({ state: waiting('ErrImagePull', 'pull QPS exceeded') }),
    ],
    [
      'waits for that without a word, as kubelets before 1.32 do',
      registryWith({ state: waiting('ImagePullBackOff', 'Back-off pulling image "pause:3.10"') }),
    ],
  ])('a Pod that %s is starting', (_, pod) => {
    expect(startStateOf(pod)).toBe('starting');
  });

  test('a container that runs is running, ready or not', () => {
    expect(startStateOf(registryWith({ ready: false, state: RUNNING }))).toBe('running');
  });

  test.each([
    ['ErrImageNeverPull', 'Container image "pause:3.10" is not present with pull policy of Never'],
    ['ErrImagePull', 'image pull secret is needed'],
    ['ImagePullBackOff', 'Back-off pulling image "pause:3.10": ErrImagePull: not found'],
    ['CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'],
    ['CreateContainerError', 'failed to mount rootfs'],
    ['RunContainerError', 'exec: "/jackal/injector": permission denied'],
    ['ImageInspectError', 'Failed to inspect image'],
    ['InvalidImageName', "couldn't parse image name"],
    ['CrashLoopBackOff', BACK_OFF.waiting.message],
  ])('%s means that this image will not do', (reason, message) => {
    const pod = registryWith({ state: waiting(reason, message) }, { phase: 'Pending' });
    expect(startStateOf(pod)).toEqual({ fault: `${reason}: ${message}` });
  });

  test('a reason without a message is told alone', () => {
    const pod = registryWith({ state: waiting('ErrImageNeverPull') });
    expect(startStateOf(pod)).toEqual({ fault: 'ErrImageNeverPull' });
  });

  test.each<[string, object, string]>([
    [
      'the last line of its message',
      { exitCode: 4, reason: 'Error', message: `first\n${FATAL}\n` },
      FATAL,
    ],
    ['its reason', { exitCode: 137, reason: 'OOMKilled' }, 'OOMKilled'],
    ['that it ended', { exitCode: 1 }, 'it ended'],
  ])('a container that has ended is told with %s', (_, terminated, fault) => {
    expect(startStateOf(registryWith({ state: { terminated } }))).toEqual({ fault });
  });

  test('one that waits to be started again is told by its last words, where its end was not seen', () => {
    const terminated = { exitCode: 4, reason: 'Error', message: `first\n${FATAL}\n` };
    const pod = registryWith({ state: BACK_OFF, lastState: { terminated } });
    expect(startStateOf(pod)).toEqual({ fault: FATAL });
    const killed = { ...OOM.terminated, message: 'jackal relaying address=127.0.0.1:61234\n' };
    const other = registryWith({ state: BACK_OFF, lastState: { terminated: killed } });
    expect(startStateOf(other)).toEqual({ fault: `CrashLoopBackOff: ${BACK_OFF.waiting.message}` });
  });

  test.each<[string, V1Pod | undefined, string]>([
    ['is gone', undefined, 'its Pod was deleted'],
    ['failed without words', podWith({ phase: 'Failed' }), 'its Pod failed'],
    [
      'was refused by its kubelet',
      podWith({ phase: 'Failed', reason: 'OutOfmemory', message: 'Node is full' }),
      'OutOfmemory: Node is full',
    ],
  ])('a Pod that %s will never run', (_, pod, fault) => {
    expect(startStateOf(pod)).toEqual({ fault });
  });
});

describe('a registry that has run', () => {
  test('is judged by its own container, not by one that admission has added', () => {
    const crashing = { state: BACK_OFF, lastState: OOM };
    expect(registryFaultOf(besideProxy(registryWith({ state: RUNNING }), crashing))).toBe(
      undefined,
    );
    const fatal = registryWith({ state: { terminated: { exitCode: 4, message: FATAL } } });
    expect(registryFaultOf(besideProxy(fatal, { state: RUNNING }))).toBe(FATAL);
  });

  test('has verified all when its own container is ready, whatever keeps the Pod from it', () => {
    const gated = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
    const ready = registryWith({ state: RUNNING, ready: true }, gated);
    expect(hasVerifiedAll(besideProxy(ready, { state: RUNNING }))).toBe(true);
    const unready = registryWith({ state: RUNNING, ready: false });
    expect(hasVerifiedAll(besideProxy(unready, { state: RUNNING, ready: true }))).toBe(false);
    expect(hasVerifiedAll(undefined)).toBe(false);
  });

  test('has verified all when its startup probe is over, unless it has none any more', () => {
    const started = registryWith({ state: RUNNING, ready: false, started: true });
    const withSpec = (container: object) =>
      ({ ...started, spec: { containers: [{ name: 'a-proxy' }, container] } }) as V1Pod;
    expect(hasVerifiedAll(withSpec({ name: 'registry', startupProbe: {} }))).toBe(true);
    expect(hasVerifiedAll(withSpec({ name: 'registry' }))).toBe(false);
    expect(hasVerifiedAll(started)).toBe(false);
  });

  test('has been taken when its kubelet has said anything', () => {
    expect(isTaken(podWith({ phase: 'Pending', conditions: [] }))).toBe(false);
    expect(isTaken(podWith({ phase: 'Pending', startTime: '2026-01-01T00:00:05Z' }))).toBe(true);
    expect(isTaken(registryWith({ state: waiting('ContainerCreating') }))).toBe(true);
    expect(isTaken(undefined)).toBe(false);
  });

  test('its Pod has the container that is looked for by name', () => {
    const base = { node: 'a', architecture: 'amd64', image: 'pause:3' };
    const owner = { apiVersion: 'v1', kind: 'Lease', name: 'l', uid: 'u' };
    const run = {
      id: 'abcde',
      namespace: 'n',
      secret: 's',
      token: 't',
      owner,
      registry: 'r',
      delivery: 0,
    };
    const pod = registryPod(run, base, 0, [], 1);
    expect(pod.spec?.containers.map(({ name }) => name)).toEqual([REGISTRY_CONTAINER]);
  });

  test.each<[string, V1Pod]>([
    ['runs', registryWith({ state: RUNNING })],
    [
      'was killed once and runs again',
      registryWith({ state: RUNNING, lastState: OOM, restartCount: 1 }),
    ],
    ['was killed and will be started again', registryWith({ state: OOM })],
    [
      'was killed twice and runs again',
      registryWith({ state: RUNNING, lastState: OOM, restartCount: 2 }),
    ],
    [
      'came back after ends that were none of its faults',
      registryWith({
        state: RUNNING,
        lastState: { terminated: { exitCode: 0, reason: 'Completed' } },
        restartCount: 5,
      }),
    ],
    ['was restarted, but nobody knows why', registryWith({ state: RUNNING, restartCount: 3 })],
    ['has no status', { metadata: { name: 'jackal-abcde-registry-0' } }],
  ])('goes on when it %s', (_, pod) => {
    expect(registryFaultOf(pod)).toBeUndefined();
  });

  test.each([
    ['state', { state: { terminated: { exitCode: 4, message: `listening\n${FATAL}\n` } } }],
    ['last state', { state: RUNNING, lastState: { terminated: { exitCode: 4, message: FATAL } } }],
    [
      'last state while it backs off',
      { state: BACK_OFF, lastState: { terminated: { exitCode: 4, message: FATAL } } },
    ],
  ])('cannot serve after the last word of the injector in its %s', (_, container) => {
    expect(registryFaultOf(registryWith(container))).toBe(FATAL);
  });

  test.each<[string, object, string]>([
    [
      'backs off after it was out of memory',
      { state: BACK_OFF, lastState: OOM, restartCount: 1 },
      'its container crashes again and again (restarts: 1), at last with OOMKilled, exit code 137',
    ],
    [
      'runs again, but has been restarted three times',
      { state: RUNNING, lastState: OOM, restartCount: 3 },
      'its container crashes again and again (restarts: 3), at last with OOMKilled, exit code 137',
    ],
    [
      'has just crashed after three restarts',
      { state: OOM, lastState: OOM, restartCount: 3 },
      'its container crashes again and again (restarts: 3), at last with OOMKilled, exit code 137',
    ],
    [
      'crashed with a message',
      {
        state: BACK_OFF,
        lastState: {
          terminated: { exitCode: 139, reason: 'Error', message: 'jackal verified\nSIGSEGV\n' },
        },
        restartCount: 2,
      },
      'its container crashes again and again (restarts: 2), at last with Error, exit code 139: SIGSEGV',
    ],
    [
      'backs off, and its last container has been forgotten',
      { state: BACK_OFF, restartCount: 4 },
      `its container crashes again and again (restarts: 4): ${BACK_OFF.waiting.message}`,
    ],
  ])('cannot serve when it %s', (_, container, fault) => {
    expect(registryFaultOf(registryWith(container))).toBe(fault);
    expect(registryLossOf(registryWith(container))).toBeUndefined();
  });

  test.each<[string, V1Pod | undefined, string]>([
    ['is gone', undefined, 'its Pod was deleted by someone else'],
    [
      'is being deleted',
      { metadata: { deletionTimestamp: new Date(0) } },
      'its Pod is being deleted by someone else',
    ],
    [
      'was evicted',
      registryWith(
        { state: OOM },
        {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Usage of EmptyDir volume "store" exceeds the limit "20Mi".',
        },
      ),
      'Evicted: Usage of EmptyDir volume "store" exceeds the limit "20Mi".',
    ],
    ['ended well', podWith({ phase: 'Succeeded' }), 'its Pod ended in phase Succeeded'],
  ])('cannot serve when its Pod %s', (_, pod, fault) => {
    expect(registryFaultOf(pod)).toBe(fault);
    expect(registryLossOf(pod)).toBe(fault);
  });
});

/** A node with images, each given by all its names. */
function nodeWith(name: string, ...images: string[][]): LinuxNode {
  return {
    name,
    uid: name,
    architecture: 'amd64',
    images: images.map((names) => ({ names, bytes: 1 })),
    addresses: [],
    podRanges: [],
  };
}

function podOn(nodeName: string, image: string, spec: object = {}, phase = 'Running'): V1Pod {
  return { spec: { nodeName, containers: [{ name: 'app', image }], ...spec }, status: { phase } };
}

const shown = (nodes: LinuxNode[], pods: V1Pod[] = []) =>
  inTurn(nodes.map((node) => basesOn(node, pods))).map(({ node, image }) => `${node} ${image}`);

describe('the images that the registry may start from', () => {
  test.each([
    'registry.k8s.io/pause:3.10',
    'k8s.gcr.io/pause-amd64:3.1',
    'docker.io/rancher/mirrored-pause:3.6',
    'mcr.microsoft.com/oss/kubernetes/pause:3.6',
    '602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/pause:3.5',
    'localhost/kubernetes/pause:latest',
  ])('%s is taken for a sandbox image and comes first', (pause) => {
    const node = nodeWith('a', ['docker.io/library/nginx:1'], [pause]);
    expect(shown([node], [podOn('a', 'ghcr.io/acme/web:1')])).toEqual([
      `a ${pause}`,
      'a ghcr.io/acme/web:1',
      'a docker.io/library/nginx:1',
    ]);
  });

  test('only running Pods of the node that need no pull secret lend their image', () => {
    const pods = [
      podOn('a', 'private:1', { imagePullSecrets: [{ name: 'key' }] }),
      podOn('b', 'elsewhere:1'),
      podOn('a', 'ended:1', {}, 'Succeeded'),
      podOn('a', 'open:1', { imagePullSecrets: [] }),
    ];
    expect(shown([nodeWith('a')], pods)).toEqual(['a open:1']);
  });

  test('an image is named with its tag, else with its digest, and not at all without either', () => {
    const node = nodeWith(
      'a',
      ['tagged@sha256:1', 'tagged:1'],
      ['digest@sha256:2', '<none>:<none>'],
      ['<none>@<none>', '<none>:<none>'],
      [],
    );
    expect(shown([node])).toEqual(['a tagged:1', 'a digest@sha256:2']);
  });

  test('each knows the further names of its image, those with a digest first, and the taints of its node', () => {
    const taints = [{ key: 'dedicated', effect: 'NoExecute' }];
    const names = ['r/pause@sha256:1', 'r/pause:3', 'r/pause:latest', '<none>:<none>'];
    const [base] = basesOn({ ...nodeWith('a', names), taints }, []);
    expect(base).toEqual({
      node: 'a',
      architecture: 'amd64',
      image: 'r/pause:3',
      aliases: ['r/pause@sha256:1', 'r/pause:latest'],
      taints,
    });
    expect(aliasesOf(base as Base).map(({ node, image }) => [node, image])).toEqual([
      ['a', 'r/pause@sha256:1'],
      ['a', 'r/pause:latest'],
    ]);
  });

  test('an image that both runs and is listed is tried once', () => {
    expect(shown([nodeWith('a', ['web:1'])], [podOn('a', 'web:1')])).toEqual(['a web:1']);
  });

  test('the surest of every node comes before the second of any', () => {
    const nodes = [nodeWith('a', ['a1:1'], ['a2:1'], ['a3:1']), nodeWith('b', ['b1:1'])];
    expect(shown(nodes)).toEqual(['a a1:1', 'b b1:1', 'a a2:1', 'a a3:1']);
  });

  test('their number is bounded, and each knows its architecture', async () => {
    const names = Array.from({ length: REGISTRY_BASES_MAX }, (_, index) => [`web:${index}`]);
    const node = { ...nodeWith('a', ['pause:3'], ...names), architecture: 'arm64' };
    const nobody = {} as ApiClient;
    const bases = await new Bases(nobody, {}, AbortSignal.abort()).among([node]);
    expect(bases).toHaveLength(REGISTRY_BASES_MAX);
    expect(bases[0]).toEqual({ node: 'a', architecture: 'arm64', image: 'pause:3' });
  });

  test('no image is the first on more than half of those that are tried, but where there is no other', async () => {
    const among = async (...images: string[][]) => {
      const nodes = Array.from({ length: 8 }, (_, index) => nodeWith(`n${index}`, ...images));
      const bases = new Bases({} as ApiClient, {}, AbortSignal.abort());
      return (await bases.among(nodes)).map(({ node, image }) => `${node} ${image}`);
    };
    const names = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
    expect(await among(['web:1'], ['pause:3'])).toEqual(
      names.map((name, index) => `${name} ${index < 3 ? 'pause:3' : 'web:1'}`),
    );
    expect(await among(['pause:3'])).toEqual(names.map((name) => `${name} pause:3`));
  });

  test('a node that is about to go comes last', async () => {
    const going = { ...nodeWith('a', ['pause:3']), drainedBy: 'it is cordoned' };
    const bases = new Bases({} as ApiClient, { image: 'given:1' }, AbortSignal.abort());
    const nodes = [going, nodeWith('b', ['web:1']), nodeWith('c')];
    expect([...new Set((await bases.among(nodes)).map(({ node }) => node))]).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  test('a container of a running Pod that waits for its image does not lend it', () => {
    const { spec } = podOn('a', 'there:1');
    const containers = [...(spec?.containers ?? []), { name: 'late', image: 'late:1' }];
    const containerStatuses = [
      { name: 'app', state: { running: {} } },
      { name: 'late', state: { waiting: { reason: 'ImagePullBackOff' } } },
    ] as unknown as V1ContainerStatus[];
    const pod = { spec: { ...spec, containers }, status: { phase: 'Running', containerStatuses } };
    expect(shown([nodeWith('a')], [pod])).toEqual(['a there:1']);
  });

  test('there are none without nodes or images', () => {
    expect(shown([])).toEqual([]);
    expect(shown([nodeWith('a')])).toEqual([]);
  });
});
