import { findProgram } from '../../cluster/build/packages.js';
import { writeMachineImage } from './machine-image.js';

/** Debian's engine, what it starts, and its command. */
const PROGRAMS = ['dockerd', 'containerd', 'containerd-shim-runc-v2', 'runc', 'docker'];
/** Where a Pod's containers find the engine's socket. */
const SOCKETS = { name: 'docker-socket', mountPath: '/var/run' };

/** Writes an archive of an image with a Docker engine, as `docker:dind` has one. Throws where this machine has none. */
export async function writeDockerImage(directory: string): Promise<string> {
  const paths = PROGRAMS.map((name) => {
    const path = findProgram(name);
    if (path === undefined) throw new Error(`There is no ${name} on this machine.`);
    return path;
  });
  return await writeMachineImage(directory, 'docker', paths);
}

/**
 * What a runner's Pod has besides to have a Docker engine beside the runner, as the scale set of ARC with
 * `containerMode.type: dind` gives it: a privileged sidecar, and a socket that both see.
 *
 * @param image reference of an image that `writeDockerImage` has made, which the Pod's node has
 * @param work the runner's directory for work, which the engine sees at the same path
 */
export function dockerSidecar(image: string, work: string) {
  const host = 'unix:///var/run/docker.sock';
  const path = { name: 'PATH', value: '/usr/local/bin:/usr/sbin:/usr/bin' };
  const dind = {
    name: 'dind',
    image,
    imagePullPolicy: 'Never',
    restartPolicy: 'Always',
    command: [
      findProgram('dockerd'),
      ...[`--host=${host}`, '--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    env: [path, { name: 'DOCKER_HOST', value: host }, { name: 'DOCKER_BUILDKIT', value: '0' }],
    securityContext: { privileged: true },
    startupProbe: { exec: { command: [findProgram('docker'), 'info'] }, periodSeconds: 1 },
    volumeMounts: [
      SOCKETS,
      { name: 'docker-data', mountPath: '/var/lib/docker' },
      { name: 'docker-temporary', mountPath: '/tmp' },
      { name: 'work', mountPath: work },
    ],
  };
  return {
    spec: { initContainers: [dind] },
    volumes: [SOCKETS.name, 'docker-data', 'docker-temporary'].map((name) => ({
      name,
      emptyDir: {},
    })),
    volumeMounts: [SOCKETS],
    env: [{ name: 'DOCKER_HOST', value: host }],
  };
}
