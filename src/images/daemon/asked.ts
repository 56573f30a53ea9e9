import type { Line } from '../lines.js';
import { documentKind } from '../oci/media-types.js';
import { isReference, parseReference } from '../reference.js';
import { connectDaemon, type Daemon, type Inspected } from './daemon.js';
import type { Environment } from './daemon-address.js';

/** What is known of an image before it is read. */
export interface AnnouncedImage {
  readonly given: string;
  /** The full name, where it has one, as of `Image`. */
  readonly name: string;
  /** Bytes that it takes at the daemon, about as many as its layers have uncompressed. */
  readonly bytes: number;
  /** Its images for one platform each: a cluster gets those of its own platforms. */
  readonly parts: readonly AnnouncedPart[];
}

/** The part of an image that is for one platform, as far as it is known before it is read. */
export interface AnnouncedPart {
  /** `os/architecture`; undefined when the daemon does not say, so that it may be any. */
  readonly platform?: string | undefined;
  /**
   * Bytes that a registry's store needs for it at most. Containerd's store counts layers as they come and what
   * they unpack to; the classic store just what they unpack to, and a tar of many small files takes more than these.
   */
  readonly storeBytes: number;
}

/** Puts together what is known of it. */
export function announcedImage({ line, about }: Asked): AnnouncedImage {
  const { given, location, rename } = line;
  const { bytes, names } = about;
  const reference =
    rename ?? parseReference(isReference(location) ? location : (names[0] ?? 'image'));
  return { given, name: reference.name, bytes, parts: partsOf(about) };
}

function partsOf({ bytes, platform, descriptor, held = [] }: Inspected): AnnouncedPart[] {
  if (held.length > 0) return held.map((one) => ({ ...one, storeBytes: one.bytes }));
  // Of an index the rest of the answer is about one of its images, and its bytes may be packed ones alone (moby#53426).
  if (descriptor !== undefined && documentKind(descriptor.mediaType) === 'index') {
    return [{ storeBytes: 2 * bytes }];
  }
  return [{ platform, storeBytes: descriptor === undefined ? 2 * bytes : bytes }];
}

/** A line that names an image of the daemon, and what that says of it. */
export interface Asked {
  readonly line: Line;
  readonly about: Inspected;
}

/** All lines that name images of a daemon. */
export interface OfDaemon {
  readonly daemon: Daemon;
  readonly inspected: readonly Asked[];
}

/** Asks the daemon for the images that lines name; undefined when none does. Throws ActionError. */
export async function askDaemon(
  lines: readonly Line[],
  environment: Environment,
  signal: AbortSignal,
): Promise<OfDaemon | undefined> {
  const wanted = lines.filter((line) => line.transport === 'docker-daemon');
  if (wanted.length === 0) return undefined;
  const daemon = connectDaemon(environment, signal);
  const inspected = [];
  for (const line of wanted) inspected.push({ line, about: await daemon.inspect(line.location) });
  return { daemon, inspected };
}
