import { readdir, readFile } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.js';

/** Process ids of registries' containers: injectors that serve on nodes of this cluster. */
export async function registryProcesses(cluster: Cluster): Promise<number[]> {
  const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    entries.map(async (pid) => {
      const of = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [command, groups] = [await of('cmdline'), await of('cgroup')];
      const ours = groups.includes(`/jackal-inject/${cluster.name}/`);
      return ours && /^\/jackal\/injector\0serve\0/.test(command) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
