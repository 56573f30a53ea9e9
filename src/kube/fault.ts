/** What kind of trouble an API server's answer means; callers branch on this, not on text. */
export type ApiFault =
  | 'unreachable'
  | 'credentials'
  | 'permission'
  | 'terminating'
  | 'quota'
  | 'policy'
  | 'webhook'
  | 'space'
  | 'no-port'
  | 'too-large'
  | 'not-found'
  | 'exists'
  | 'conflict'
  | 'gone'
  | 'watch-ended'
  | 'forward-ended'
  | 'busy'
  | 'foreign'
  | 'other';

/** A right that the kubeconfig's user lacks. */
export interface Denied {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly group: string;
  readonly namespace?: string;
}

/** What `metav1.Status` says, or the first line of an answer that is none (a proxy's page). */
export function statusOf(body: Buffer): { reason: string; message: string } {
  const text = body.toString('utf8');
  try {
    const { reason, message } = JSON.parse(text) as { reason?: unknown; message?: unknown };
    return { reason: String(reason ?? ''), message: String(message ?? '') };
  } catch {
    return { reason: '', message: text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) };
  }
}

const RBAC_DENIAL =
  /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

/** The refused access that the API server's authorizer names in its message. */
export function deniedIn(message: string): Denied | undefined {
  const found = RBAC_DENIAL.exec(message)?.groups;
  if (found === undefined) {
    return undefined;
  }
  const { user = '', verb = '', resource = '', group = '', namespace } = found;
  return { user, verb, resource, group, ...(namespace && { namespace }) };
}

/** Statuses at which a proxy's page says the same as an API server's answer would. */
const PLAIN_STATUS = new Set([401, 408, 413, 429]);

/**
 * Whether an answer that is not 2xx is another server's than the API's, such as the redirect to a
 * login or a proxy's own page; a gateway in trouble (5xx) counts as the API server's.
 */
export function isForeign(status: number, body: Buffer): boolean {
  if (status >= 500 || PLAIN_STATUS.has(status)) {
    return false;
  }
  return status < 400 || isPage(undefined, body);
}

/** Whether a content type or a body is that of a page for browsers. */
export function isPage(contentType: string | undefined, body: Buffer): boolean {
  if (contentType !== undefined) {
    return /^(text\/html|application\/xhtml)/i.test(contentType.trim());
  }
  return /^\s*</.test(body.subarray(0, 100).toString('latin1'));
}

const FAILING_WEBHOOK = /failed calling (?:admission )?webhook "(?<name>[^"]+)"/;

/** The admission webhook that the API server could not ask, in its own words. */
export function webhookIn(message: string): string | undefined {
  return FAILING_WEBHOOK.exec(message)?.groups?.name;
}

/** Words of webhooks and admission policies that refuse; the status is for them to choose. */
const REFUSED_BY_POLICY =
  /admission webhook "[^"]+" denied the request|AdmissionPolicy '[^']+' with binding '[^']+' denied request/;

/** Words of etcd, and those of OVHcloud's beside it, whose quota is far lower (its guide on etcd quotas). */
const NO_SPACE = /database space exceeded|storage quota (?:exceeded|has been reached)/;

/** Words of the allocator of node ports, which no dry run asks; the status is 500 (pkg/registry/core/service/storage/alloc.go). */
const NO_NODE_PORT = /failed to allocate a nodePort: range is full/;

/** Words of an admission plugin that has waited 10 s for its caches, with status 403 (apiserver pkg/admission/handler.go). */
const NOT_READY = /is forbidden: not yet ready to handle request/;

/** Words of the admission of a quota whose controller has not counted it yet, as of a new one (plugin/resourcequota/controller.go). */
const UNCOUNTED = /status unknown for quota: /;

/** Whether a quota refuses for as long as nobody has counted what is there. */
export function isUncounted(message: string): boolean {
  return UNCOUNTED.test(message);
}

/** The fault of an answer that is not 2xx, by the words and the status of the API server. */
export function faultOf(
  status: number,
  reason: string,
  message: string,
  denied?: Denied,
): ApiFault {
  // What others say through the API server comes with several statuses, so it is looked at first.
  if (webhookIn(message) !== undefined) {
    return 'webhook';
  }
  if (REFUSED_BY_POLICY.test(message)) {
    return 'policy';
  }
  if (NO_SPACE.test(message)) {
    return 'space';
  }
  if (NO_NODE_PORT.test(message)) {
    return 'no-port';
  }
  if (NOT_READY.test(message) || /etcdserver: throttle|too many requests/i.test(message)) {
    return 'busy';
  }
  if (status === 413 || /request is too large|trying to send message larger/.test(message)) {
    return 'too-large';
  }
  // A server that is behind the version asked for, for one restored from a backup (storage/errors.go).
  if (reason === 'Expired' || /too large resource version/i.test(message)) {
    return 'gone';
  }
  if (status === 401 || denied?.user === 'system:anonymous') {
    return 'credentials';
  }
  if (status === 403) {
    return forbiddenFault(message, denied);
  }
  if (status === 409) {
    return reason === 'AlreadyExists' || /already exists/.test(message) ? 'exists' : 'conflict';
  }
  return BY_STATUS[status] ?? 'other';
}

const BY_STATUS: Readonly<Record<number, ApiFault>> = {
  404: 'not-found',
  408: 'busy',
  410: 'gone',
  429: 'busy',
  503: 'busy',
  504: 'busy',
};

function forbiddenFault(message: string, denied?: Denied): ApiFault {
  if (denied !== undefined) {
    return 'permission';
  }
  if (/because it is being terminated/.test(message)) {
    return 'terminating';
  }
  const isOfQuota = /exceeded quota|failed quota/.test(message) || isUncounted(message);
  return isOfQuota ? 'quota' : 'policy';
}
