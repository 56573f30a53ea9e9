import type { IncomingMessage } from 'node:http';
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
import { daemonPlace, type Environment } from './daemon-address.js';
import { dial, send } from './daemon-connection.js';
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
