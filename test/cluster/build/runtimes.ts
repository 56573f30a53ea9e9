import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import { run } from '../command.js';
import { cacheRoot } from '../paths.js';
import type { RuntimeName } from '../runtime/runtime.js';
import { type BuildOptions, built, go, goEnvironment } from './built.js';
import { findProgram, installPackages } from './packages.js';

/** Version of containerd on every node: the first 2.2 that Kubernetes 1.36 and later run on. */
const CONTAINERD = 'v2.2.1';

/** Versions of CRI-O. */
const CRIO = { crio: 'v1.34.0', 'crio-https': 'v1.35.6' } as const;
type CrioName = keyof typeof CRIO;

const CONTAINERD_PROGRAMS = ['containerd', 'containerd-shim-runc-v2', 'ctr'];

/** The directory of a runtime's programs, by the name under which machines have it. */
export async function runtimeBinaries(
  runtime: RuntimeName,
  options: BuildOptions = {},
): Promise<Record<string, string>> {
  if (runtime === 'crio' || runtime === 'crio-https') {
    return { crio: await crio(CRIO[runtime], options) };
  }
  const ofDebian = runtime === 'containerd-debian';
  return { containerd: await (ofDebian ? debianContainerd(options) : containerdBinaries(options)) };
}

/** The directory with `containerd`, its shim and `ctr`. */
export async function containerdBinaries(options: BuildOptions = {}): Promise<string> {
  const module = 'github.com/containerd/containerd/v2/cmd';
  const make = async (directory: string) => {
    const packages = CONTAINERD_PROGRAMS.map((program) => `${module}/${program}@${CONTAINERD}`);
    const env = goEnvironment({ GOBIN: directory });
    const tags = 'no_btrfs,no_devmapper,no_zfs';
    await go(['install', '-tags', tags, ...packages], directory, options, env);
  };
  return await built(`containerd-${CONTAINERD}-${process.arch}`, make, options);
}

/** What the distribution's package `containerd` installs, copied, since it may be upgraded under way. */
async function debianContainerd(options: BuildOptions): Promise<string> {
  if (!CONTAINERD_PROGRAMS.every(findProgram)) await installPackages(['containerd'], options.log);
  const program = findProgram('containerd') ?? 'containerd';
  const version = (await run(program, ['--version'], options)).stdout.split(' ')[2] ?? '';
  const make = async (directory: string) => {
    for (const name of CONTAINERD_PROGRAMS) {
      await cp(findProgram(name) ?? name, join(directory, name), { dereference: true });
    }
  };
  const name = version.replaceAll(/[^\w.+~-]/g, '_');
  return await built(`containerd-debian-${name}-${process.arch}`, make, options);
}

/** Its tools on the machine: what watches a container, and what brings it the pause image. */
const CRIO_PACKAGES: Readonly<Record<string, string>> = {
  conmon: 'conmon',
  gcc: 'gcc',
  skopeo: 'skopeo',
};

const crioDirectory = (version: string) => `crio-${version}-${process.arch}`;

/** Whether a version of CRI-O is there, or the Go module proxy has its sources: it lacks most of them. */
export async function hasCrio(name: CrioName): Promise<boolean> {
  const version = CRIO[name];
  if (existsSync(join(cacheRoot(), crioDirectory(version)))) return true;
  const ask = ['list', '-m', `github.com/cri-o/cri-o@${version}`];
  return await go(ask, '/', {}).then(
    () => true,
    () => false,
  );
}

/** CRI-O and `pinns`, the program in C that holds namespaces for it, from the sources in its Go module. */
async function crio(version: string, options: BuildOptions): Promise<string> {
  const missing = Object.entries(CRIO_PACKAGES).filter(([program]) => !findProgram(program));
  await installPackages(
    missing.map(([, name]) => name),
    options.log,
  );
  const make = async (directory: string) => {
    const source = join(directory, 'source');
    const download = ['mod', 'download', '-json', `github.com/cri-o/cri-o@${version}`];
    const { stdout } = await go(download, directory, options);
    const { Dir } = JSON.parse(stdout) as { Dir?: string };
    if (!Dir) throw new ActionError(`The Go module proxy has no sources of CRI-O ${version}.`);
    // Its go.mod has replacements, which count in the main module alone.
    await run('cp', ['-r', '--no-preserve=mode', Dir, source], options);
    const tags = 'containers_image_openpgp,containers_image_ostree_stub,exclude_graphdriver_btrfs';
    const flags = ['-trimpath', '-ldflags', '-s -w', '-tags', tags];
    await go(['build', ...flags, '-o', join(directory, 'crio'), './cmd/crio'], source, options);
    const parts = ['pinns.c', 'sysctl.c'].map((part) => join(source, 'pinns/src', part));
    const gcc = ['-std=c99', '-Os', '-static', '-o', join(directory, 'pinns'), ...parts];
    await run('gcc', gcc, options);
    await run('rm', ['-r', source], options);
  };
  return await built(crioDirectory(version), make, options);
}
