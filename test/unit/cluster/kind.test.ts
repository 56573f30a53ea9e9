import { expect, test } from '@jest/globals';
import { describeKind, kindOf, USUAL } from '../../cluster/kind.js';
import { inFamilies, networkOf, podRange, SERVICE_RANGE } from '../../cluster/machine/addresses.js';
import { checkName } from '../../cluster/paths.js';
import { variants } from '../../matrix/variants.js';

test('a kind is the usual one but for what is asked for', () => {
  expect(kindOf({})).toEqual(USUAL);
  expect(kindOf({ nodes: 3, ...{ name: 'other' } })).toEqual({ ...USUAL, nodes: 3 });
  expect(describeKind(kindOf({ ipFamily: 'dual' }))).toContain(
    '--ip-family dual --network-policies none',
  );
});

test.each([
  [{ nodes: 0 }, '1 to 16 nodes, not 0'],
  [{ nodes: 17 }, '1 to 16 nodes, not 17'],
  [{ proxyMode: 'ipvs' as 'nftables' }, '--proxy-mode is iptables or nftables, not "ipvs"'],
  [{ apiServers: 3 }, '--api-servers is 1 or 2, not "3"'],
])('%j cannot be', (wanted, words) => {
  expect(() => kindOf(wanted)).toThrow(words);
});

test('each variant is a kind of its own, and its name can be that of a cluster', () => {
  const kinds = variants.map(({ options }) => describeKind(kindOf(options)));
  expect(new Set(kinds).size).toBe(variants.length);
  for (const { name } of variants) expect(checkName(`on-${name}`)).toBe(`on-${name}`);
});

test('addresses of IPv6 show the digits of those of IPv4, ahead of them where they count first', () => {
  const network = (ipFamily: 'ipv4' | 'dual' | 'ipv6-first') =>
    networkOf(3, { ipFamily, apiServers: 2 });
  const { front, apiServers } = network('dual');
  expect([apiServers, front]).toEqual([['10.89.3.2', '10.89.3.3'], '10.89.3.4']);
  expect(inFamilies(network('ipv4'), front)).toEqual(['10.89.3.4']);
  expect(inFamilies(network('dual'), front)).toEqual(['10.89.3.4', 'fd00:89:3::4']);
  const first = network('ipv6-first');
  expect(inFamilies(first, podRange(first, 2))).toEqual(['fd00:90:49::/64', '10.90.49.0/24']);
  expect(inFamilies(first, SERVICE_RANGE)[0]).toBe('fd00:96:0::/112');
});
