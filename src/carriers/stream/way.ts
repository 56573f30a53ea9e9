import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiClient } from '../../kube/client.js';
import { portForward } from '../../kube/way/port-forward.js';
import { deadline } from '../../lib/deadline.js';
import { hostAndPort } from '../../lib/host-port.js';
import {
  DIRECT_PATIENCE_MILLISECONDS,
  DIRECT_PROOF_MILLISECONDS,
  FORWARD_PATIENCE_SECONDS,
  STREAM_ANSWER_SECONDS,
  TCP_KEEP_ALIVE_MILLISECONDS,
} from '../../lib/limits/stream.js';
import { unlessAborted } from '../../lib/unless-aborted.js';
import { DeliveryConnection } from './connection.js';

/** How the registry's delivery port is reached. */
export interface Way {
  /** Over the network that runner and cluster share, or through the API server. */
  readonly kind: 'direct' | 'api';
  /** For people: `10.0.0.7:30123`, or the Pod's name. */
  readonly target: string;
  /** A new connection. The signal ends it, too. Throws what the network or the API server says. */
  dial(signal: AbortSignal): Promise<Duplex>;
}

/** Where the delivery port may be reached without the API server: the Pod's address, or a node's and a NodePort. */
export interface Address {
  /** An address of IPv4 or IPv6, or a name. */
  readonly host: string;
  readonly port: number;
}

/** The way through the API server. */
export function wayByApi(client: ApiClient, namespace: string, pod: string, port: number): Way {
  const options = { patienceSeconds: FORWARD_PATIENCE_SECONDS };
  return {
    kind: 'api',
    target: pod,
    dial: (signal) => portForward(client, namespace, pod, port, { ...options, signal }),
  };
}

/** Milliseconds for which an address is given to be connected to, and for which whoever is there is given to prove the token. */
export interface DirectPatience {
  readonly connect: number;
  readonly prove: number;
}

/**
 * The direct way by the first of these addresses at which somebody proves to know the token; undefined when
 * none does so soon. All are tried side by side, and nothing of a trial is left. Whoever else
 * listens there learns a random number. Throws the signal's reason.
 */
export async function directWay(
  addresses: readonly Address[],
  token: string,
  signal: AbortSignal,
  patience: DirectPatience = DIRECT_PATIENCE,
): Promise<Way | undefined> {
  const over = new AbortController();
  const trial = AbortSignal.any([signal, over.signal]);
  const nobody = deadline(patience.connect);
  const mute = deadline(patience.connect + patience.prove);
  const trials = addresses.map(async (address) => {
    const way = wayTo(address);
    const stream = await unlessAborted(way.dial(trial), nobody);
    const connection = await DeliveryConnection.prove(
      stream,
      token,
      AbortSignal.any([trial, mute]),
    );
    connection.close();
    return way;
  });
  try {
    return await Promise.any(trials);
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    over.abort();
    await Promise.allSettled(trials);
  }
}

const DIRECT_PATIENCE: DirectPatience = {
  connect: DIRECT_PATIENCE_MILLISECONDS,
  prove: DIRECT_PROOF_MILLISECONDS,
};

function wayTo({ host, port }: Address): Way {
  const target = hostAndPort(host, port);
  return { kind: 'direct', target, dial: (signal) => dialTcp(host, port, signal) };
}

async function dialTcp(host: string, port: number, signal: AbortSignal): Promise<net.Socket> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(STREAM_ANSWER_SECONDS * 1000);
  const socket = net.connect({
    ...{ host, port, noDelay: true, signal },
    ...{ keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MILLISECONDS },
  });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, late]) });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}
