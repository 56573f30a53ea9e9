// A run that is killed: joins the namespace with an anchor whose time is over at once, as it would
// be when a later run comes by, and uploads until somebody ends this process.
import { createConfigMap } from '../../../src/cluster/configmaps.js';
import { connect } from '../../../src/cluster/connection.js';
import { joinNamespace } from '../../../src/cluster/namespace.js';
import { uploadChunks } from '../../../src/cluster/upload.js';
import { EXPIRES_ANNOTATION, labelsOf, nameOf, newRun } from '../../../src/run.js';
import { chunksOf } from './run-objects.js';

const [kubeconfig = '', namespace = ''] = process.argv.slice(2);
const { client } = await connect({ kubeconfig, env: {} });
const { id } = newRun();
console.log('connected');
const name = nameOf.anchor(id);
const { anchor } = await joinNamespace(client, { namespace, runId: id }, () => {
  const annotations = { [EXPIRES_ANNOTATION]: '2026-01-01T00:00:00Z' };
  return createConfigMap(client, { name, namespace, labels: labelsOf(id, 'anchor'), annotations });
});
console.log('anchored');
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name, uid: anchor.uid };
await uploadChunks(client, chunksOf(id, 100_000, 128 * 1024), {
  namespace,
  labels: labelsOf(id, 'chunk'),
  owner,
  key: 'chunk',
  onProgress: ({ chunks }) => console.log(chunks),
});
