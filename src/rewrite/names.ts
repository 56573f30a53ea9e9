import { parseReference } from '../images/reference.js';

/** An injected image, as far as names go. */
export interface NamedImage {
  /** The line of the input `images`, as the user wrote it. */
  readonly given: string;
  /** As Docker shows it, with the tag or else the digest in it: `nginx:1.29`, `ghcr.io/acme/web`, `nginx@sha256:…`. */
  readonly name: string;
  /** What nodes pull: `127.0.0.1:<port>/<path>/library/nginx@sha256:…`. */
  readonly pullable: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** True when the source has this digest too, so that manifests may name it. */
  readonly digestKept: boolean;
}

/**
 * What each name stands for: from the full name of an image to what nodes pull. A full name has host, `library/` where
 * Docker puts it, and a tag or a digest: `docker.io/library/nginx:1.29`, `ghcr.io/acme/web@sha256:…`.
 */
export type InjectedNames = ReadonlyMap<string, string>;

/**
 * The full name that any spelling of a reference means, as runtimes read it: `nginx`, `library/nginx:latest` and
 * `index.docker.io/nginx:latest` are one image, and beside a digest a tag says nothing. Undefined for what is no reference.
 */
export function fullNameOf(text: string): string | undefined {
  try {
    const { name, tag, digest } = parseReference(text);
    return digest === undefined ? `${name}:${tag ?? 'latest'}` : `${name}@${digest}`;
  } catch {
    return undefined;
  }
}

/**
 * The full names under which the images are known: by tag, and by the digest where the source has it or the user gave it.
 * An image whose source has no tag for it is the one that its bare name means, unless another one is tagged `latest`, or
 * its source names it or it was asked for by a digest. A line that renames (`PATH as REF`) stands for the new name alone.
 */
export function injectedNames(images: readonly NamedImage[]): InjectedNames {
  const names = new Map<string, string>();
  const isTagged = ({ name }: NamedImage) => parseReference(name).tag !== undefined;
  const [tagged, untagged] = [images.filter(isTagged), images.filter((one) => !isTagged(one))];
  // The tagged ones come last: what has the tag `latest` goes before what has none.
  for (const image of [...untagged, ...tagged]) {
    const { name, tag, digest } = parseReference(image.name);
    const asked = digest ?? digestAskedFor(image, name);
    if (image.digestKept) names.set(`${name}@${image.digest}`, image.pullable);
    if (asked !== undefined) names.set(`${name}@${asked}`, image.pullable);
    if (tag !== undefined || asked === undefined) {
      names.set(`${name}:${tag ?? 'latest'}`, image.pullable);
    }
  }
  return names;
}

/** The digest by which a line asks the daemon for an image of this name, if it does. */
function digestAskedFor({ given }: NamedImage, name: string): string | undefined {
  const full = fullNameOf(given.replace(/^docker-daemon:/, ''));
  return full?.startsWith(`${name}@`) ? full.slice(name.length + 1) : undefined;
}

/** What nodes pull for an image as a manifest spells it; undefined when it was not injected. */
export function injectedFor(names: InjectedNames, text: string): string | undefined {
  const full = fullNameOf(text);
  return full === undefined ? undefined : names.get(full);
}
