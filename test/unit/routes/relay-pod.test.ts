import { expect, test } from '@jest/globals';
import { relayPod, relayPortFor } from '../../../src/routes/relay-pod.js';
import type { Delivery } from '../../../src/run/run.js';

const DELIVERY = {
  ...{ id: '0123abcd', namespace: 'n', secret: 's', token: 't', registry: '127.0.0.1:30001/s' },
  delivery: 2,
  owner: { apiVersion: 'v1', kind: 'Lease', name: 'jackal-0123abcd', uid: 'u' },
} as Delivery;
const BASE = { node: 'node1', architecture: 'amd64', image: 'pause:1' };

const podBy = (route: 'hostport' | 'hostnetwork') =>
  relayPod(DELIVERY, BASE, { route, port: 30001, to: '10.96.0.7:5000' }, 3, 1);

test('a relay with a hostPort is open on the loopback alone, and not in the host’s network', () => {
  const { metadata, spec } = podBy('hostport');
  expect(metadata?.name).toBe('jackal-0123abcd-2-relay-3-1');
  expect(spec?.nodeName).toBe('node1');
  expect(spec?.hostNetwork).toBeUndefined();
  const [container] = spec?.containers ?? [];
  expect(container?.ports).toEqual([{ containerPort: 5000, hostPort: 30001, hostIP: '127.0.0.1' }]);
  expect(container?.command?.slice(1)).toEqual([
    ...['relay', '--to', '10.96.0.7:5000', '--listen', '0.0.0.0:5000'],
  ]);
});

test('a relay in the host’s network listens on its loopback alone', () => {
  const { spec } = podBy('hostnetwork');
  expect(spec?.hostNetwork).toBe(true);
  const [container] = spec?.containers ?? [];
  expect(container?.ports).toBeUndefined();
  expect(container?.command?.slice(4)).toEqual([
    ...['--listen', '127.0.0.1:30001', '--listen', '[::1]:30001'],
  ]);
});

test.each(['hostport', 'hostnetwork'] as const)('a relay by %s has no other privilege', (route) => {
  const { spec } = podBy(route);
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(spec?.containers[0]).toMatchObject({
    imagePullPolicy: 'Never',
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
  });
  expect(spec?.volumes?.some(({ hostPath }) => hostPath)).toBe(false);
});

test('ports of runs without a NodePort lie above those of outgoing connections', () => {
  for (const id of ['00000000', '0123abcd', 'ffffffff']) {
    expect(relayPortFor(id)).toBeGreaterThanOrEqual(61000);
    expect(relayPortFor(id)).toBeLessThanOrEqual(65535);
  }
  expect(relayPortFor('00000000')).not.toBe(relayPortFor('00000001'));
});
