import { expect, test } from '@jest/globals';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import { proxyModeIn, readProxyMode } from '../../../src/routes/proxy-mode.js';
import { RelayRefused, RouteFailure, Routes, routesFor } from '../../../src/routes/route.js';

test.each([
  ['a cluster of which nothing is known', undefined, true, 'nodeport hostport hostnetwork'],
  ['kube-proxy’s default', '', true, 'nodeport hostport hostnetwork'],
  ['iptables', 'iptables', true, 'nodeport hostport hostnetwork'],
  ['nftables', 'nftables', true, 'hostport hostnetwork nodeport'],
  ['IPVS', 'ipvs', true, 'hostport hostnetwork nodeport'],
  ['a cluster without NodePorts', 'iptables', false, 'hostport hostnetwork'],
])('the routes of %s', (_, proxyMode, hasNodePort, order) => {
  expect(routesFor('auto', { proxyMode, hasNodePort }).routes.join(' ')).toBe(order);
});

test('where CRI-O runs its hostPorts are tried after the host’s network', () => {
  const facts = { hasCrio: true, hasNodePort: true };
  expect(routesFor('auto', { ...facts, proxyMode: 'iptables' }).routes).toEqual([
    ...['nodeport', 'hostnetwork', 'hostport'],
  ]);
  expect(routesFor('auto', { ...facts, proxyMode: 'nftables' }).routes).toEqual([
    ...['hostnetwork', 'hostport', 'nodeport'],
  ]);
});

test('a route that is asked for is the only one, whatever is known', () => {
  for (const route of ['nodeport', 'hostport', 'hostnetwork'] as const) {
    expect(routesFor(route, { proxyMode: 'nftables', hasNodePort: false })).toEqual({
      routes: [route],
      reason: 'as the input `route` says',
    });
  }
});

test('who may not list nodes has NodePorts, and a sentence where these do not do', () => {
  const unlisted = { nodesUnlisted: true, hasNodePort: true };
  expect(routesFor('auto', { ...unlisted, proxyMode: 'nftables' }).routes).toEqual(['nodeport']);
  expect(routesFor('nodeport', unlisted).routes).toEqual(['nodeport']);
  expect(() => routesFor('hostport', unlisted)).toThrow(
    "The images need relays on the nodes, since the input `route` is hostport, and the kubeconfig's user may not list nodes, which relays need; have that right granted, or set the input to auto.",
  );
  expect(() => routesFor('auto', { ...unlisted, hasNodePort: false })).toThrow(
    /since the cluster takes no Service of type NodePort, and .* have that right granted\.$/,
  );
});

test('one route follows the other, and the last failure tells of all', () => {
  const routes = new Routes(routesFor('auto', { hasNodePort: true, proxyMode: 'iptables' }));
  expect([routes.now, routes.tried, routes.isLast]).toEqual(['nodeport', 0, false]);
  routes.next(new RouteFailure('Nobody listens.'));
  routes.next(new RouteFailure('No hostPort here.'));
  expect([routes.now, routes.tried, routes.isLast]).toEqual(['hostnetwork', 2, true]);
  expect(() => routes.next(new RouteFailure('Not allowed.'))).toThrow(
    'No route brings the nodes to the registry. hostnetwork: Not allowed. Before: nodeport: Nobody listens; hostport: No hostPort here.',
  );
});

test('where relays are refused a NodePort has the time of a last route, and is told once', () => {
  const routes = new Routes(routesFor('auto', { hasNodePort: true }));
  routes.next(new RouteFailure('Slow.'));
  routes.next(new RelayRefused('Refused.'));
  // Until it is refused, too, a relay has that time.
  expect([routes.now, routes.isLast]).toEqual(['hostnetwork', true]);
  routes.next(new RelayRefused('Refused, too.'));
  expect([routes.now, routes.isLast]).toEqual(['nodeport', true]);
  expect(() => routes.next(new RouteFailure('Nobody listens.'))).toThrow(
    'No route brings the nodes to the registry. nodeport: Nobody listens. Before: hostport: Refused; hostnetwork: Refused, too.',
  );
});

test.each([
  ['relays were had', undefined, RouteFailure],
  ['kube-proxy was known to have them on the loopback, and waited for', 'iptables', RelayRefused],
])('no NodePort is tried once more where %s', (_, proxyMode, Failure) => {
  const routes = new Routes(routesFor('auto', { hasNodePort: true, proxyMode }));
  routes.next(new RouteFailure('Nobody listens.'));
  routes.next(new RelayRefused('Refused.'));
  expect(() => routes.next(new Failure('Last.'))).toThrow(
    'No route brings the nodes to the registry. hostnetwork: Last.',
  );
});

test('the failure of the only route is that of the run', () => {
  const failure = new RouteFailure('Nobody listens.');
  const routes = new Routes(routesFor('nodeport', { hasNodePort: true }));
  expect(() => routes.next(failure)).toThrow(failure);
});

test.each([
  ['kubeadm', 'metricsBindAddress: ""\nmode: ""\nnodePortAddresses: null\n', ''],
  ['kind', 'kind: KubeProxyConfiguration\nmode: "nftables"\n', 'nftables'],
  ['JSON', '{\n  "kind": "KubeProxyConfiguration",\n  "mode": "ipvs",\n}', 'ipvs'],
  ['single quotes', "mode: 'iptables'", 'iptables'],
  ['a mode of something else', 'detectLocalMode: ""\n', undefined],
  ['nothing', '', undefined],
])('kube-proxy’s mode as %s writes it', (_, text, mode) => {
  expect(proxyModeIn(text)).toBe(mode);
});

test.each<[string, Record<string, Record<string, string>>, string | undefined]>([
  ['as kubeadm has it', { 'kube-proxy': { 'config.conf': 'mode: nftables' } }, 'nftables'],
  [
    'as EKS has it, beside a kubeconfig',
    { 'kube-proxy': { kubeconfig: 'kind: Config' }, 'kube-proxy-config': { config: 'mode: ipvs' } },
    'ipvs',
  ],
  ['of which nothing may be read', {}, undefined],
])('kube-proxy’s mode is found %s', async (_, configMaps, mode) => {
  const get = async (path: string) => {
    const data = configMaps[path.replace('/api/v1/namespaces/kube-system/configmaps/', '')];
    if (data === undefined) throw new ApiError('Not there.', { fault: 'not-found', status: 404 });
    return { data };
  };
  const { signal } = new AbortController();
  expect(await readProxyMode({ get } as unknown as ApiClient, signal)).toBe(mode);
});
