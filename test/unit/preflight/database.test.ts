import { expect, test } from '@jest/globals';
import { databaseBytesIn } from '../../../src/preflight/database.js';

test.each([
  [
    'since 1.28',
    'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 1.9251200e+07',
    19_251_200,
  ],
  ['1.26', 'apiserver_storage_db_total_size_in_bytes{endpoint="http://127.0.0.1:2379"} 4096', 4096],
  ['before that', 'etcd_db_total_size_in_bytes{endpoint="http://127.0.0.1:2379"} 8192', 8192],
  ['without labels', 'apiserver_storage_size_bytes 7', 7],
  [
    'the largest of several databases',
    'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 5\napiserver_storage_size_bytes{storage_cluster_id="etcd-1"} 9',
    9,
  ],
  [
    'no such metric',
    '# HELP apiserver_storage_size_bytes x\napiserver_storage_objects 3',
    undefined,
  ],
  ['no number', 'apiserver_storage_size_bytes{} none', undefined],
  ['a metric whose name only begins so', 'apiserver_storage_size_bytes_max 12', undefined],
])('the size of the database is read from the metrics of a server: %s', (_, line, size) => {
  expect(databaseBytesIn(`# TYPE x gauge\n${line}\nother 1\n`)).toBe(size);
});
