import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An API server of one node that lets everybody do everything, and has nothing. */
export interface SmallCluster {
  readonly kubeconfig: string;
  /** Fulfilled with the first request that is held. */
  readonly asked: Promise<void>;
  /** Method and path of each request so far. */
  readonly requests: readonly string[];
  /** Answers, from now on and what was held, that the credentials are no good. */
  refuse(): void;
  /** Resets every connection from now on, as if nothing were there: its port stays its own. */
  vanish(): void;
  close(): void;
}

const NODE = {
  metadata: { name: 'one' },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      containerRuntimeVersion: 'containerd://2.2.1',
    },
  },
};

const NOTHING = { items: [] };

const ANSWERS: Readonly<Record<string, object>> = {
  '/version': { gitVersion: 'v1.37.2' },
  '/api/v1/nodes': { items: [NODE] },
  '/api/v1/namespaces': NOTHING,
  '/api/v1/pods': NOTHING,
  '/api/v1/services': NOTHING,
  '/api/v1/configmaps': NOTHING,
  '/api/v1/secrets': NOTHING,
  '/apis/coordination.k8s.io/v1/leases': NOTHING,
};

/**
 * Starts one on loopback; what `held` matches, as `METHOD /path?query`, is not answered until the cluster is told to
 * refuse.
 */
export async function startSmallCluster(held?: RegExp): Promise<SmallCluster> {
  const requests: string[] = [];
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const asks = `${request.method} ${request.url}`;
    requests.push(asks);
    // A client may end in the midst of its request.
    if (!held?.test(asks)) return await answer(request, response).catch(() => response.destroy());
    resolve();
    await refused;
    send(response, 401, { kind: 'Status', status: 'Failure', code: 401, reason: 'Unauthorized' });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: openKubeconfig(port),
    asked,
    requests,
    refuse,
    vanish: () => {
      server.on('connection', (socket) => socket.resetAndDestroy());
      server.closeAllConnections();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A kubeconfig for a server on loopback that asks nobody who they are. */
export function openKubeconfig(port: number): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  if (request.method === 'POST') {
    send(response, 201, { ...((await json(request)) as object), status: { allowed: true } });
  } else if (ANSWERS[path] !== undefined) {
    send(response, 200, ANSWERS[path]);
  } else {
    send(response, 404, { kind: 'Status', status: 'Failure', code: 404, reason: 'NotFound' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
