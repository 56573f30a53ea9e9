import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ActionError } from '../lib/errors.js';
import { atHome, isPattern, matchesOf } from '../lib/files/paths.js';
import { parseReference, type Reference } from './reference.js';

/** One item of the `images` input, taken apart. */
export interface Line {
  /** As the user wrote it. */
  readonly given: string;
  readonly transport: 'docker-daemon' | 'docker-archive' | 'oci-archive' | 'oci' | 'path';
  /** A path, or the reference for the daemon. */
  readonly location: string;
  /** Which image of an archive or layout is meant: a reference or a tag. */
  readonly which?: string;
  /** The name it is to have: `PATH as REF`. */
  readonly rename?: Reference;
}

const TRANSPORT = /^(docker-daemon|docker-archive|oci-archive|oci):(.*)$/s;
const REGISTRY = /^(?:docker|https?|oci-registry):\/\//;
const UNSUPPORTED = /^(dir|containers-storage|ostree|sif|tarball|static):/;
const ARCHIVE_NAME = /\.(?:tar|tgz|tzst|oci)$|\.tar\.[a-z0-9]+$/;
/** An image's ID, or its start, as daemons take it in place of a reference. */
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{4,64}$/;

/**
 * Reads the items of the `images` input: transports of skopeo, bare references and paths, globs, `… as NAME`.
 * Globs are put in place of what they match, in sorted order. Throws ActionError for what is none of these.
 */
export async function readLines(items: readonly string[]): Promise<Line[]> {
  const found: Line[] = [];
  for (const given of items) found.push(...(await readItem(given)));
  return found;
}

async function readItem(given: string): Promise<Line[]> {
  const [source, newName, extra] = given.split(/\s+as\s+/);
  if (source === undefined || extra !== undefined || /\s/.test(newName ?? '')) {
    throw new ActionError(
      `"${given}" cannot be read; a line that renames is written PATH as NAME.`,
    );
  }
  const rename = newName === undefined ? {} : { rename: nameFor(given, newName) };
  if (REGISTRY.test(source) || UNSUPPORTED.test(source)) {
    throw new ActionError(
      `"${source}" is no source that can be read; give docker-daemon:REF, docker-archive:PATH, oci:DIR, oci-archive:PATH, or fetch it first with skopeo or crane.`,
    );
  }
  const match = TRANSPORT.exec(source);
  const transport = match?.[1] as Line['transport'] | undefined;
  const rest = atHome(match?.[2] ?? source);
  if (transport === 'docker-daemon' || (transport === undefined && !(await isPath(source)))) {
    if (/\s/.test(rest)) {
      throw new ActionError(
        `"${given}" cannot be read; give one image a line or between commas, and rename with "PATH as NAME".`,
      );
    }
    // Throws for what is no reference: not every daemon says what is wrong with it.
    if (!IMAGE_ID.test(rest)) parseReference(rest);
    return [{ given, transport: 'docker-daemon', location: rest, ...rename }];
  }
  const { path, which } = transport === undefined ? { path: rest } : await splitPath(rest);
  const common = { given, transport: transport ?? ('path' as const), ...rename };
  const selected = which === undefined ? {} : { which };
  if (!isPattern(path) || (await exists(path))) return [{ ...common, location: path, ...selected }];
  return (await matches(path, given)).map((location) => ({ ...common, location, ...selected }));
}

function nameFor(given: string, name: string): Reference {
  const reference = parseReference(name);
  if (reference.digest === undefined) return reference;
  throw new ActionError(
    `"${given}" renames to a digest; give a name and a tag, the digest comes from the image.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** True for what is written like a path, and for a file or layout that lies there under that name. */
async function isPath(source: string): Promise<boolean> {
  if (/^(?:\.{0,2}\/|~\/|\.{1,2}$)/.test(source) || isPattern(source) || ARCHIVE_NAME.test(source))
    return true;
  const there = await stat(source).catch(() => undefined);
  if (there?.isDirectory() === true) return exists(join(source, 'index.json'));
  return there?.isFile() ?? false;
}

/** Splits `PATH[:REF]` at the first colon, as skopeo does, unless the whole is a path that exists. */
async function splitPath(rest: string): Promise<{ path: string; which?: string }> {
  const colon = rest.indexOf(':');
  if (colon < 0 || (await exists(rest))) return { path: rest };
  const which = rest.slice(colon + 1);
  return which === '' ? { path: rest.slice(0, colon) } : { path: rest.slice(0, colon), which };
}

async function matches(pattern: string, given: string): Promise<string[]> {
  const paths = await matchesOf(pattern);
  if (paths.length > 0) return paths;
  throw new ActionError(
    `"${given}" matches no file; check the pattern and the step that writes the archives.`,
  );
}
