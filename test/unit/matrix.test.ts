import { expect, test } from '@jest/globals';
import { tableOf, withTable } from '../matrix/table.js';

const ROW = {
  ...{ cluster: 'nftables', kubernetes: 'v1.37.2', runtime: 'containerd 2.2.1' },
  ...{ route: 'auto', carrier: 'auto', outcome: 'green', taken: 'hostport', seconds: 4.21 },
};

test('the matrix is a table that tells the route taken, and says the same of the same run', () => {
  const outcome = `Node node1 cannot reach 127.0.0.1:31234/0123456789abcdef/web@sha256:${'0'.repeat(64)} (a|b).`;
  const refused = { ...ROW, route: 'nodeport', outcome, taken: undefined };
  expect(tableOf([ROW, refused], [{ cluster: 'crio', reason: 'It needs conmon.' }])).toBe(
    [
      '| cluster | Kubernetes | runtime | route | carrier | outcome | seconds |\n',
      '| --- | --- | --- | --- | --- | --- | --- |\n',
      '| nftables | v1.37.2 | containerd 2.2.1 | auto: hostport | auto | green | 4.2 |\n',
      '| nftables | v1.37.2 | containerd 2.2.1 | nodeport | auto | ends with 1 | 4.2 |\n',
      '| crio |  |  |  |  | not run: It needs conmon. |  |\n',
      '\n1. Node NODE cannot reach 127.0.0.1:PORT/web (a|b).\n',
    ].join(''),
  );
});

test('the table takes its place in a document, which has to have one', () => {
  const document = 'Before.\n<!-- measured -->\nold\n<!-- /measured -->\nAfter.\n';
  expect(withTable(document, '| new $& |\n')).toBe(
    'Before.\n<!-- measured -->\n| new $& |\n<!-- /measured -->\nAfter.\n',
  );
  expect(() => withTable('None.', '')).toThrow('no comments "measured"');
});
