import { readFileSync } from 'node:fs';
import { PAUSE_IMAGE } from '../build/build.js';
import { findProgram } from '../build/packages.js';
import { hierarchies } from '../machine/cgroup.js';
import { CNI_FILES, cniDirectory } from '../machine/cni.js';
import { entering, INSIDE } from '../machine/machine.js';
import { withProc } from '../machine/proc.js';
import type { Runtime } from './runtime.js';

const CRIO_STORAGE = ['/var/lib/containers/storage', '/run/containers/storage'] as const;

/** CRI-O, with conmon and runc of the distribution. */
export function crio(): Runtime {
  const image = `containers-storage:[overlay@${CRIO_STORAGE.join('+')}]${PAUSE_IMAGE}`;
  const archive = `docker-archive:${INSIDE}/pause/pause.tar`;
  const command = [`${INSIDE}/crio/crio`, '--config', `${INSIDE}/crio.conf`, '--config-dir', ''];
  return {
    component: 'crio',
    command: withProc([['cgroups', 'cgroups']], command),
    socket: '/run/crio/crio.sock',
    files: { 'crio.conf': crioConfig(), 'policy.json': TRUST_ALL, cgroups: controllers() },
    importPause: (node) =>
      entering(node, ['skopeo', 'copy', '--policy', `${INSIDE}/policy.json`, archive, image]),
  };
}

/** Images' signatures are nobody's subject here. */
const TRUST_ALL = '{"default":[{"type":"insecureAcceptAnything"}]}';

function crioConfig(): string {
  const [root, runroot] = CRIO_STORAGE;
  return `[crio]
root = "${root}"
runroot = "${runroot}"
storage_driver = "overlay"
[crio.api]
listen = "/run/crio/crio.sock"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
default_runtime = "runc"
pinns_path = "${INSIDE}/crio/pinns"
[crio.runtime.runtimes.runc]
runtime_path = "${findProgram('runc')}"
monitor_path = "${findProgram('conmon')}"
[crio.image]
pause_image = "${PAUSE_IMAGE}"
signature_policy = "${INSIDE}/policy.json"
[crio.network]
network_dir = "${CNI_FILES}"
plugin_dirs = ["${cniDirectory()}"]
`;
}

/**
 * /proc/cgroups without the controllers that no hierarchy of version 1 has: CRI-O would set limits of theirs, and fail.
 * With version 2 alone nobody reads it.
 */
function controllers(): string {
  const first = hierarchies().filter(({ version }) => version === 1);
  const mounted = new Set(first.flatMap((one) => one.controllers));
  const lines = readFileSync('/proc/cgroups', 'utf8').trimEnd().split('\n');
  return lines
    .filter((line) => line.startsWith('#') || mounted.has(line.split('\t')[0] ?? ''))
    .map((line) => `${line}\n`)
    .join('');
}
