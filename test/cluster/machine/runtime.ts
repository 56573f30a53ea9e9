import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PAUSE_IMAGE } from '../build/build.js';
import { findProgram } from '../build/packages.js';
import { CNI_DIRECTORIES, CNI_FILES } from './cni.js';
import { entering, INSIDE, type Machine } from './machine.js';

/** A node's container runtime: ours, the distribution's containerd (1.6 or 1.7), or CRI-O. */
export type RuntimeName = 'containerd' | 'containerd-debian' | 'crio';

/** What a machine needs of a runtime. */
export interface Runtime {
  /** Name of the component. */
  readonly component: string;
  readonly command: readonly string[];
  /** Its socket, inside a machine. */
  readonly socket: string;
  /** Texts of its files by their names below INSIDE. */
  readonly files: Readonly<Record<string, string>>;
  /** The command, outside, that gives it the image that holds a Pod's namespaces, once it answers. */
  importPause(node: Machine, programs: Readonly<Record<string, string>>): string[];
}

/** Path of the runtime's socket as seen from outside. */
export function runtimeSocket(name: RuntimeName, node: Machine): string {
  return join(node.directory, runtimeOf(name).socket);
}

/** How a runtime is set up on a machine. */
export function runtimeOf(name: RuntimeName): Runtime {
  if (name === 'crio') return crio();
  const ofDebian = name === 'containerd-debian';
  return containerd(ofDebian ? containerd1Config() : containerd2Config());
}

const SOCKET = 'run/containerd/containerd.sock';

function containerd(config: string): Runtime {
  return {
    component: 'containerd',
    command: [`${INSIDE}/containerd/containerd`, '--config', `${INSIDE}/containerd.toml`],
    socket: `/${SOCKET}`,
    files: { 'containerd.toml': config },
    importPause: (node, { containerd = '', pause = '' }) => [
      ...[join(containerd, 'ctr'), '--address', join(node.directory, SOCKET)],
      ...['--namespace', 'k8s.io', 'images', 'import', join(pause, 'pause.tar')],
    ],
  };
}

const cniDirectory = () => CNI_DIRECTORIES.find((path) => existsSync(path)) ?? '/opt/cni/bin';

/**
 * containerd's defaults, but for what a machine of this kind needs: without the right to lower oom_score_adj
 * (CAP_SYS_RESOURCE) runc fails in an obscure way.
 */
function containerd2Config(): string {
  return `version = 3
imports = []
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['${cniDirectory()}']
    conf_dir = '${CNI_FILES}'
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '${INSIDE}/certs.d'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${PAUSE_IMAGE}'
[plugins.'io.containerd.internal.v1.opt']
  path = '/var/lib/containerd-opt'
`;
}

/** The same for 1.x. */
function containerd1Config(): string {
  return `version = 2
imports = []
[plugins.'io.containerd.grpc.v1.cri']
  restrict_oom_score_adj = true
  sandbox_image = '${PAUSE_IMAGE}'
  [plugins.'io.containerd.grpc.v1.cri'.cni]
    bin_dir = '${cniDirectory()}'
    conf_dir = '${CNI_FILES}'
  [plugins.'io.containerd.grpc.v1.cri'.registry]
    config_path = '${INSIDE}/certs.d'
[plugins.'io.containerd.internal.v1.opt']
  path = '/var/lib/containerd-opt'
`;
}

const CRIO_STORAGE = ['/var/lib/containers/storage', '/run/containers/storage'] as const;

function crio(): Runtime {
  const image = `containers-storage:[overlay@${CRIO_STORAGE.join('+')}]${PAUSE_IMAGE}`;
  const archive = `docker-archive:${INSIDE}/pause/pause.tar`;
  return {
    component: 'crio',
    command: [`${INSIDE}/crio/crio`, '--config', `${INSIDE}/crio.conf`, '--config-dir', ''],
    socket: '/run/crio/crio.sock',
    files: { 'crio.conf': crioConfig(), 'policy.json': TRUST_ALL },
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
