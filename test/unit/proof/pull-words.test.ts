import { expect, test } from '@jest/globals';
import { isPullReason, troubleOfPull } from '../../../src/proof/pull-words.js';

const REPOSITORY = '127.0.0.1:30123/s3cr3t/acme/web';
const PULLABLE = `${REPOSITORY}@sha256:${'a'.repeat(64)}`;
const UNPACK = `failed to pull and unpack image "${PULLABLE}": `;
const RESOLVE = `${UNPACK}failed to resolve reference "${PULLABLE}": `;

test.each([
  ['ErrImagePull', true],
  ['ImagePullBackOff', true],
  ['RegistryUnavailable', true],
  ['SignatureValidationFailed', false],
  ['ErrImageNeverPull', false],
  ['CreateContainerError', false],
  ['RunContainerError', false],
  ['', false],
])('%s is a reason of a pull: %s', (reason, isOne) => {
  expect(isPullReason(reason)).toBe(isOne);
});

test.each([
  [
    'containerd',
    `${RESOLVE}unexpected status from HEAD request to http://127.0.0.1:30123/v2/s3cr3t/acme/web/manifests/sha256:aa: 503 Service Unavailable`,
  ],
  [
    'containerd, with the registry’s own word',
    `${UNPACK}failed to copy: httpReadSeeker: failed open: unexpected status from GET request to http://127.0.0.1:30123/v2/s3cr3t/acme/web/blobs/sha256:aa: 429 Too Many Requests\ntoomanyrequests: too many connections, ask again`,
  ],
  [
    'CRI-O',
    `reading manifest sha256:aa in ${REPOSITORY}: received unexpected HTTP status: 503 Service Unavailable`,
  ],
  ['Docker', 'Error response from daemon: toomanyrequests: too many connections, ask again'],
  [
    'a proxy on the way',
    `${RESOLVE}unexpected status from HEAD request to http://127.0.0.1:30123/v2/s3cr3t/acme/web/manifests/sha256:aa: 502 Bad Gateway`,
  ],
])('a registry without time is busy: %s', (_, message) => {
  expect(troubleOfPull(`ErrImagePull: ${message}`, PULLABLE)).toEqual({ kind: 'busy' });
});

test.each([
  [
    'a mirror that refuses connections',
    `${RESOLVE}failed to do request: Head "http://127.0.0.1:9/v2/s3cr3t/acme/web/manifests/sha256:aa?ns=127.0.0.1%3A30123": dial tcp 127.0.0.1:9: connect: connection refused`,
    '127.0.0.1:9',
  ],
  [
    'a mirror that does not answer',
    `${RESOLVE}failed to do request: Head "https://mirror.example/proxy/v2/s3cr3t/acme/web/manifests/sha256:aa?ns=127.0.0.1%3A30123": dial tcp 10.255.255.1:443: i/o timeout`,
    'mirror.example',
  ],
  [
    'a mirror without a name',
    `${RESOLVE}failed to do request: Head "https://mirror.example/v2/s3cr3t/acme/web/manifests/sha256:aa": dial tcp: lookup mirror.example: no such host`,
    'mirror.example',
  ],
  [
    'a mirror in trouble',
    `${RESOLVE}unexpected status from HEAD request to https://mirror.example:5000/v2/s3cr3t/acme/web/manifests/sha256:aa?ns=127.0.0.1%3A30123: 500 Internal Server Error`,
    'mirror.example:5000',
  ],
  [
    'a mirror of CRI-O',
    `initializing source docker://${PULLABLE}: pinging container registry mirror.example: Get "https://mirror.example/v2/": dial tcp 10.255.255.1:443: i/o timeout`,
    'mirror.example',
  ],
])('%s is named', (_, message, host) => {
  const words = `ErrImagePull: ${message}`;
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'elsewhere', host });
  const later = `ImagePullBackOff: Back-off pulling image "${PULLABLE}": ${words}`;
  expect(troubleOfPull(later, PULLABLE)).toEqual({ kind: 'elsewhere', host });
});

test.each([
  ['containerd, a manifest', `${RESOLVE}${PULLABLE}: not found`],
  [
    'containerd, a manifest by its transfer service',
    `${UNPACK}failed to resolve image: ${PULLABLE}: not found`,
  ],
  [
    'containerd, a blob',
    `${UNPACK}failed to copy: httpReadSeeker: failed open: content at http://127.0.0.1:30123/v2/s3cr3t/acme/web/blobs/sha256:aa not found: not found`,
  ],
  ['CRI-O', `reading manifest sha256:aa in ${REPOSITORY}: manifest unknown`],
  ['Docker', `Error response from daemon: manifest for ${PULLABLE} not found: manifest unknown`],
  [
    'an answer that asks who it is',
    `${RESOLVE}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope`,
  ],
  [
    'an answer that refuses',
    `${RESOLVE}unexpected status from HEAD request to http://127.0.0.1:30123/v2/s3cr3t/acme/web/manifests/sha256:aa: 403 Forbidden`,
  ],
])('what the registry never answers came from somebody else: %s', (_, message) => {
  expect(troubleOfPull(`ErrImagePull: ${message}`, PULLABLE)).toEqual({ kind: 'elsewhere' });
});

test.each([
  [
    'CRI-O from 1.35 on',
    `unable to pull image: initializing source docker://${PULLABLE}: pinging container registry 127.0.0.1:30123: Get "https://127.0.0.1:30123/v2/": http: server gave HTTP response to HTTPS client`,
  ],
  [
    'an early containerd with a certs.d',
    `${RESOLVE}failed to do request: Head "https://127.0.0.1:30123/v2/s3cr3t/acme/web/manifests/sha256:aa": http: server gave HTTP response to HTTPS client`,
  ],
])('a runtime that takes no plain HTTP is told from others: %s', (_, message) => {
  for (const words of [message, `Back-off pulling image "${PULLABLE}": ErrImagePull: ${message}`]) {
    expect(troubleOfPull(`ErrImagePull: ${words}`, PULLABLE)).toEqual({ kind: 'https' });
  }
});

test('a mirror that takes no HTTPS is not the registry', () => {
  const words = `ErrImagePull: pinging container registry mirror.example: Get "https://mirror.example/v2/": http: server gave HTTP response to HTTPS client`;
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'elsewhere', host: 'mirror.example' });
});

test('a kubelet that does not say why it backs off is waited for', () => {
  const words = `ImagePullBackOff: Back-off pulling image "${PULLABLE}"`;
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'waiting' });
});

test('CRI-O’s word for a registry that is not there', () => {
  const words = `RegistryUnavailable: image pull failed for ${PULLABLE} because the registry is unavailable: pinging container registry 127.0.0.1:30123: Get "http://127.0.0.1:30123/v2/": dial tcp 127.0.0.1:30123: connect: connection refused`;
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'unreachable' });
});

test.each(['eof', 'connection-reset', '503', 'toomanyrequests', 'registry-unknown'])(
  'an image that is called %s is not taken for that trouble',
  (name) => {
    const image = `127.0.0.1:30123/s3cr3t/acme/${name}@sha256:${'a'.repeat(64)}`;
    const words = `ErrImagePull: failed to pull and unpack image "${image}": mediatype "application/x" from http://127.0.0.1:30123/v2/s3cr3t/acme/${name}/manifests/sha256:aa is not known`;
    expect(troubleOfPull(words, image)).toEqual({ kind: 'image' });
  },
);

test.each([
  'ErrImagePull: pull QPS exceeded',
  `ImagePullBackOff: Back-off pulling image "${PULLABLE}": ErrImagePull: pull QPS exceeded`,
])('a pull that the kubelet holds back is nobody’s fault: %s', (words) => {
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'held' });
});

test.each([
  'rpc error: code = Canceled desc = context canceled',
  'rpc error: code = Unavailable desc = transport is closing',
])('a runtime that is started again says nothing of the image: %s', (message) => {
  expect(troubleOfPull(`ErrImagePull: ${message}`, PULLABLE)).toEqual({ kind: 'unreachable' });
});

test.each([
  `${UNPACK}failed to copy: context canceled`,
  'copying system image from manifest list: copying config: context canceled',
])('a pull that its runtime ends for want of bytes did come to the registry: %s', (message) => {
  const words = `ErrImagePull: rpc error: code = Canceled desc = ${message}`;
  expect(troubleOfPull(words, PULLABLE)).toEqual({ kind: 'ended' });
});
