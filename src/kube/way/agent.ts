import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import {
  ADDRESS_ANSWER_MILLISECONDS,
  IDLE_CONNECTION_MILLISECONDS,
} from '../../lib/limits/kube.js';
import { hostOf, portOf } from './proxy.js';
import { secureContextOf, type TlsFacts, VERIFIED } from './trust.js';
import { openTunnel } from './tunnel.js';

/** A pool of kept connections to the API server, direct or through a proxy. */
export function agentFor(server: URL, facts: TlsFacts, proxy: URL | undefined): http.Agent {
  const timeout = IDLE_CONNECTION_MILLISECONDS;
  const kept = {
    ...{ keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo' as const, timeout },
    autoSelectFamilyAttemptTimeout: ADDRESS_ANSWER_MILLISECONDS,
  };
  if (server.protocol === 'http:') {
    return proxy === undefined ? new http.Agent(kept) : new TunnelAgent(proxy, server, kept);
  }
  return new SecureAgent(proxy, server, facts, { ...kept, ...VERIFIED, ...facts });
}

type Done = (error: Error | null, stream: Duplex) => void;

/** What an agent is given for a connection, besides what the connection is made with. */
interface Wanted {
  /** Ends the request that the connection is for; Node itself waits for an agent for ever. */
  readonly tunnelSignal?: AbortSignal;
}

class TunnelAgent extends http.Agent {
  constructor(
    private readonly proxy: URL,
    private readonly server: URL,
    options: http.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: object, done?: unknown): undefined {
    connectThrough(this.proxy, this.server, options, done as Done, (socket) => socket);
  }
}

class SecureAgent extends https.Agent {
  private context: tls.SecureContext | undefined;

  constructor(
    private readonly proxy: URL | undefined,
    private readonly server: URL,
    private readonly facts: TlsFacts,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: https.RequestOptions, done?: unknown) {
    this.context ??= secureContextOf(this.facts);
    const secure = { ...options, secureContext: this.context };
    if (this.proxy === undefined) {
      return super.createConnection(secure, done as Done);
    }
    connectThrough(this.proxy, this.server, options as Wanted, done as Done, (socket) =>
      tls.connect({ ...secure, socket } as tls.ConnectionOptions),
    );
    return undefined;
  }
}

function connectThrough(
  proxy: URL,
  server: URL,
  { tunnelSignal }: Wanted,
  done: Done,
  dress: (socket: net.Socket) => net.Socket,
): void {
  openTunnel(proxy, hostOf(server), portOf(server), tunnelSignal).then(
    (socket) => done(null, dress(socket)),
    (error: Error) => done(error, undefined as unknown as net.Socket),
  );
}
