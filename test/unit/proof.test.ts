import { describe, expect, test } from '@jest/globals';
import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { imagesFor, nodesToProve, type ProofImage } from '../../src/proof/pod.js';
import { DELETED, faultOfPod, verdictOf } from '../../src/proof/verdict.js';
import { nameOf } from '../../src/run/run.js';
import { warningsAbout } from '../../src/run/warnings.js';

function image(given: string, ...platforms: string[]): ProofImage {
  return { given, pullable: given, platforms };
}

test('a node proves the images that were sent for its platform, and is left out without any', () => {
  const both = image('both', 'linux/amd64', 'linux/arm64');
  const one = image('one', 'linux/amd64');
  const [amd64, arm64] = [{ architecture: 'amd64' }, { architecture: 'arm64' }];
  expect(imagesFor(amd64, [both, one])).toEqual([both, one]);
  expect(imagesFor(arm64, [both, one])).toEqual([both]);
  expect(nodesToProve([amd64, arm64], [both, one])).toEqual([amd64, arm64]);
  expect(nodesToProve([amd64, arm64], [one])).toEqual([amd64]);
});

const PULLABLE = `127.0.0.1:30123/s3cr3t/web@sha256:${'a'.repeat(64)}`;
const WEB = { ...image('web', 'linux/amd64'), pullable: PULLABLE };
const API = { ...image('api', 'linux/amd64'), pullable: PULLABLE.replace('web', 'api') };
const IMAGES = [WEB, API];

const RUNNING = { running: { startedAt: '2026-01-01T00:00:05Z' } };
const CREATING = { waiting: { reason: 'ContainerCreating' } };

const waiting = (reason: string, message: string) => ({ waiting: { reason, message } });

/** A proof Pod whose containers are in these states, in the phase that the kubelet derives. */
function proofOf(...states: object[]): V1Pod {
  const phase = states.every((state) => 'running' in state) ? 'Running' : 'Pending';
  const containerStatuses = states.map((state, index) => ({
    name: `image-${index}`,
    image: PULLABLE,
    imageID: '',
    ready: 'running' in state,
    restartCount: 0,
    state,
  }));
  return podWith({ phase, containerStatuses });
}

/** A Pod as the API server sends it: times are strings there. */
function podWith(status: object): V1Pod {
  const containers = IMAGES.map(({ pullable }, index) => ({
    name: `image-${index}`,
    image: pullable,
  }));
  return { metadata: { name: 'jackal-abcde-proof-0-0' }, spec: { containers }, status } as V1Pod;
}

describe('the verdict on a proof Pod', () => {
  test('every container that runs is proof', () => {
    expect(verdictOf(proofOf(RUNNING, RUNNING), [WEB, API])).toEqual({ kind: 'proven' });
  });

  test('a Pod that somebody deletes is no proof any more, whatever its kubelet says, but where all ran', () => {
    const going = (pod: V1Pod) => {
      const deletionTimestamp = '2026-01-01T00:00:09Z' as unknown as Date;
      return { ...pod, metadata: { ...pod.metadata, deletionTimestamp } };
    };
    const ended = { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } };
    for (const state of [CREATING, ended]) {
      expect(verdictOf(going(proofOf(state, RUNNING)), IMAGES)).toBe(DELETED);
    }
    expect(verdictOf(going(proofOf(RUNNING, RUNNING)), IMAGES)).toEqual({ kind: 'proven' });
  });

  test('one container that does not run yet keeps the Pod pending, with its words', () => {
    const pulling = waiting('ContainerCreating', 'pulling');
    expect(verdictOf(proofOf(RUNNING, pulling), [WEB, API])).toEqual({
      kind: 'pending',
      words: 'pulling',
    });
  });

  test.each<[string, V1Pod, string]>([
    [
      'has not been seen by its kubelet',
      podWith({ phase: 'Pending' }),
      'the kubelet has not begun',
    ],
    ['has its volumes mounted', proofOf(CREATING), 'ContainerCreating'],
    [
      'has its first containers run',
      proofOf({ waiting: { reason: 'PodInitializing' } }),
      'PodInitializing',
    ],
    ['has a container without a state', proofOf({}), 'the kubelet has not begun'],
    // A kubelet that has not read a new ConfigMap warns (FailedMount), and tries again by itself.
    [
      'waits for the kubelet to read its ConfigMap',
      proofOf(
        waiting(
          'ContainerCreating',
          'MountVolume.SetUp failed for volume "injector" : failed to sync configmap cache: timed out waiting for the condition',
        ),
      ),
      'MountVolume.SetUp failed for volume "injector" : failed to sync configmap cache: timed out waiting for the condition',
    ],
  ])('a Pod that %s is pending', (_, pod, words) => {
    expect(verdictOf(pod, [WEB])).toEqual({ kind: 'pending', words });
  });

  test.each([
    [
      'containerd, connection refused',
      'ImagePullBackOff',
      `Back-off pulling image "${PULLABLE}": ErrImagePull: failed to pull and unpack image "${PULLABLE}": failed to resolve reference "${PULLABLE}": failed to do request: Head "http://127.0.0.1:30123/v2/s3cr3t/web/manifests/sha256:aa": dial tcp 127.0.0.1:30123: connect: connection refused`,
    ],
    [
      'containerd, no answer',
      'ErrImagePull',
      `failed to pull and unpack image "${PULLABLE}": failed to do request: Head "http://127.0.0.1:30123/v2/": dial tcp 127.0.0.1:30123: i/o timeout`,
    ],
    [
      'CRI-O, connection refused',
      'ErrImagePull',
      `unable to pull image or OCI artifact: pull image err: initializing source docker://${PULLABLE}: pinging container registry 127.0.0.1:30123: Get "http://127.0.0.1:30123/v2/": dial tcp 127.0.0.1:30123: connect: connection refused`,
    ],
    [
      'Docker, no answer in time',
      'ErrImagePull',
      'Error response from daemon: Get "http://127.0.0.1:30123/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    ],
    [
      'a registry that went away while it answered',
      'ErrImagePull',
      `failed to pull and unpack image "${PULLABLE}": failed to copy: httpReadSeeker: failed open: failed to do request: Get "http://127.0.0.1:30123/v2/": EOF`,
    ],
  ])('a pull that never reached the registry is to be tried again: %s', (_, reason, message) => {
    const pod = proofOf(waiting(reason, message));
    expect(verdictOf(pod, [WEB])).toEqual({ kind: 'unreachable', words: `${reason}: ${message}` });
  });

  test.each([
    [
      'ErrImagePull',
      `failed to pull and unpack image "${PULLABLE}": no match for platform in manifest: not found`,
    ],
    [
      'ErrImagePull',
      `failed to pull and unpack image "${PULLABLE}": failed to extract layer sha256:bb: mount callback failed: no space left on device`,
    ],
    ['SignatureValidationFailed', `image pull failed for ${PULLABLE}: signature required`],
    ['ImageInspectError', 'Failed to inspect image "web": rpc error: code = Unknown desc = broken'],
    ['InvalidImageName', 'Failed to apply default image tag "WEB": couldn\'t parse image name'],
    [
      'CreateContainerConfigError',
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (pod: "jackal-abcde-proof-0-0", container: image-0)',
    ],
    [
      'CreateContainerError',
      'failed to create containerd container: failed to mount rootfs: no space left on device',
    ],
    [
      'RunContainerError',
      'failed to create containerd task: OCI runtime create failed: runc create failed: exec format error',
    ],
    ['CreateContainerError', 'error during connect: dial unix /run/hook.sock: connection refused'],
    ['RunContainerError', 'OCI runtime create failed: hook: Get "http://127.0.0.1:9/": EOF'],
    ['PreCreateHookError', 'context deadline exceeded'],
  ])('%s fails the image with the words of the kubelet', (reason, message) => {
    const pod = proofOf(RUNNING, waiting(reason, message));
    expect(verdictOf(pod, [WEB, API])).toEqual({
      kind: 'failed',
      given: 'api',
      words: `${reason}: ${message}`,
    });
  });

  test('a container that has ended fails its image, with reason, message and exit code', () => {
    const terminated = { exitCode: 128, reason: 'StartError', message: 'exec format error' };
    expect(verdictOf(proofOf({ terminated }), [WEB])).toEqual({
      kind: 'failed',
      given: 'web',
      words: 'StartError: exec format error: exit code 128',
    });
  });

  test('a failed container is told before one that is pending', () => {
    const pod = proofOf(CREATING, waiting('ErrImagePull', 'unexpected media type'));
    expect(verdictOf(pod, [WEB, API])).toMatchObject({ kind: 'failed', given: 'api' });
  });

  test('containers are found by name, in whatever order the kubelet lists them', () => {
    const pod = proofOf(RUNNING, waiting('ErrImagePull', 'unexpected media type'));
    pod.status?.containerStatuses?.reverse();
    pod.spec?.containers.reverse();
    expect(verdictOf(pod, [WEB, API])).toMatchObject({ kind: 'failed', given: 'api' });
  });

  test('containers that admission has added say nothing about the images', () => {
    const pod = proofOf(RUNNING);
    pod.spec?.containers.unshift({ name: 'a-proxy', image: 'mesh/proxy:1' });
    const refused = waiting('ErrImagePull', 'dial tcp: connection refused');
    pod.status?.containerStatuses?.unshift({ name: 'a-proxy', state: refused } as never);
    expect(verdictOf(pod, [WEB])).toEqual({ kind: 'proven' });
  });

  test.each([
    ['another image', 'example.test/other:1'],
    ['the same image by a tag', '127.0.0.1:30123/s3cr3t/api:1'],
    ['nothing', undefined],
  ])('a Pod whose image is %s by now is no proof, though it runs', (_, image) => {
    const pod = proofOf(RUNNING, RUNNING);
    Object.assign(pod.spec?.containers[1] ?? {}, { image });
    expect(verdictOf(pod, [WEB, API])).toEqual({
      kind: 'meddled',
      words: `its Pod was changed by someone else to run ${image} in place of ${API.pullable}`,
    });
  });
});

const EVICTED = {
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: ephemeral-storage.',
};

describe('the end of a Pod as a whole', () => {
  test.each<[string, object, string]>([
    ['evicted', EVICTED, 'Evicted: The node was low on resource: ephemeral-storage.'],
    [
      'refused by its kubelet',
      {
        phase: 'Failed',
        reason: 'OutOfpods',
        message: "Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110",
      },
      "OutOfpods: Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110",
    ],
    ['failed without words', { phase: 'Failed' }, 'the Pod ended in phase Failed'],
    ['that ended well', { phase: 'Succeeded' }, 'the Pod ended in phase Succeeded'],
  ])('a Pod %s cannot run any more', (_, status, words) => {
    expect(faultOfPod(podWith(status))).toBe(words);
    expect(verdictOf(podWith(status), [WEB])).toEqual({ kind: 'failed', words });
  });

  test('an evicted Pod is no proof, even if its containers still run', () => {
    const { containerStatuses } = proofOf(RUNNING).status ?? {};
    const verdict = verdictOf(podWith({ ...EVICTED, containerStatuses }), [WEB]);
    expect(verdict).toMatchObject({ kind: 'failed', words: expect.stringMatching(/^Evicted: /) });
  });

  test.each(['Pending', 'Running', 'Unknown'])('a Pod in phase %s may go on', (phase) => {
    expect(faultOfPod(podWith({ phase }))).toBeUndefined();
  });

  test('a Pod without a status may go on', () => {
    expect(faultOfPod({})).toBeUndefined();
  });
});

function warning(name: string, reason: string, message: string, times: object): CoreV1Event {
  return {
    type: 'Warning',
    involvedObject: { kind: 'Pod', name },
    reason,
    message,
    ...times,
  } as CoreV1Event;
}

describe('the warnings of the cluster', () => {
  const SYNC =
    'MountVolume.SetUp failed for volume "injector" : failed to sync configmap cache: timed out waiting for the condition';

  test('only those about the run are told, the newest last', () => {
    const events = [
      warning('jackal-abcde-proof-0-0', 'Failed', 'pull', {
        lastTimestamp: '2026-01-01T00:00:09Z',
      }),
      warning('web-1', 'BackOff', 'other', { lastTimestamp: '2026-01-01T00:00:05Z' }),
      warning('jackal-abcde-registry', 'FailedMount', SYNC, {
        lastTimestamp: null,
        eventTime: '2026-01-01T00:00:07.000000Z',
      }),
      warning('jackal-fghij-registry', 'Failed', 'another run', {}),
    ];
    expect(warningsAbout(events, 'jackal-abcde')).toEqual([
      `jackal-abcde-registry: FailedMount: ${SYNC}`,
      'jackal-abcde-proof-0-0: Failed: pull',
    ]);
  });

  test('what is rehearsed is not to start, so that nobody is told that it does not', () => {
    const name = nameOf.rehearsedRegistry({ id: 'abcde', delivery: 0 });
    const events = [warning(`${name}-x7x2k`, 'FailedScheduling', 'no node', {})];
    expect(warningsAbout(events, 'jackal-abcde')).toEqual([]);
  });

  test('words that are repeated are told once', () => {
    const again = ['01', '02', '03'].map((second) =>
      warning('jackal-abcde-registry', 'BackOff', 'restarting', {
        lastTimestamp: `2026-01-01T00:00:${second}Z`,
      }),
    );
    expect(warningsAbout(again, 'jackal-abcde')).toEqual([
      'jackal-abcde-registry: BackOff: restarting',
    ]);
  });

  test('an event without any time or name does no harm', () => {
    const nameless = { involvedObject: {}, reason: 'Failed', message: 'x' } as CoreV1Event;
    const timeless = warning('jackal-abcde', 'Failed', 'x', {});
    expect(warningsAbout([nameless, timeless], 'jackal-abcde')).toEqual([
      'jackal-abcde: Failed: x',
    ]);
  });
});
