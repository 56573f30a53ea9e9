import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { type FaultyLine, type LineFaults, startFaultyLine } from './faulty-line.js';

/** A line before a cluster's API server, with the text of a kubeconfig that leads over it. */
export interface ApiLine extends FaultyLine {
  readonly kubeconfig: string;
}

/** Starts one with these faults; `server` is what stands in the API server's place, such as a proxy before it. */
export async function startApiLine(
  cluster: Cluster,
  faults: LineFaults = {},
  server = cluster.server,
): Promise<ApiLine> {
  const kubeconfig = await readFile(cluster.kubeconfig, 'utf8');
  const { hostname: host, port } = new URL(server);
  const line = await startFaultyLine({ host, port: Number(port) }, faults);
  const own = `https://127.0.0.1:${line.port}`;
  return { ...line, kubeconfig: kubeconfig.replace(cluster.server, own) };
}
