import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { injectorBinary } from './injector-binary.js';
import { freePorts } from './link/free-port.js';
import { tool } from './tools.js';

/** A content that a registry lists. */
export interface Listed {
  readonly digest: string;
  readonly size: number;
}

/** The real injector on loopback: a registry that lists contents and has none of them. */
export interface OnDemandRegistry {
  /** Where it takes deliveries. */
  readonly delivery: { readonly host: string; readonly port: number };
  readonly token: string;
  readonly pid: number;
  readonly catalog: string;
  /** What the injector has printed so far. */
  log(): string;
  /** Pulls a content and gives the SHA-256 of what came, with the bytes so far while it goes on. */
  pull(digest: string, onBytes?: (bytes: number) => void): Promise<string>;
  /** Ends it, and begins it again on the same ports; with an empty store when it shall have forgotten all. */
  restart(options?: { forget?: boolean }): Promise<void>;
  close(): Promise<void>;
}

const REPOSITORY = 'acme/web';

/**
 * Starts one, with its catalog or awaiting it. @throws Error with the injector's log when it ends before it listens.
 */
export async function serveOnDemand(
  contents: readonly Listed[],
  { awaiting = false } = {},
): Promise<OnDemandRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'jackal-on-demand-'));
  const at = (name: string) => join(directory, name);
  const secret = randomBytes(16).toString('hex');
  const token = randomBytes(32).toString('hex');
  const catalog = catalogOf(secret, contents);
  if (!awaiting) await writeFile(at('catalog'), catalog);
  await writeFile(at('token'), `${token}\n`);
  await mkdir(at('chunks'));
  const [pull = 0, delivery = 0] = await freePorts(2);
  const ports = { pull, delivery, awaiting };
  let running = await begin(directory, ports);
  return {
    delivery: { host: '127.0.0.1', port: ports.delivery },
    token,
    catalog,
    get pid() {
      return running.pid;
    },
    log: () => running.log(),
    pull: (digest, onBytes) =>
      hashOf(`http://127.0.0.1:${ports.pull}/v2/${secret}/${REPOSITORY}/blobs/${digest}`, onBytes),
    async restart({ forget = false } = {}) {
      await running.end();
      if (forget) await rm(at('store'), { recursive: true });
      running = await begin(directory, ports);
    },
    async close() {
      await running.end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A catalog of blobs that no parcel holds. */
export function catalogOf(secret: string, contents: readonly Listed[]): string {
  const blobs = contents.map(({ digest, size }) => `blob ${digest} ${size}`);
  const lines = ['jackal-catalog 1', `prefix ${secret}`, ...blobs, `repository ${REPOSITORY}`];
  return [...lines, 'end', ''].join('\n');
}

async function begin(
  directory: string,
  ports: { pull: number; delivery: number; awaiting: boolean },
) {
  const [binary, setpriv] = await Promise.all([injectorBinary(), tool('setpriv')]);
  const at = (name: string) => join(directory, name);
  const child = spawn(
    setpriv,
    [
      ...['--pdeathsig', 'KILL', binary, 'serve', '--store', at('store')],
      ...(ports.awaiting ? [] : ['--catalog', at('catalog'), '--chunks', at('chunks')]),
      ...['--listen', `127.0.0.1:${ports.pull}`],
      ...['--deliver', `127.0.0.1:${ports.delivery}`, '--token', at('token')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let log = '';
  const ended = once(child, 'close');
  await new Promise<void>((fulfil, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      log += data.toString();
      if (/^jackal (awaiting|listening .*) delivery=/m.test(log)) fulfil();
    });
    ended.then(() => reject(new Error(`The injector ended:\n${log}`)));
  });
  return {
    pid: child.pid as number,
    log: () => log,
    async end() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Reads a content and gives the SHA-256 of what came, with the bytes so far while it goes on. */
export async function hashOf(url: string, onBytes?: (bytes: number) => void): Promise<string> {
  const response = await answer(get(url, { agent: false }));
  if (response.statusCode !== 200) throw new Error(`The registry answered ${response.statusCode}.`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of response) {
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
    onBytes?.(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}

function answer(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((fulfil, reject) => {
    request.once('response', fulfil);
    request.once('error', reject);
  });
}
