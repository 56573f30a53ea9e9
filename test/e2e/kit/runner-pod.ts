import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { REPOSITORY, type Runner, type StepOptions } from '../../helpers/runner.js';
import { apply, kubectl } from '../../helpers/site.js';
import { writeMachineImage } from './machine-image.js';

/** What a runner has to have for actions of JavaScript, and what sets an environment. */
const PROGRAMS = [process.execPath, '/usr/bin/env'];

/** Writes an archive of an image with what a runner needs, and nothing else: no shell, no Docker, no Rust, no Git. */
export async function writeRunnerImage(directory: string): Promise<string> {
  return await writeMachineImage(directory, 'runner', PROGRAMS);
}

/** A Pod to be made, and what is special about it. */
export interface RunnerPodOptions {
  readonly namespace: string;
  readonly name: string;
  /** Reference of an image that `writeRunnerImage` has made, which the Pod's node has. */
  readonly image: string;
  /** More of the Pod's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** More of the runner's container. */
  readonly env?: readonly object[];
  readonly volumes?: readonly object[];
  readonly volumeMounts?: readonly object[];
}

/**
 * Starts a Pod that is a self-hosted runner: the runner's directory is its volume for work, into which it has downloaded
 * the action. Returns what a step is to be started with so that it runs in that Pod.
 */
export async function startRunnerPod(
  cluster: Cluster,
  runner: Runner,
  options: RunnerPodOptions,
): Promise<Pick<StepOptions, 'within' | 'bundle'>> {
  const { namespace, name } = options;
  const action = join(runner.directory, 'actions');
  for (const own of ['home', 'tmp']) await mkdir(join(runner.directory, own), { recursive: true });
  for (const part of ['dist', 'injector'])
    await cp(join(REPOSITORY, part), join(action, part), { recursive: true });
  await apply(cluster, podOf(runner.directory, options));
  const pod = ['--namespace', namespace, `pod/${name}`];
  await kubectl(cluster, 'wait', '--for=condition=Ready', '--timeout=300s', ...pod);
  const command = [cluster.kubectl, '--kubeconfig', cluster.kubeconfig, 'exec', ...pod];
  return {
    bundle: join(action, 'dist/index.js'),
    within: (environment) => [
      ...[...command, '--container=runner', '--', '/usr/bin/env'],
      ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    ],
  };
}

function podOf(directory: string, options: RunnerPodOptions): object {
  const { namespace, name, image, spec, env = [], volumes = [], volumeMounts = [] } = options;
  const wait = 'process.once("SIGTERM", () => process.exit()); setInterval(() => {}, 60_000)';
  const runner = {
    name: 'runner',
    image,
    imagePullPolicy: 'Never',
    command: [process.execPath, '--eval', wait],
    workingDir: join(directory, 'workspace'),
    env: [
      { name: 'HOME', value: join(directory, 'home') },
      { name: 'TMPDIR', value: join(directory, 'tmp') },
      ...env,
    ],
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'work', mountPath: directory }, ...volumeMounts],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: 'runner' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      ...spec,
      containers: [runner],
      volumes: [{ name: 'work', hostPath: { path: directory, type: 'Directory' } }, ...volumes],
    },
  };
}
