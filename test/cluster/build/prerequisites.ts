import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sentenceOf } from '../../../src/lib/errors.js';
import { run } from '../command.js';
import { hierarchies } from '../machine/cgroup.js';
import { sourceRoot } from '../paths.js';
import { findProgram, missingPackages } from './packages.js';

/** Oldest Go that fetches by itself the newer one that Kubernetes' go.mod asks for. */
const OLDEST_GO = 21;

/** Minor version of the oldest Rust that builds the injector, by its own word. */
async function oldestRust(): Promise<number> {
  const manifest = await readFile(join(sourceRoot(), '../../injector/Cargo.toml'), 'utf8');
  return Number(/^rust-version = "1\.(\d+)/m.exec(manifest)?.[1] ?? 0);
}

/**
 * What is missing on this machine and cannot be installed by `up`, a full sentence each with the
 * way to get it. Empty when all is there. For the cluster and for building the injector alike.
 */
export async function prerequisites(): Promise<string[]> {
  const rust = await whyNoRust();
  return [...(await clusterPrerequisites()), ...(rust === undefined ? [] : [rust])];
}

/** The same for building an image and the injector, where the cluster is somebody else's. */
export async function buildPrerequisites(): Promise<string[]> {
  const missing = [await whyNoGo(), await whyNoRust()];
  return missing.filter((sentence) => sentence !== undefined);
}

/** The same for the cluster alone. */
export async function clusterPrerequisites(): Promise<string[]> {
  const missing = [await whyNotHost(), await whyNoGo(), whyNoPackages()];
  return missing.filter((sentence) => sentence !== undefined);
}

/** Whether this machine can host a cluster, and the reason when it cannot. */
export async function canHost(): Promise<{ can: true } | { can: false; reason: string }> {
  const reason = await whyNotHost();
  return reason === undefined ? { can: true } : { can: false, reason };
}

async function whyNotHost(): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return `The embedded cluster runs on Linux alone, and this is ${process.platform}; use a virtual machine with Debian or Ubuntu, or have the demo use a cluster that you have: npm run demo -- --kubeconfig PATH`;
  }
  if (!['x64', 'arm64'].includes(process.arch)) {
    return `The embedded cluster runs on x86-64 and aarch64, and this is ${process.arch}.`;
  }
  if (process.getuid?.() !== 0) {
    return 'The embedded cluster makes network namespaces and mounts and so needs root; run the same command with sudo (sudo -E keeps your PATH settings).';
  }
  if (hierarchies().length === 0) {
    return 'No control groups are mounted on this machine; mount them at /sys/fs/cgroup.';
  }
  return await whyNotAllowed();
}

/** Tries out, in namespaces that are gone afterwards, what the kernel has to allow. */
async function whyNotAllowed(): Promise<string | undefined> {
  if (!findProgram('unshare') || !findProgram('ip')) return undefined; // will be installed
  const directory = await mkdtemp(join(tmpdir(), 'jackal-can-host-'));
  const script = [
    'mount -t tmpfs tmpfs .',
    'mkdir lower upper work merged',
    'mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged',
    'ip link add jackal type bridge',
    'ip link add one type veth peer name two',
  ].join(' && ');
  try {
    const namespaces = ['--mount', '--net', '--pid', '--fork'];
    await run('unshare', [...namespaces, 'sh', '-c', script], { cwd: directory });
    return undefined;
  } catch (thrown) {
    return `This machine does not allow what the embedded cluster needs (namespaces, overlayfs, bridges, as in a virtual machine or a privileged container): ${sentenceOf(thrown)}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function whyNoGo(): Promise<string | undefined> {
  const way = 'get it from https://go.dev/dl/ and put its bin directory on PATH';
  if (!findProgram('go'))
    return `Go is missing, which builds Kubernetes and the demo's page server; ${way}.`;
  const { stdout } = await run('go', ['env', 'GOVERSION'], { anyStatus: true });
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  if (minor >= OLDEST_GO) return undefined;
  return `Go is too old (${stdout.trim() || 'unknown'}, at least go1.${OLDEST_GO} is needed); ${way}.`;
}

async function whyNoRust(): Promise<string | undefined> {
  const way =
    "get it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y";
  for (const program of ['cargo', 'rustup']) {
    if (!findProgram(program)) {
      return `${program} is missing, which builds the injector for the nodes; ${way}`;
    }
  }
  const { stdout } = await run('cargo', ['--version'], { anyStatus: true });
  const minor = Number(/^cargo 1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  const oldest = await oldestRust();
  if (minor >= oldest) return undefined;
  return `Rust is too old (${stdout.trim() || 'no default toolchain'}, at least 1.${oldest} is needed); run: rustup update stable`;
}

function whyNoPackages(): string | undefined {
  const missing = missingPackages();
  if (missing.length === 0 || findProgram('apt-get')) return undefined;
  return `These Debian packages are missing and there is no apt-get to install them: ${missing.join(', ')}; install what this system calls them.`;
}
