import { createHash } from 'node:crypto';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import { run } from '../command.js';
import { sourceRoot } from '../paths.js';
import { type BuildOptions, built, go, goEnvironment } from './built.js';

/** Kubernetes version of a cluster when none is asked for. */
export const DEFAULT_KUBERNETES = 'v1.37.2';

/**
 * etcd's module for each Kubernetes minor version, where it differs from the one that Kubernetes'
 * own go.mod asks for. Kubernetes links with that one only: etcd's packages moved in between.
 */
const ETCD: Readonly<Record<string, string>> = { '1.37': 'v3.7.3', '1.34': 'v3.6.4' };

/**
 * The directory with `kube` (all components, see kube/main.go) and `kubectl` of one version.
 * @throws ActionError when the version is not a released one or the build fails.
 */
export async function kubeBinaries(version: string, options: BuildOptions = {}): Promise<string> {
  const parts = /^v1\.(\d+)\.\d+$/.exec(version);
  if (!parts) {
    throw new ActionError(
      `"${version}" is not a version of Kubernetes; give one such as ${DEFAULT_KUBERNETES}.`,
    );
  }
  const source = sourceFor(
    Number(parts[1]),
    await readFile(join(sourceRoot(), 'kube/main.go'), 'utf8'),
  );
  const key = createHash('sha256').update(source).digest('hex').slice(0, 8);
  const make = async (directory: string) => {
    await writeFile(join(directory, 'main.go'), source);
    await writeFile(join(directory, 'go.mod'), await kubeModule(version, directory, options));
    await go(['mod', 'tidy'], directory, options);
    const variables = { gitVersion: version, gitMajor: '1', gitMinor: parts[1] };
    const flags = Object.entries(variables).map(
      ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
    );
    const ldflags = ['-s', '-w', ...flags].join(' ');
    await go(['build', '-trimpath', '-ldflags', ldflags, '-o', 'kube', '.'], directory, options);
    await symlink('kube', join(directory, 'kubectl'));
  };
  return await built(`kube-${version}-${process.arch}-${key}`, make, options);
}

/** kube/main.go for a minor version: until 1.33 the command of the kubelet takes no context. */
function sourceFor(minor: number, source: string): string {
  if (minor >= 34) return source;
  return source.replace('\t"context"\n', '').replace('(context.Background())', '()');
}

/**
 * A go.mod for kube/main.go. Kubernetes' own replaces its staging modules (k8s.io/api and so on) by
 * folders of its repository, which outside of it must be the modules published as v0.
 */
async function kubeModule(version: string, cwd: string, options: BuildOptions): Promise<string> {
  const args = ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`];
  const { stdout } = await run('go', args, {
    ...{ cwd, env: goEnvironment(), signal: options.signal, anyStatus: true },
  });
  const { GoMod, Error: reason } = JSON.parse(stdout || '{}') as { GoMod?: string; Error?: string };
  if (!GoMod) {
    throw new ActionError(
      `The sources of Kubernetes ${version} cannot be had from the Go module proxy (go env GOPROXY): ${reason ?? 'go mod download said nothing.'}`,
    );
  }
  const original = await readFile(GoMod, 'utf8');
  const found = (pattern: RegExp) => pattern.exec(original)?.[1] ?? '';
  const etcd =
    ETCD[version.slice(1, version.lastIndexOf('.'))] ??
    found(/^\tgo\.etcd\.io\/etcd\/client\/v3 (v\S+)/m);
  const staging = [...original.matchAll(/^\t?(k8s\.io\/\S+) => \.\/staging/gm)];
  return [
    'module kube',
    `go ${found(/^go (\S+)/m)}`,
    found(/^(godebug default=\S+)/m),
    `require go.etcd.io/etcd/server/v3 ${etcd}`,
    `require k8s.io/kubernetes ${version}`,
    ...staging.map(([, name]) => `replace ${name} => ${name} v0.${version.slice(3)}`),
    '',
  ].join('\n');
}

/** Reference of the image that holds a Pod's namespaces: containerd's own default. */
export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10.1';

/** The directory with the program `pause` and with `pause.tar`, an image of it to import. */
export async function pauseImage(options: BuildOptions = {}): Promise<string> {
  const source = join(sourceRoot(), 'pause/main.go');
  const key = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 8);
  const make = async (directory: string) => {
    await cp(source, join(directory, 'main.go'));
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'pause', 'main.go'];
    await go(args, directory, options);
    await writeImage(directory);
  };
  return await built(`pause-${process.arch}-${key}`, make, options);
}

/** Writes `pause.tar`, in the form of `docker save`: one layer with the one program. */
async function writeImage(directory: string): Promise<void> {
  const tar = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0'];
  await run('tar', [...tar, '-cf', 'layer.tar', 'pause'], { cwd: directory });
  const layer = createHash('sha256')
    .update(await readFile(join(directory, 'layer.tar')))
    .digest('hex');
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'], User: '65535:65535', WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    history: [],
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  const manifest = [{ Config: name, RepoTags: [PAUSE_IMAGE], Layers: ['layer.tar'] }];
  await writeFile(join(directory, name), config);
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  await run('tar', [...tar, '-cf', 'pause.tar', name, 'manifest.json', 'layer.tar'], {
    cwd: directory,
  });
}
