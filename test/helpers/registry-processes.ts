import { readdir, readFile } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.js';
import { until } from '../cluster/until.js';

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

/** Process id of the one registry that there is, once those of earlier runs have ended. */
export async function registryProcess(cluster: Cluster): Promise<number> {
  const alone = async () => {
    const [pid, ...others] = await registryProcesses(cluster);
    return others.length === 0 ? pid : undefined;
  };
  return await until('one registry alone', alone);
}
