// A run that is killed: an attempt of a workflow run joins the namespace, as the action does, and
// uploads until somebody ends this process.

import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import { connect } from '../../../src/kube/connect.js';
import { createAnchor } from '../../../src/run/anchor.js';
import { joinNamespace } from '../../../src/run/namespace.js';
import { labelsOf, newRun } from '../../../src/run/run.js';
import { chunksOf } from './run-objects.js';

const [kubeconfig = '', namespace = '', workflow = ''] = process.argv.slice(2);
const { client } = await connect({ kubeconfig, env: {} });
const run = newRun(workflow);
const { signal } = new AbortController();
console.log('connected');
const { anchor: owner } = await joinNamespace(client, { namespace, runId: run.id }, () =>
  createAnchor(client, namespace, run, signal),
);
console.log('anchored');
await uploadChunks(client, chunksOf(run.id, 100_000, 128 * 1024), {
  namespace,
  labels: labelsOf(run.id, 'chunk'),
  owner,
  key: 'chunk',
  onProgress: ({ chunks }) => console.log(chunks),
});
