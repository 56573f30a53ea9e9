// A run that is killed: an attempt of a workflow run takes its place, as the action does, and uploads
// until somebody ends this process.
import { uploadChunks } from '../../../src/carriers/configmaps/upload.js';
import { connect } from '../../../src/kube/connect.js';
import { createLease } from '../../../src/run/lease.js';
import { findPlace } from '../../../src/run/namespace.js';
import { newRun } from '../../../src/run/run.js';
import { chunksOf, uploadOptions } from './run-objects.js';

const [kubeconfig = '', workflow = '', namespace] = process.argv.slice(2);
const { client } = await connect({ kubeconfig, env: {} });
const run = newRun({ namespace, workflow });
const { signal } = new AbortController();
console.log('connected');
await findPlace(client, run, signal);
console.log('placed');
const owner = await createLease(client, run, 1, signal);
console.log('leased');
const delivery = { ...run, owner, registry: '', delivery: 0 };
await uploadChunks(client, chunksOf(delivery, 100_000, 128 * 1024), {
  ...uploadOptions(delivery),
  onProgress: ({ chunks }) => console.log(chunks),
});
