import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { type FaultyLine, type LineFaults, startFaultyLine } from './faulty-line.js';

/** A line before a cluster's API server, with the text of a kubeconfig that leads over it. */
export interface ApiLine extends FaultyLine {
  readonly kubeconfig: string;
}

/** Starts one with these faults. */
export async function startApiLine(cluster: Cluster, faults: LineFaults = {}): Promise<ApiLine> {
  const kubeconfig = await readFile(cluster.kubeconfig, 'utf8');
  const [, host = '', port = ''] = /server: https:\/\/([^:]+):(\d+)/.exec(kubeconfig) ?? [];
  const line = await startFaultyLine({ host, port: Number(port) }, faults);
  return { ...line, kubeconfig: kubeconfig.replace(`${host}:${port}`, `127.0.0.1:${line.port}`) };
}
