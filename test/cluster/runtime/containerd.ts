import { join } from 'node:path';
import { PAUSE_IMAGE } from '../build/build.js';
import { CNI_FILES, cniDirectory } from '../machine/cni.js';
import { INSIDE } from '../machine/machine.js';
import type { Runtime } from './runtime.js';

/** containerd as we build it. */
export const containerd2 = () => containerd(containerd2Config());

/** containerd 1.6 or 1.7, whose settings have other names. */
export const containerd1 = () => containerd(containerd1Config());

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
