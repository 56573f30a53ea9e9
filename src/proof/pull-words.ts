import { BARE_BACK_OFF, PULL_HELD_BACK } from '../run/pod.js';

/*
 * What a kubelet says of a pull that failed. It passes on the words of its runtime; containerd, CRI-O and
 * Docker all pass on Go's network errors and the registry's status.
 */

/** Reasons by which a kubelet says that a pull failed (kubelet images/types.go, cri-api errors.go). */
const PULL_REASONS = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);

/**
 * Words of a pull that never reached the registry: the node's proxy has not programmed the way yet, or
 * there is none, or the runtime was started again.
 */
const UNREACHED =
  /connection refused|i\/o timeout|no route to host|connection reset|broken pipe|(?:host|network) is unreachable|context deadline exceeded|handshake timeout|Client\.Timeout|\bEOF\b|connect: |registry is unavailable|context canceled|transport is closing/i;

/**
 * Words of a pull that had come to the registry and was ended by the runtime: because no byte came for as long as it waits (see
 * TURN_ROUND_SECONDS), or because it was started again.
 */
const ENDED = /\bcopy(?:ing)?\b.*context canceled/i;

/** Words of a registry, or of a proxy before it, that has no time now and may have later. */
const BUSY =
  /\b(?:429 Too Many Requests|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b|toomanyrequests/i;

/**
 * Answers that the run's own registry never gives to a runtime: it has every image, and asks nobody who
 * they are.
 */
const NEVER_OURS =
  /failed to resolve (?:reference|image):? \S*: \S* ?not found|content at \S* ?not found|could not fetch content .*: not found|manifest unknown|name unknown|repository name not known|access (?:to the resource is )?denied|no basic auth credentials|\b(?:401 Unauthorized|403 Forbidden|404 Not Found)\b/i;

/** Words of Go for an answer of ours to a client that speaks TLS and nothing else. */
const HTTPS_ALONE = /server gave HTTP response to HTTPS client/;

/**
 * What is wrong with a pull: another may do better but for `image`, which is about the image itself, and `https`, where
 * the runtime takes no plain HTTP.
 */
export type PullTrouble =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'image' }
  | { readonly kind: 'https' }
  | { readonly kind: 'unreachable' | 'ended' | 'busy' | 'held' }
  /** The runtime asked somebody else for the image; `host` when the words name it. */
  | { readonly kind: 'elsewhere'; readonly host?: string };

/** Whether a container that waits for this reason waits for its image's pull. */
export function isPullReason(reason: string): boolean {
  return PULL_REASONS.has(reason);
}

/**
 * Reads what is wrong with a pull.
 *
 * @param words reason and message of the waiting container
 * @param pullable the image, `127.0.0.1:<port>/<secret>/<repository>@sha256:<hex>`
 */
export function troubleOfPull(words: string, pullable: string): PullTrouble {
  if (BARE_BACK_OFF.test(words)) {
    return { kind: 'waiting' };
  }
  const host = hostElsewhere(words, pullable);
  if (host !== undefined) {
    return { kind: 'elsewhere', host };
  }
  const said = withoutImage(words, pullable);
  if (HTTPS_ALONE.test(said)) {
    return { kind: 'https' };
  }
  if (PULL_HELD_BACK.test(said)) {
    return { kind: 'held' };
  }
  if (BUSY.test(said)) {
    return { kind: 'busy' };
  }
  if (NEVER_OURS.test(said)) {
    return { kind: 'elsewhere' };
  }
  if (ENDED.test(said)) {
    return { kind: 'ended' };
  }
  return { kind: UNREACHED.test(said) ? 'unreachable' : 'image' };
}

/** The host that was asked in place of the registry: a mirror's URLs have the image's path, too. */
function hostElsewhere(words: string, pullable: string): string | undefined {
  const [registry = '', secret = ''] = pullable.split('/');
  const urls = words.matchAll(/\bhttps?:\/\/([^\s/"?]+)(\/[^\s"]*)?/g);
  const asked = [...urls].filter(([, , path = '']) => path.includes(`/${secret}/`));
  const pinged = words.matchAll(/\bpinging container registry ([^\s/]+?):? /g);
  const hosts = [...asked, ...pinged].map(([, host = '']) => host);
  return hosts.find((host) => host !== registry);
}

/** The words without what names the image: a repository may be called like an error. */
function withoutImage(words: string, pullable: string): string {
  const path = pullable.slice(pullable.indexOf('/') + 1).replace(/@.*$/, '');
  return words.replaceAll(/\S+/g, (word) =>
    word.includes(path) ? word.replace(/.*[^:",]/, '') : word,
  );
}

/** Whether somebody refused the connection at once, as where nobody listens. */
export function isConnectionRefused(words: string): boolean {
  return /connection refused/.test(words);
}
