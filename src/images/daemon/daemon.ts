import { existsSync, readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { distrustIn, secureContextOf } from '../../kube/way/trust.js';
import { readBounded } from '../../lib/bounded.js';
import { ActionError } from '../../lib/errors.js';
import { items, members, parseJson, text, texts } from '../../lib/json.js';
import {
  DAEMON_LOOK_UP_MS,
  DAEMON_SILENCE_MS,
  DOCUMENT_MAX_BYTES,
} from '../../lib/limits/images.js';
import { type Descriptor, isDigest } from '../image.js';
import { isReference } from '../reference.js';
import { ContentService } from './content-service.js';
import { type DaemonPlace, daemonPlace, type Environment } from './daemon-address.js';
import { Grpc } from './grpc.js';

/** What a daemon says of an image before it is saved. */
export interface Inspected {
  /** `sha256:…` of the config (classic store, podman) or of the top manifest (containerd store). */
  readonly id: string;
  readonly names: readonly string[];
  /** Bytes that it takes, about as many as its layers have uncompressed; 0 when the daemon does not say. */
  readonly bytes: number;
  /** `os/architecture`; undefined when the daemon does not say. */
  readonly platform?: string | undefined;
  /** Of the top manifest, where the daemon has containerd's store and says so (Docker 28, API 1.48). */
  readonly descriptor?: Descriptor | undefined;
  /** Those that it holds of its platforms, where the same daemons say so; `bytes` and `platform` are of one alone. */
  readonly held?: readonly HeldPlatform[];
}

/** The image for one platform, whose content a daemon holds. */
export interface HeldPlatform {
  /** `os/architecture`. */
  readonly platform: string;
  /** Bytes that it takes, as its layers come and what they are unpacked to. */
  readonly bytes: number;
}

/** The API of a Docker daemon, or of podman, which speaks the same. */
export interface Daemon {
  /** Where it is, for sentences: `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** Throws ActionError when there is no such image. */
  inspect(reference: string): Promise<Inspected>;
  /** The `docker save` stream of several images at once. */
  save(references: readonly string[]): Promise<IncomingMessage>;
  /** Its content service, which only some daemons have. Nothing is connected before the first call. */
  contents(): ContentService;
}

/**
 * Finds the daemon as Docker's own command does (DOCKER_HOST, else podman's CONTAINER_HOST, else the
 * current context, else the usual sockets). Nothing is connected before the first call. The signal
 * breaks off whatever call is under way, and the stream of a save with it.
 *
 * @param lookUp milliseconds that the daemon may stay silent when it is asked about an image
 */
export function connectDaemon(
  environment: Environment,
  signal: AbortSignal,
  lookUp = DAEMON_LOOK_UP_MS,
): Daemon {
  const place = daemonPlace(environment);
  const { address } = place;
  const call = (path: string, silence: number) => send(place, path, { signal, silence });
  return {
    address,
    async inspect(reference) {
      const response = await call(
        `/images/${encodeURIComponent(reference).replaceAll('%2F', '/')}/json?manifests=true`,
        lookUp,
      );
      const body = await bodyOf(response);
      if (response.statusCode !== 200) throw refused(address, reference, response, body);
      const answer = members(parseJson(body, `The answer of the daemon for ${reference}`));
      const given = text(answer.Id) ?? '';
      const id = given.includes(':') ? given : `sha256:${given}`;
      if (!isDigest(id)) {
        throw new ActionError(
          `The daemon at ${address} gives the image ${reference} the ID ${JSON.stringify(given)}, which is not a sha256 digest; check DOCKER_HOST.`,
        );
      }
      const bytes = typeof answer.Size === 'number' ? answer.Size : 0;
      const [os, architecture] = [text(answer.Os), text(answer.Architecture)];
      return {
        ...{ id, bytes, names: texts(answer.RepoTags).filter(isReference) },
        ...(os && architecture && { platform: `${os}/${architecture}` }),
        descriptor: descriptorOf(answer.Descriptor, id),
        held: heldOf(answer.Manifests),
      };
    },
    async save(references) {
      const names = references.map((name) => `names=${encodeURIComponent(name)}`).join('&');
      const response = await call(`/images/get?${names}`, DAEMON_SILENCE_MS);
      if (response.statusCode === 200) return response;
      throw unsaved(address, references.join(', '), response, await bodyOf(response));
    },
    contents: () => new ContentService(new Grpc(() => dial(place), signal)),
  };
}

/** A descriptor of what the image begins with; that of anything else tells nothing. */
function descriptorOf(value: unknown, id: string): Descriptor | undefined {
  const { digest, mediaType, size } = members(value);
  return digest === id && typeof size === 'number'
    ? { digest, mediaType: text(mediaType) ?? '', size }
    : undefined;
}

/** The images that the daemon holds whole, without attestations and what it has not pulled. */
function heldOf(manifests: unknown): HeldPlatform[] {
  return items(manifests).flatMap((value) => {
    const { Available, ImageData, Size } = members(value);
    const platform = members(members(ImageData).Platform);
    const [os, architecture] = [text(platform.os), text(platform.architecture)];
    const bytes = members(Size).Total;
    if (Available !== true || !os || !architecture || typeof bytes !== 'number') return [];
    return [{ platform: `${os}/${architecture}`, bytes }];
  });
}

function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const sentence = 'The daemon answered with more than an image description; check DOCKER_HOST.';
  return readBounded(response, DOCUMENT_MAX_BYTES, () => new ActionError(sentence));
}

/** What a daemon says of a request that it refuses. */
function reasonOf(response: IncomingMessage, body: Buffer): string {
  let reason = body.toString('utf8', 0, 500);
  try {
    reason = text(members(JSON.parse(body.toString('utf8'))).message) ?? reason;
  } catch {
    // Not a daemon's answer; its first words are the best reason there is.
  }
  return bareWords(reason) || `HTTP status ${response.statusCode}`;
}

/** Words of a daemon on one line and without a full stop. */
export function bareWords(words: string): string {
  return words
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.+$/, '');
}

function refused(
  address: string,
  what: string,
  response: IncomingMessage,
  body: Buffer,
): ActionError {
  const reason = reasonOf(response, body);
  const cause = new Error(`HTTP ${response.statusCode}: ${reason}`);
  if (response.statusCode === 404) {
    return new ActionError(
      `The daemon at ${address} has no image ${what}; build or pull it before this step, or give the path of an archive.`,
      { cause },
    );
  }
  return new ActionError(`The daemon at ${address} refused to give the image ${what}: ${reason}.`, {
    cause,
  });
}

/**
 * For a save that fails although the daemon knows the image. Engine 29 answers 404 when content of it
 * is missing, or a platform of it. The classic store lays all layers out on its own disk first.
 */
function unsaved(
  address: string,
  what: string,
  response: IncomingMessage,
  body: Buffer,
): ActionError {
  const reason = reasonOf(response, body);
  return new ActionError(
    /no space left/i.test(reason)
      ? `The daemon at ${address} has no room to save the image ${what} (${reason}); make room on its disk, or build the image with buildx type=oci and give that path.`
      : `The daemon at ${address} knows the image ${what} but cannot save it: ${reason}; fetch it again with docker pull, or build it with buildx type=oci and give that path.`,
    { cause: new Error(`HTTP ${response.statusCode}: ${reason}`) },
  );
}

/** A connection on which HTTP/2 is spoken from the first byte on, as engine 29 takes it. */
function dial(place: DaemonPlace): Socket {
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
  // Or Node would have the certificate be for the name in the Host header.
  const servername = isIP(host) === 0 ? host : '';
  return {
    secure,
    options: { host, port, ...(secure && { servername, ...certificates(place) }) },
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

function send(
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
