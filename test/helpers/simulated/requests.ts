import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { load } from 'js-yaml';
import type { Cluster } from '../../cluster/cluster.js';
import { openKubeconfig } from '../small-cluster.js';

/** A request to the API server, in its own words, and the bytes of its answer. */
export interface Counted {
  /** `list`, `watch`, `get`, `create`, `update`, `patch` or `delete`. */
  readonly verb: string;
  /** Such as `pods` or `pods/status`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly accept: string;
  bytes: number;
}

/** A way to a cluster's API server that counts what goes over it. */
export interface CountedWay {
  /** A kubeconfig of the administrator, as text. */
  readonly kubeconfig: string;
  readonly requests: readonly Counted[];
  close(): Promise<void>;
}

/** Opens one on this machine's loopback. It carries requests and watches, and no port-forwards. */
export async function countRequests(cluster: Cluster): Promise<CountedWay> {
  const requests: Counted[] = [];
  const agent = new Agent({ keepAlive: true, ...(await credentialsOf(cluster)) });
  const server = createServer((incoming, outgoing) => {
    const counted = countedOf(incoming);
    requests.push(counted);
    pass(new URL(incoming.url ?? '/', cluster.server), agent, incoming, outgoing, counted);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: openKubeconfig(port),
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      agent.destroy();
    },
  };
}

/** How many requests there were of each verb and resource, the most first. */
export function countsOf(requests: readonly Counted[]): Map<string, number> {
  const groups = Map.groupBy(requests, ({ verb, resource }) => `${verb} ${resource}`);
  const counts = [...groups].map(([what, group]) => [what, group.length] as const);
  return new Map(counts.toSorted(([, a], [, b]) => b - a));
}

function pass(
  url: URL,
  agent: Agent,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  counted: Counted,
): void {
  const { method, headers } = incoming;
  const { host: _, ...others } = headers;
  const asked = request(url, { method, headers: others, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.on('data', (piece: Buffer) => {
      counted.bytes += piece.length;
    });
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  asked.on('error', () => outgoing.destroy());
  outgoing.on('close', () => asked.destroy());
  incoming.pipe(asked);
}

/** Namespace, resource, name and subresource in a path of the API. */
const PATH =
  /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/;

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A request as Kubernetes' rules and its audit log call it. */
function countedOf({ method = '', url = '/', headers }: IncomingMessage): Counted {
  const { pathname, searchParams: query } = new URL(url, 'http://api');
  const [, namespace, kind = pathname, name, part] = PATH.exec(pathname) ?? [];
  const isCollection = name === undefined && kind !== pathname;
  const read = query.has('watch') ? 'watch' : isCollection ? 'list' : 'get';
  return {
    verb: VERBS[method] ?? read,
    resource: part === undefined ? kind : `${kind}/${part}`,
    ...{ namespace, query, accept: headers.accept ?? '', bytes: 0 },
  };
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Record<string, string> }];
  readonly users: readonly [{ readonly user: Record<string, string> }];
}

async function credentialsOf({ kubeconfig }: Cluster) {
  const { clusters, users } = load(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const bytes = (text = '') => Buffer.from(text, 'base64');
  return {
    ca: bytes(clusters[0].cluster['certificate-authority-data']),
    cert: bytes(users[0].user['client-certificate-data']),
    key: bytes(users[0].user['client-key-data']),
  };
}
