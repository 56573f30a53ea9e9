import { existsSync, readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { distrustIn, secureContextOf } from '../../kube/way/trust.js';
import { ActionError } from '../../lib/errors.js';
import { serverNameOf } from '../../lib/host-port.js';
import { ADDRESS_ANSWER_MILLISECONDS } from '../../lib/limits/kube.js';
import type { DaemonPlace } from './daemon-address.js';

/** A connection on which HTTP/2 is spoken from the first byte on, as engine 29 takes it. Throws an ActionError as `send` does. */
export function dial(place: DaemonPlace): Socket {
  const { secure, options } = target(place);
  const { socketPath, ...rest } = options as { readonly socketPath?: string };
  if (socketPath !== undefined) return connectPlain(socketPath);
  return secure
    ? connectSecure({ ...rest, ALPNProtocols: ['h2'] })
    : connectPlain(rest as { readonly host: string; readonly port: number });
}

/** The connection part of a request. */
function target(place: DaemonPlace): { secure: boolean; options: object } {
  const { address, isSecure } = place;
  if (address.startsWith('unix://'))
    return { secure: false, options: { socketPath: address.slice(7) } };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^(?:tcp|http|https):$/.test(url.protocol)) {
    throw new ActionError(
      `The daemon address "${address}" cannot be used; set DOCKER_HOST to unix:///path or tcp://host:port.`,
    );
  }
  const secure = url.protocol === 'https:' || isSecure;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
  const servername = serverNameOf(host);
  return {
    secure,
    options: {
      ...{ host, port, autoSelectFamilyAttemptTimeout: ADDRESS_ANSWER_MILLISECONDS },
      ...(secure && { servername, ...certificates(place) }),
    },
  };
}

/** Throws ActionError for a file that is missing: only of a daemon that wants to know nobody are `cert` and `key` none. */
function certificates({ files, takesAnyCertificate }: DaemonPlace): object {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new ActionError(
        `The file ${basename(path)} for the daemon's TLS cannot be read in ${dirname(path)}; set DOCKER_CERT_PATH.`,
        { cause },
      );
    }
  };
  const { cert = '', key = '', ...others } = files;
  const isAnonymous = !existsSync(cert) && !existsSync(key);
  const given = Object.entries(isAnonymous ? others : files).map(([name, path]) => [
    name,
    read(path),
  ]);
  // Said in any case: else NODE_TLS_REJECT_UNAUTHORIZED would decide.
  const rejectUnauthorized = !takesAnyCertificate;
  const secureContext = secureContextOf({ rejectUnauthorized, ...Object.fromEntries(given) });
  return { rejectUnauthorized, secureContext };
}

/**
 * Sends a GET request to a daemon. Rejects with an ActionError where the daemon cannot be reached, or its files for TLS
 * cannot be read; the answer ends with one when the daemon falls silent.
 *
 * @param silence milliseconds for which a connection may be silent
 */
export async function send(
  place: DaemonPlace,
  path: string,
  { signal, silence }: { readonly signal: AbortSignal; readonly silence: number },
): Promise<IncomingMessage> {
  const { address } = place;
  const { secure, options } = target(place);
  return new Promise((resolve, reject) => {
    const call = secure ? httpsRequest : httpRequest;
    let begun: IncomingMessage | undefined;
    const request: ClientRequest = call(
      { ...options, path, signal, agent: false, headers: { host: 'docker' } },
      (response) => {
        begun = response;
        resolve(response);
      },
    );
    // Not the request's own, which begins with the connection and ends what it is about at once.
    request.once('socket', (socket) =>
      onceSilent(socket, silence, () =>
        (begun ?? request).destroy(
          socket.connecting ? new Error('no connection in time') : silent(address, silence),
        ),
      ),
    );
    request.on('error', (cause) =>
      reject(cause instanceof ActionError ? cause : unreachable(address, cause)),
    );
    request.end();
  });
}

/** Acts when a connection has been silent for some milliseconds, but not before this process has heard what came by then. */
function onceSilent(socket: Socket, milliseconds: number, act: () => void): void {
  const heard = () => `${socket.connecting} ${socket.bytesRead}`;
  socket.setTimeout(milliseconds).on('timeout', () => {
    const before = heard();
    // As in `onceHeard`. What is heard has the time begin anew.
    setImmediate(() => {
      if (heard() === before) act();
    });
  });
}

function silent(address: string, milliseconds: number): ActionError {
  return new ActionError(
    `The daemon at ${address} took a request and did not answer for ${milliseconds / 1000} seconds; see by docker version that it answers, restart it, or give the path of an archive.`,
  );
}

function unreachable(address: string, cause: Error): ActionError {
  const denied = (cause as NodeJS.ErrnoException).code === 'EACCES';
  // Else what OpenSSL says, such as the other side's alert.
  const unagreed = distrustIn(cause) ?? /:SSL routines:[^:]*:([^:]+):/.exec(cause.message)?.[1];
  return new ActionError(
    denied
      ? `The Docker daemon's socket ${address} may not be opened by this user; add it to the docker group or give the path of an archive.`
      : unagreed !== undefined
        ? `The daemon at ${address} and this machine do not agree on TLS (${unagreed}); see ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or the Docker context, and this machine's clock.`
        : `No Docker daemon answers at ${address}; start it, set DOCKER_HOST, or give the path of an archive.`,
    { cause },
  );
}
