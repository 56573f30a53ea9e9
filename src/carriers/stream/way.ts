import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiClient } from '../../kube/client.js';
import { portForward } from '../../kube/way/port-forward.js';
import { sentenceOf } from '../../lib/errors.js';
import { heardWithin } from '../../lib/heard-within.js';
import { hostAndPort } from '../../lib/host-port.js';
import { SERVICE_CHANGE_SECONDS } from '../../lib/limits/run.js';
import {
  DIRECT_AGAIN_MILLISECONDS,
  DIRECT_PATIENCE_MILLISECONDS,
  DIRECT_PROOF_MILLISECONDS,
  DIRECT_REASONS_MAX,
  FORWARD_PATIENCE_SECONDS,
  STREAM_ANSWER_SECONDS,
  STREAM_FIRST_SECONDS,
  TCP_KEEP_ALIVE_MILLISECONDS,
} from '../../lib/limits/stream.js';
import { inOneLine } from '../../lib/sentences.js';
import { rest, unlessAborted } from '../../lib/waiting.js';
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
  const options = {
    deadlineSeconds: STREAM_ANSWER_SECONDS,
    patienceSeconds: FORWARD_PATIENCE_SECONDS,
  };
  return {
    kind: 'api',
    target: pod,
    dial: (signal) => portForward(client, namespace, pod, port, { ...options, signal }),
  };
}

/** Milliseconds for which the direct way is tried. */
export interface DirectPatience {
  /** Until somebody answers at all. */
  readonly connect: number;
  /** Then until whoever is there takes the connection and proves the token. */
  readonly prove: number;
  /** Whether a registry of another token may be there at first, as where a Service is just led from one to another. */
  readonly changes?: boolean;
}

const DIRECT_PATIENCE: DirectPatience = {
  connect: DIRECT_PATIENCE_MILLISECONDS,
  prove: DIRECT_PROOF_MILLISECONDS,
};

/**
 * The patience with a registry.
 *
 * @param changes the Service of a release is just being led to it from another one
 * @param isOnly there is no other way, so that nobody gains by an early end
 */
export function directPatience(changes: boolean, isOnly: boolean): DirectPatience {
  if (!changes && !isOnly) return DIRECT_PATIENCE;
  const seconds = isOnly ? STREAM_FIRST_SECONDS : SERVICE_CHANGE_SECONDS;
  return { ...DIRECT_PATIENCE, prove: seconds * 1000, changes };
}

/**
 * The direct way by the first of these addresses at which somebody proves to know the token. All are tried side by
 * side, and nothing of a trial is left. Whoever else listens there learns a random number. Throws an Error that says
 * what each is like when none does so soon; the signal's reason.
 */
export async function directWay(
  addresses: readonly Address[],
  token: string,
  signal: AbortSignal,
  patience: DirectPatience = DIRECT_PATIENCE,
): Promise<Way> {
  const over = new AbortController();
  const until: Trial = {
    over: AbortSignal.any([signal, over.signal]),
    nobody: heardWithin(patience.connect),
    mute: heardWithin(patience.connect + patience.prove),
    changes: patience.changes === true,
  };
  const trials = addresses.map((address) => proven(wayTo(address), token, until));
  try {
    return await Promise.any(trials);
  } catch (error) {
    signal.throwIfAborted();
    const reasons = error instanceof AggregateError ? error.errors.map(sentenceOf) : [];
    throw new Error(inOneLine([...new Set(reasons)], DIRECT_REASONS_MAX), { cause: error });
  } finally {
    over.abort();
    await Promise.allSettled(trials);
  }
}

/** What ends a trial of a way: all are over, nobody answers at all, whoever is there has not proven itself. */
interface Trial extends Readonly<Record<'over' | 'nobody' | 'mute', AbortSignal>> {
  readonly changes: boolean;
}

/**
 * The way, once somebody there has proven to know the token. One who refuses is there: he may be about to listen. Where that
 * changes, one who does not know the token, or breaks off, gives way to somebody else.
 */
async function proven(
  way: Way,
  token: string,
  { over, nobody, mute, changes }: Trial,
): Promise<Way> {
  const ended = AbortSignal.any([over, mute]);
  let refusal: unknown;
  for (;;) {
    let isThere = false;
    try {
      const stream = await unlessAborted(way.dial(over), refusal === undefined ? nobody : mute);
      isThere = true;
      (await DeliveryConnection.prove(stream, token, ended)).close();
      return way;
    } catch (error) {
      const reason = ended.aborted ? (refusal ?? error) : error;
      const { code } = reason as NodeJS.ErrnoException;
      const gaveWay = isThere || code === 'ECONNRESET';
      const mayPass = code === 'ECONNREFUSED' || (changes && gaveWay);
      if (!mayPass || ended.aborted) {
        throw new Error(`${way.target}: ${code ?? sentenceOf(reason)}`, { cause: reason });
      }
      refusal = reason;
      await rest(DIRECT_AGAIN_MILLISECONDS, ended).catch(() => undefined);
    }
  }
}

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
