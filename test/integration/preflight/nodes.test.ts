import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { listNodes } from '../../../src/preflight/nodes.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { PlayedNodes } from '../run/played-nodes.js';

let plane: ControlPlane;
let admin: Connection;

beforeAll(async () => {
  plane = await startControlPlane();
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
  const nodes = new PlayedNodes(admin.client);
  await nodes.add('a1', { labels: { pool: 'a' } });
  await nodes.add('a2', { labels: { pool: 'a' }, ready: false });
  await nodes.add('b1', { labels: { pool: 'b' } });
  await nodes.add('d1', { labels: { pool: 'd' } });
  await nodes.press('d1', 'PIDPressure');
  await nodes.add('c1', { labels: { pool: 'c' }, ready: false });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

test.each([
  [undefined, ['a1', 'b1'], ['a2', 'c1', 'd1']],
  ['pool=a', ['a1'], ['a2']],
  ['pool==b', ['b1'], []],
  [' pool in (a, b),\n pool != b ', ['a1'], ['a2']],
  ['!pool, kubernetes.io/os=linux', undefined, undefined],
  ['pool notin (a)', ['b1'], ['c1', 'd1']],
])('the nodes that %j chooses', async (selector, ready, others) => {
  const listed = listNodes(admin.client, { selector });
  if (ready === undefined) {
    await expect(listed).rejects.toThrow(
      `No node of the cluster has the labels that the input \`nodes\` asks for (${selector}); choose`,
    );
    return;
  }
  const nodes = await listed;
  expect(nodes.ready.map(({ name }) => name)).toEqual(ready);
  expect(nodes.others.map(({ name }) => name)).toEqual(others);
});

test.each(['pool in (a', 'pool=a b', '=a', 'pool=a;b', `pool=${'a'.repeat(64)}`, 'a/b/c=d'])(
  'what is no selector is told as such: %j',
  async (selector) => {
    const failure = await listNodes(admin.client, { selector }).catch((error) => error);
    expect(failure.message).toMatch(
      /^The input `nodes` is ".*", which is no label selector \(the API server says: .+\); write it as for kubectl, such as kubernetes\.io\/os=linux,pool in \(a,b\)\.$/,
    );
    expect(failure.message).toContain(`"${selector}"`);
  },
);

test('when none of the chosen nodes is Ready they are named', async () => {
  await expect(listNodes(admin.client, { selector: 'pool=c' })).rejects.toThrow(
    'No Linux node with the labels pool=c is Ready (c1 is not Ready (NodeStatusUnknown)); bring a node up',
  );
});

test('a node whose kubelet takes no Pod is left out from the start, with what it has', async () => {
  const { others } = await listNodes(admin.client, { selector: 'pool in (b,d)' });
  expect(others).toEqual([{ name: 'd1', reason: 'has PIDPressure' }]);
});
