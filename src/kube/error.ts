import { ActionError } from '../lib/errors.js';
import type { Answer } from './exchange.js';
import {
  type ApiFault,
  type Denied,
  deniedIn,
  faultOf,
  isForeign,
  isPage,
  statusOf,
  webhookIn,
} from './fault.js';
import { distrustIn } from './way/trust.js';

export type { ApiFault } from './fault.js';

/** A request that the API server did not grant, as one sentence for the user. */
export class ApiError extends ActionError {
  override readonly name = 'ApiError';
  readonly fault: ApiFault;
  /** HTTP status, 0 when no answer came. */
  readonly status: number;
  /** Kubernetes' own word, such as `AlreadyExists`; empty when there is none. */
  readonly reason: string;
  /** The attempts made, at least one. */
  readonly attempts: number;
  /** What the server said, in its own words; empty when no answer came. */
  readonly words: string;
  /** The access that was refused, when the fault is `permission`. */
  readonly denied: Denied | undefined;

  constructor(sentence: string, facts: ApiErrorFacts, options?: ErrorOptions) {
    super(sentence, options);
    this.fault = facts.fault;
    this.status = facts.status;
    this.reason = facts.reason ?? '';
    this.attempts = facts.attempts ?? 1;
    this.words = facts.words ?? '';
    this.denied = facts.denied;
  }
}

export interface ApiErrorFacts {
  readonly fault: ApiFault;
  readonly status: number;
  readonly reason?: string;
  readonly words?: string;
  readonly attempts?: number;
  readonly denied?: Denied | undefined;
}

/** The request that an answer belongs to. */
export interface Asked {
  /** Address of the API server, as in the kubeconfig. */
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly attempts: number;
}

/** True for anything thrown that is an ApiError of one of these faults. */
export function isFault(thrown: unknown, ...faults: readonly ApiFault[]): thrown is ApiError {
  return thrown instanceof ApiError && faults.includes(thrown.fault);
}

/**
 * What a question that the job can do without is answered; undefined where the API server does not answer it, whatever
 * its reason. Throws the signal's reason.
 */
export async function ifAnswered<Answer>(
  question: Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer | undefined> {
  try {
    return await question;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiError) {
      return undefined;
    }
    throw error;
  }
}

/** Faults that no further attempt mends, whatever the status. */
const FINAL: readonly ApiFault[] = ['space', 'no-port', 'too-large', 'policy', 'gone', 'foreign'];

/** True for an error that no further attempt at the same request can mend. */
export function isFinal(thrown: unknown): boolean {
  return isFault(thrown, ...FINAL);
}

/** What is wrong with an answer to a request for `accept`; undefined where the API server granted it. */
export function failureOf(asked: Asked, answer: Answer, accept = ''): ApiError | undefined {
  const { status, headers, body } = answer;
  if (status >= 300) {
    return apiErrorOf(asked, status, body);
  }
  // Who asks for a page, as of a Pod through the API server, means one.
  const unasked = !accept.includes('text/html') && isPage(headers['content-type'], body);
  return unasked ? foreign(asked, status) : undefined;
}

/** The error for an answer that is not 2xx. */
export function apiErrorOf(asked: Asked, status: number, body: Buffer): ApiError {
  if (isForeign(status, body)) {
    return foreign(asked, status);
  }
  const { reason, message } = statusOf(body);
  const denied = deniedIn(message);
  const fault = faultOf(status, reason, message, denied);
  return new ApiError(sentence(fault, asked, status, message, denied), {
    fault,
    status,
    reason,
    words: message,
    attempts: asked.attempts,
    denied,
  });
}

/** The error for an answer that cannot be an API server's. */
export function foreign({ server, method, path, attempts }: Asked, status: number): ApiError {
  return new ApiError(
    `Something else than a Kubernetes API server answered ${method} ${path} at ${server}, such as the page of a proxy or a login (status ${status}); check the address in the kubeconfig and the proxies on the way to it.`,
    { fault: 'foreign', status, attempts },
  );
}

/** The error for a request that got no answer at all. */
export function unreachable(asked: Asked, cause: unknown): ApiError {
  const distrust = distrustIn(cause);
  return new ApiError(
    distrust !== undefined
      ? `The certificate of the API server at ${asked.server} is not trusted (${distrust}); see \`certificate-authority-data\` and \`tls-server-name\` in the kubeconfig, and this machine's clock.`
      : `The API server at ${asked.server} cannot be reached (${wordsOf(cause)}); check the address in the kubeconfig and the network between this machine and the cluster.`,
    { fault: 'unreachable', status: 0, attempts: asked.attempts },
    { cause },
  );
}

/** An error's words; Node's AggregateError of several addresses has only a code. */
function wordsOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || code || String(cause);
}

function sentence(
  fault: ApiFault,
  { server, method, path }: Asked,
  status: number,
  message: string,
  denied?: Denied,
): string {
  const said = message === '' ? `HTTP ${status}` : message.replace(/[.\s]+$/, '');
  switch (fault) {
    case 'credentials':
      return `The API server at ${server} refused the kubeconfig's credentials (${status === 401 ? '401 Unauthorized' : 'it sees an anonymous user'}); use a kubeconfig whose user is valid and has not expired.`;
    case 'permission':
      return `${permissionWords(denied)}; grant it with a Role or ClusterRole, as the README's section on permissions shows.`;
    case 'terminating':
      return `The namespace is being deleted and takes nothing new (${said}); wait until it is gone or use another namespace.`;
    case 'quota':
      return `A ResourceQuota forbids what this run needs (${said}); raise the quota or use another namespace.`;
    case 'policy':
      return `The cluster's admission refused the request ${method} ${path} (${said}); change the policy or use another namespace.`;
    case 'webhook':
      return `The cluster's admission webhook "${webhookIn(message)}" failed, so the request ${method} ${path} was refused (${said}); mend the webhook or except the namespace from it.`;
    case 'space':
      return `The cluster's etcd has no space left (${said}), so nothing can be written to the cluster; an operator has to compact and defragment etcd and disarm its alarm.`;
    case 'no-port':
      return `The cluster has no node port left (${said}), so there can be no Service of type NodePort; set the input \`route\` to auto, delete Services of type NodePort or LoadBalancer that nobody needs, or have the API server's --service-node-port-range widened.`;
    case 'too-large':
      return `The API server, or a proxy in front of it, refused a request as too large (${said}); set the input \`chunk-size\` to a smaller value.`;
    case 'busy':
      return `The API server at ${server} was too busy for ${method} ${path} until the end of our patience (${said}); try again when the control plane has less to do.`;
    default:
      return `The API server at ${server} answered ${method} ${path} with ${status}: ${said}.`;
  }
}

function permissionWords(denied?: Denied): string {
  if (denied === undefined) {
    return "The kubeconfig's user lacks a permission";
  }
  const { user, verb, resource, group, namespace } = denied;
  const what = group === '' ? resource : `${resource}.${group}`;
  const where = namespace === undefined ? 'in the cluster' : `in the namespace "${namespace}"`;
  return `The user "${user}" may not ${verb} ${what} ${where}`;
}
