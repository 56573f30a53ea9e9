import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Blob, Image, Manifest } from '../../src/images/image.js';
import { childrenOf } from '../cluster/machine/process.js';
import { until } from '../cluster/until.js';
import { type Registry, serveImages } from '../helpers/registry.js';
import { type ToolName, tool } from '../helpers/tools.js';

/** A server of one image, the same for all. */
export interface Contender {
  readonly name: string;
  /** Processes that serve. */
  readonly pids: () => number[];
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** The repository's path behind /v2/. */
  readonly repository: string;
  close(): Promise<unknown>;
}

/** The injector, which has verified everything when this is fulfilled. */
export async function startInjector(image: Image): Promise<Contender & { registry: Registry }> {
  const registry = await serveImages([image]);
  return {
    name: 'injector',
    pids: () => [registry.pid],
    address: registry.host,
    repository: registry.repository(image),
    close: () => registry.close(),
    registry,
  };
}

/** nginx with what its manual advises for files, serving those of the injector's store. */
export async function startNginx(image: Image, store: string): Promise<Contender> {
  const { directory, port, remove } = await place('nginx');
  const tree = { manifests: image.manifests, blobs: image.blobs };
  for (const [kind, contents] of Object.entries(tree)) {
    await mkdir(join(directory, 'v2/bench', kind), { recursive: true });
    for (const { digest } of contents)
      await symlink(join(store, digest.slice(7)), join(directory, 'v2/bench', kind, digest));
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const settings = `
    daemon off; worker_processes auto; pid ${join(directory, 'pid')};
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 1024; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; ${temporary.join(' ')}
      server { listen 127.0.0.1:${port}; root ${directory}; }
    }`;
  await writeFile(join(directory, 'nginx.conf'), settings);
  const args = ['-e', 'stderr', '-p', directory, '-c', join(directory, 'nginx.conf')];
  const child = await start('nginx', args, port);
  return {
    name: 'nginx',
    // One directs, the others serve.
    pids: () => [child.pid as number, ...childrenOf(child.pid as number)],
    address: `127.0.0.1:${port}`,
    repository: 'bench',
    close: () => end(child).then(remove),
  };
}

/** Debian's docker-registry, filled through its API. */
export async function startDockerRegistry(image: Image): Promise<Contender> {
  const registry = await openDockerRegistry();
  const base = `http://${registry.address}/v2/bench`;
  for (const blob of image.blobs) await pushBlob(base, blob);
  for (const manifest of image.manifests) await pushManifest(base, manifest);
  // It was filled here, and has to be compared by what it takes to serve.
  await registry.startAgain();
  const { pids, address, close } = registry;
  return { name: 'docker-registry', pids, address, repository: 'bench', close };
}

/** Debian's docker-registry on an address of this machine, empty and with its own settings, less the logs. */
export async function openDockerRegistry(host = '127.0.0.1') {
  const { directory, port, remove } = await place('docker-registry', host);
  const address = `${host}:${port}`;
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      cache: { blobdescriptor: 'inmemory' },
      filesystem: { rootdirectory: join(directory, 'data') },
      delete: { enabled: true },
    },
    http: { addr: address, headers: { 'X-Content-Type-Options': ['nosniff'] } },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
  // JSON is YAML.
  await writeFile(join(directory, 'config.yml'), JSON.stringify(settings));
  const begin = () =>
    start('docker-registry', ['serve', join(directory, 'config.yml')], port, host);
  let child = await begin();
  return {
    address,
    pids: () => [child.pid as number],
    async startAgain() {
      await end(child);
      child = await begin();
    },
    close: () => end(child).then(remove),
  };
}

async function pushBlob(base: string, blob: Blob): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const to = `${begun.headers.get('location')}&digest=${encodeURIComponent(blob.digest)}`;
  const headers = { 'content-type': 'application/octet-stream' };
  const body = await buffer(blob.open());
  expectStatus(await fetch(to, { method: 'PUT', headers, body }));
}

async function pushManifest(base: string, { digest, mediaType, bytes }: Manifest): Promise<void> {
  const headers = { 'content-type': mediaType };
  const body = new Uint8Array(bytes);
  expectStatus(await fetch(`${base}/manifests/${digest}`, { method: 'PUT', headers, body }));
}

function expectStatus({ status, url }: Response): void {
  if (status !== 201) throw new Error(`${url} answered ${status} to a push.`);
}

async function place(name: string, host = '127.0.0.1') {
  const directory = await mkdtemp(join(tmpdir(), `jackal-bench-${name}-`));
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return { directory, port, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function start(
  name: ToolName,
  args: string[],
  port: number,
  host = '127.0.0.1',
): Promise<ChildProcess> {
  const [program, setpriv] = await Promise.all([tool(name), tool('setpriv')]);
  // TERM, not KILL: nginx has to end its own processes.
  const child = spawn(setpriv, ['--pdeathsig', 'TERM', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-1000);
  });
  await until(`${name} to answer`, () => fetch(`http://${host}:${port}/`), {
    seconds: 30,
    check: () => {
      if (child.exitCode !== null) throw new Error(`${name} did not start: ${said}`);
    },
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Clock ticks a second in /proc (`getconf CLK_TCK`), the same on all of Linux' platforms that Node runs on. */
const TICKS = 100;

/** Seconds of processor time that processes have used so far. */
export function processorSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, some) => sum + some, 0) / TICKS;
}

/** MiB of memory that processes have had resident at most since they began. */
export function peakMebibytes(pids: readonly number[]): number {
  const kibibytes = pids.map((pid) =>
    Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
  );
  return kibibytes.reduce((sum, some) => sum + some, 0) / 1024;
}
