import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { members, parseJson, text } from '../lib/json.js';
import { INJECTOR_MAX_BYTES } from '../lib/limits/run.js';
import { sha256Of } from '../lib/sha256.js';
import { download } from './download.js';
import type { Architecture } from './elf.js';

/** A binary that a release has beside its sources. */
export interface ReleasedBinary {
  readonly url: string;
  /** In hex. */
  readonly sha256: string;
}

/** A release's own binaries: what `dist/injector.json` of the commit says that its tag names. */
export interface Release {
  readonly tag: string;
  /** What `hashSources` gives for the sources that they are built from. */
  readonly sources: string;
  readonly binaries: Readonly<Record<Architecture, ReleasedBinary>>;
}

/** Where that file lies, seen from the crate's directory. */
export const releaseFile = (crate: string): string => join(crate, '..', 'dist', 'injector.json');

/**
 * The release that these sources are of; undefined when they are of none, as between two releases.
 * Throws an ActionError when its file is no JSON.
 */
export async function releaseOf(crate: string, sources: string): Promise<Release | undefined> {
  const bytes = await readFile(releaseFile(crate)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const told = members(parseJson(bytes, "The action's file dist/injector.json"));
  if (told.sources !== sources) return undefined;
  const binary = (architecture: Architecture): ReleasedBinary => {
    const { url, sha256 } = members(members(told.binaries)[architecture]);
    return { url: text(url) ?? '', sha256: text(sha256) ?? '' };
  };
  const binaries = { amd64: binary('amd64'), arm64: binary('arm64') };
  return { tag: text(told.tag) ?? '', sources, binaries };
}

/** The name of a binary in a release, and in a directory that is given. */
export const fileOf = (architecture: Architecture): string => `injector-${architecture}`;

/**
 * Downloads the release's binary for an architecture, which has the SHA-256 that its commit tells.
 * Rejects with an error that says why there is none, or the signal's reason.
 */
export async function downloadInjector(
  { binaries }: Release,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<Buffer> {
  const wanted = binaries[architecture];
  const binary = await download(wanted.url, INJECTOR_MAX_BYTES, signal);
  const found = sha256Of(binary);
  if (found !== wanted.sha256) {
    throw new Error(
      `what came from ${wanted.url} has the SHA-256 ${found}, and not ${wanted.sha256}`,
    );
  }
  return binary;
}
