import { readFile } from 'node:fs/promises';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from '../../../../src/kube/connect.js';
import { until } from '../../../cluster/until.js';
import { ADMIN_TOKEN, type ControlPlane } from './control-plane.js';

/** What may go wrong with a request on its way; `lost` is a create that succeeds unnoticed. */
export const FAULTS = [
  'throttle',
  'throttle-later',
  'internal',
  'unavailable',
  'reset',
  'lost',
  'stall',
] as const;

export type Fault = (typeof FAULTS)[number];

export interface FaultOptions {
  /** The fault of the request of this number, counted from 0; undefined lets it through. */
  readonly faultOf?: (index: number, request: IncomingMessage) => Fault | undefined;
  /** Bytes a second of request bodies, all connections together. */
  readonly bytesPerSecond?: number;
  /** Milliseconds by which each request is late. */
  readonly latency?: number;
  /** Answers instead of the API server, when it gives a status. */
  readonly statusOf?: (request: IncomingMessage) => number | undefined;
}

export interface FaultProxy {
  readonly server: string;
  /** How often each fault struck, and the requests that came. */
  readonly counts: Map<Fault | 'requests', number>;
  /** Waits until nobody is connected, and the API server has answered all that came before. */
  quiet(): Promise<void>;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** Milliseconds of a stall. */
const STALL = 2_000;

/** An API server, and where its certificate lies with its key. */
export interface ServerBehind extends Pick<ControlPlane, 'server' | 'directory' | 'authority'> {
  /** Who all requests come from; without it users need a token. */
  readonly user?: { readonly cert: Buffer; readonly key: Buffer };
}

/** A proxy before a real API server, with that server's certificate. */
export async function startFaultProxy(
  plane: ServerBehind,
  options: FaultOptions,
): Promise<FaultProxy> {
  const counts: FaultProxy['counts'] = new Map();
  const agent = new Agent({ keepAlive: true, ca: plane.authority, ...plane.user });
  const link = new Link(options.bytesPerSecond);
  const [cert, key] = await Promise.all(
    ['apiserver.crt', 'apiserver.key'].map((file) => readFile(path.join(plane.directory, file))),
  );
  let index = 0;
  const count = (name: Fault | 'requests') => counts.set(name, (counts.get(name) ?? 0) + 1);
  const faultOf = (incoming: IncomingMessage) => {
    count('requests');
    const fault = options.faultOf?.(index++, incoming);
    if (fault !== undefined) {
      count(fault);
    }
    return fault;
  };
  const passing = new Set<Promise<void>>();
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const fault = faultOf(incoming);
    const passed = pass(incoming, outgoing, fault, { plane, agent, link, options })
      // A client that goes away in the middle is no concern of the proxy.
      .catch(() => void outgoing.destroy())
      .finally(() => passing.delete(passed));
    passing.add(passed);
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (incoming, socket, head) => {
    upgraded.add(socket.on('close', () => upgraded.delete(socket)));
    upgrade(incoming, socket, head, faultOf(incoming), { plane, agent });
  });
  const cut = () => {
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  return {
    server: `https://127.0.0.1:${port}`,
    counts,
    cut,
    quiet: async () => {
      await until('the end of all connections', async () => (await connectionsOf(server)) === 0);
      await Promise.all(passing);
    },
    close: () => close(server, agent, cut),
  };
}

function connectionsOf(server: Server): Promise<number> {
  return promisify(server.getConnections.bind(server))();
}

async function close(server: Server, agent: Agent, cut: () => void): Promise<void> {
  cut();
  await new Promise((closed) => server.close(closed));
  agent.destroy();
}

/** A connection of the administrator through a proxy that misbehaves as told. */
export async function connectThroughFaults(plane: ControlPlane, options: FaultOptions) {
  const proxy = await startFaultProxy(plane, options);
  const kubeconfig = plane.kubeconfig({ server: proxy.server, user: { token: ADMIN_TOKEN } });
  const { client } = await connect({ kubeconfig, env: {} });
  return { client, proxy, close: () => Promise.all([client.close(), proxy.close()]) };
}

interface Way {
  readonly plane: ServerBehind;
  readonly agent: Agent;
  readonly link: Link;
  readonly options: FaultOptions;
}

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
  { plane, agent, link, options }: Way,
): Promise<void> {
  const body: Buffer[] = [];
  for await (const piece of incoming) {
    body.push(piece as Buffer);
    await link.carry((piece as Buffer).length);
    if (fault === 'reset' && body.length > 1) {
      incoming.socket.destroy();
      return;
    }
  }
  await pause((options.latency ?? 0) + (fault === 'stall' ? STALL : 0));
  const status = options.statusOf?.(incoming);
  if (status !== undefined) {
    outgoing.writeHead(status).end();
    return;
  }
  if (fault !== undefined && answerFault(outgoing, fault)) {
    return;
  }
  const answer = await forward(plane, agent, incoming, Buffer.concat(body));
  if (fault === 'lost' || fault === 'reset') {
    answer.resume();
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  outgoing.flushHeaders();
  outgoing.on('close', () => answer.destroy());
  answer.on('error', () => outgoing.destroy());
  answer.pipe(outgoing);
}

/** Answers in the API server's stead; false when the fault is of another kind. */
function answerFault(outgoing: ServerResponse, fault: Fault): boolean {
  const faults: Partial<Record<Fault, [number, Record<string, string>]>> = {
    throttle: [429, {}],
    'throttle-later': [429, { 'retry-after': '1' }],
    internal: [500, {}],
    unavailable: [503, {}],
  };
  const [status, headers] = faults[fault] ?? [];
  if (status === undefined) {
    return false;
  }
  const message = fault === 'throttle' ? 'etcdserver: throttle: too many requests' : fault;
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', message, code: status });
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  return true;
}

function forward(plane: ServerBehind, agent: Agent, incoming: IncomingMessage, body: Buffer) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const { method, url, headers } = incoming;
    const asked = request(new URL(url ?? '/', plane.server), { method, headers, agent }, resolve);
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Passes a WebSocket on; one that stalls or is lost on its way is reset. */
function upgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  fault: Fault | undefined,
  { plane, agent }: Pick<Way, 'plane' | 'agent'>,
): void {
  const outgoing = new ServerResponse(incoming);
  outgoing.assignSocket(socket as Socket);
  socket.on('error', () => socket.destroy());
  if (fault !== undefined) {
    if (!answerFault(outgoing, fault)) socket.destroy();
    return;
  }
  const { method, url, headers } = incoming;
  const asked = request(new URL(url ?? '/', plane.server), { method, headers, agent });
  asked.on('error', () => socket.destroy());
  asked.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => socket.destroy()).pipe(outgoing);
  });
  asked.on('upgrade', (answer, behind, first) => {
    const lines = answer.rawHeaders.map((part, at) => (at % 2 === 0 ? `${part}: ` : `${part}\r\n`));
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(first);
    behind.write(head);
    behind.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    behind.pipe(socket).pipe(behind);
  });
  asked.end();
}

/** A line of limited bandwidth that all connections share. */
class Link {
  private free = performance.now();

  constructor(private readonly bytesPerSecond = Number.POSITIVE_INFINITY) {}

  async carry(bytes: number): Promise<void> {
    const now = performance.now();
    this.free = Math.max(this.free, now) + (bytes / this.bytesPerSecond) * 1000;
    if (this.free - now > 1) {
      await pause(this.free - now);
    }
  }
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
