import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';
import { withLock } from '../cluster/build/lock.js';
import { findProgram, installPackages } from '../cluster/build/packages.js';
import { run } from '../cluster/command.js';
import { cacheRoot } from '../cluster/paths.js';

/** A program that is built from the Go module proxy, at a version that the tests were written for. */
interface GoTool {
  readonly package: string;
  readonly version: string;
  /** What Go calls it, where that is not the name of the tool. */
  readonly program?: string;
}

const GO_TOOLS = {
  act: { package: 'github.com/nektos/act', version: 'v0.2.89' },
  buildx: { package: 'github.com/docker/buildx/cmd/buildx', version: 'v0.38.2' },
  conformance: {
    package: 'github.com/opencontainers/distribution-spec/conformance',
    // Releases of the specification carry an older program that cannot test a read-only registry.
    version: 'v0.0.0-20260831232431-97274622c111',
  },
  crane: { package: 'github.com/google/go-containerregistry/cmd/crane', version: 'v0.22.1' },
  helm3: { package: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0', program: 'helm' },
  helm4: { package: 'helm.sh/helm/v4/cmd/helm', version: 'v4.3.2', program: 'helm' },
  ko: { package: 'github.com/google/ko', version: 'v0.19.1' },
  kustomize: { package: 'sigs.k8s.io/kustomize/kustomize/v5', version: 'v5.8.2' },
  kwok: { package: 'sigs.k8s.io/kwok/cmd/kwok', version: 'v0.8.0' },
  oras: { package: 'oras.land/oras/cmd/oras', version: 'v1.3.6' },
  regctl: { package: 'github.com/regclient/regclient/cmd/regctl', version: 'v0.11.7' },
} as const satisfies Record<string, GoTool>;

/** Program → the package of Debian and Ubuntu that has it. */
const DEBIAN_TOOLS = {
  buildah: 'buildah',
  'docker-registry': 'docker-registry',
  jq: 'jq',
  mvn: 'maven',
  nginx: 'nginx',
  podman: 'podman',
  setpriv: 'util-linux',
  skopeo: 'skopeo',
  zstd: 'zstd',
} as const;

/** What `tool` can provide. */
export type ToolName = keyof typeof GO_TOOLS | keyof typeof DEBIAN_TOOLS;

/** Why these tools cannot be had on this machine, or undefined when they can. */
export function whyNoTools(...names: ToolName[]): string | undefined {
  if (process.platform !== 'linux') return `they run on Linux and this is ${process.platform}`;
  const missing = names.filter((name) => name in DEBIAN_TOOLS && findProgram(name) === undefined);
  if (missing.length > 0 && process.getuid?.() !== 0)
    return `installing ${missing.join(' and ')} needs root`;
  return findProgram('go') === undefined ? 'Go is missing (https://go.dev/dl)' : undefined;
}

/**
 * Path of a program: Debian's, installed when missing, or one that is built once from its Go module
 * and kept in the cache under its version.
 * @throws ActionError when it can neither be found nor built nor installed.
 */
export async function tool(name: ToolName): Promise<string> {
  if (name in GO_TOOLS) return await goTool(name, GO_TOOLS[name as keyof typeof GO_TOOLS]);
  if (findProgram(name) === undefined)
    await installPackages([DEBIAN_TOOLS[name as keyof typeof DEBIAN_TOOLS]]);
  const path = findProgram(name);
  if (path === undefined) throw new ActionError(`The package of ${name} does not contain it.`);
  return path;
}

async function goTool(
  name: string,
  { package: path, version, program = name }: GoTool,
): Promise<string> {
  return await builtByGo(`${name}-${version}-${process.arch}`, program, (go) =>
    go(['install', '-trimpath', `${path}@${version}`]),
  );
}

/**
 * Builds a Go program once and keeps it as `<cache>/bin/<file>`. `build` is given a way to run `go`
 * whose installed programs (GOBIN) come to lie in a directory of this build alone, and leaves
 * `program` there. A second process waits for the first and never sees half of it.
 */
export async function builtByGo(
  file: string,
  program: string,
  build: (go: (args: string[]) => Promise<unknown>, directory: string) => Promise<unknown>,
): Promise<string> {
  const directory = join(cacheRoot(), 'bin');
  const path = join(directory, file);
  if (existsSync(path)) return path;
  return await withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return path;
    await mkdir(directory, { recursive: true });
    const building = await mkdtemp(join(directory, 'building-'));
    const env = { ...process.env, GOBIN: building, CGO_ENABLED: '0', GOWORK: 'off' };
    try {
      await build((args) => run('nice', ['go', ...args], { cwd: building, env }), building);
      await rename(join(building, program), path);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
    return path;
  });
}
