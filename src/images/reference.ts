import { ActionError } from '../lib/errors.js';

/** A reference as Docker and the distribution project write it, taken apart and made full. */
export interface Reference {
  /** Registry host, with port when given: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Path in the registry: `library/nginx`. */
  readonly path: string;
  /** `domain/path`. */
  readonly name: string;
  readonly tag?: string;
  /** `algorithm:hex`. */
  readonly digest?: string;
}

const PATH_PART = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** distribution/reference `RepositoryNameTotalLengthMax`. */
const NAME_MAX_LENGTH = 255;

/** True for what may stand behind `:` in a reference. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

function refuse(text: string, reason: string): ActionError {
  return new ActionError(
    `"${text}" is not an image reference: ${reason}; write it as [host[:port]/]path[:tag][@sha256:…].`,
  );
}

/** Splits off the registry host by Docker's rule: a first part with `.`, `:` or upper case, or `localhost`. */
function splitDomain(remainder: string): { domain: string; path: string } {
  const slash = remainder.indexOf('/');
  const first = slash < 0 ? '' : remainder.slice(0, slash);
  const isHost =
    first !== '' && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const domain = isHost ? first : 'docker.io';
  const path = isHost ? remainder.slice(slash + 1) : remainder;
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return { domain, path };
  return { domain: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}

/**
 * Reads a reference as Docker does: default registry `docker.io`, `library/` for single names, a port
 * told from a tag by the slash after it. No tag is made up.
 * Throws ActionError when the text is no reference. Grammar and bounds: distribution/reference.
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  let rest = at < 0 ? text : text.slice(0, at);
  if (digest !== undefined && !DIGEST.test(digest)) throw refuse(text, 'the digest is malformed');
  const colon = rest.lastIndexOf(':');
  let tag: string | undefined;
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!TAG.test(tag)) throw refuse(text, `"${tag}" is not a tag`);
  }
  if (rest === '') throw refuse(text, 'the name is empty');
  if (/^[0-9a-f]{64}$/.test(rest)) throw refuse(text, '64 hex digits alone are an image ID');
  const { domain, path } = splitDomain(rest);
  if (!DOMAIN.test(domain)) throw refuse(text, `"${domain}" is not a registry host`);
  const wrong = path.split('/').find((part) => !PATH_PART.test(part));
  if (wrong !== undefined) {
    const lower = PATH_PART.test(wrong.toLowerCase());
    throw refuse(
      text,
      lower ? 'the repository must be lower case' : `"${wrong}" is not a repository name`,
    );
  }
  const name = `${domain}/${path}`;
  if (name.length > NAME_MAX_LENGTH) throw refuse(text, 'the name has more than 255 characters');
  return {
    domain,
    path,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** True for what `parseReference` reads. */
export function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** True for the path of a repository without its host. */
export function isRepository(path: string): boolean {
  return path.length <= NAME_MAX_LENGTH && path.split('/').every((part) => PATH_PART.test(part));
}

/** A name, and the tag or else the digest that stands behind it. */
interface Named {
  readonly name: string;
  readonly tag?: string;
  readonly nameDigest?: string;
}

/** The whole name: `docker.io/library/nginx:1`, `ghcr.io/acme/web@sha256:…`, `ghcr.io/acme/web`. */
export function fullName({ name, tag, nameDigest }: Named): string {
  if (tag !== undefined) return `${name}:${tag}`;
  return nameDigest === undefined ? name : `${name}@${nameDigest}`;
}

/** The same as Docker shows it, without its default registry: `nginx:1`, `ghcr.io/acme/web`. */
export function familiarName(image: Named): string {
  return fullName(image).replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');
}
