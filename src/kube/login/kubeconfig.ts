import { existsSync } from 'node:fs';
import path from 'node:path';
import { ActionError } from '../../lib/errors.js';
import { atHome, homeDirectory } from '../../lib/files/paths.js';
import { readRegularFile } from '../../lib/files/regular-file.js';
import { hostAndPort } from '../../lib/host-port.js';
import {
  type ClusterEntry,
  clusterless,
  type Kubeconfig,
  type KubeconfigDocument,
  malformed,
  parseKubeconfig,
  type UserEntry,
} from './kubeconfig-file.js';

/** What the context is called that leads to the cluster of this Pod. */
const IN_CLUSTER = 'in-cluster';

type Environment = Readonly<Record<string, string | undefined>>;

/** The directory with what a Pod knows of its service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The kubeconfig to use: the one given (a path, or the content itself, also in base64), else the
 * files of KUBECONFIG, or the content where it has that, else ~/.kube/config, else this Pod's service
 * account, which is no kubeconfig's context. `context` chooses the context, the current one when it is undefined. Throws an ActionError
 * for what is missing, malformed or unknown; no message holds content of the file but names.
 */
export async function loadKubeconfig(
  given: string | undefined,
  context: string | undefined,
  env: Environment,
  serviceAccount = SERVICE_ACCOUNT,
): Promise<Kubeconfig> {
  if (given !== undefined && given.trim() !== '') {
    const content = contentIn(given);
    return content === undefined
      ? fromFiles([atHome(given.trim(), env)], context)
      : fromContent(content, 'The given kubeconfig', context);
  }
  const { KUBECONFIG = '' } = env;
  const held = contentIn(KUBECONFIG);
  if (held !== undefined) {
    return fromContent(held, 'The kubeconfig that KUBECONFIG holds', context);
  }
  const listed = filesIn(KUBECONFIG);
  if (listed.length > 0) {
    return fromFiles(listed, context);
  }
  const home = path.join(homeDirectory(env), '.kube', 'config');
  const text = await readOrMissing(home);
  if (text !== undefined) {
    const document = await parseKubeconfig(text, path.dirname(home), `The kubeconfig ${home}`);
    // It may have been written since a run began without.
    const isOfPod =
      context === IN_CLUSTER &&
      env.KUBERNETES_SERVICE_HOST !== undefined &&
      !document.contexts.some(({ name }) => name === IN_CLUSTER);
    if (!isOfPod) return chooseContext([document], context);
  }
  return inCluster(context, env, serviceAccount);
}

/**
 * KUBECONFIG as it means the same in every directory: its paths made absolute, empty where it is not set. Undefined where
 * it holds the content of a kubeconfig, which has secrets.
 */
export function absoluteFiles({ KUBECONFIG = '' }: Environment): string | undefined {
  const files = KUBECONFIG.split(path.delimiter);
  return contentIn(KUBECONFIG) === undefined
    ? files.map((file) => file && path.resolve(file)).join(path.delimiter)
    : undefined;
}

/** Whether KUBECONFIG, given as paths, has some and no file is at any of them. */
export function areGone(KUBECONFIG: string): boolean {
  const files = filesIn(KUBECONFIG);
  return files.length > 0 && !files.some((file) => existsSync(file));
}

function filesIn(KUBECONFIG: string): string[] {
  return KUBECONFIG.split(path.delimiter).filter((file) => file !== '');
}

/** Whether a kubeconfig is one of which runners, who mask each line of a secret, mask braces alone on a line. */
export function hasLinesOfBraces(given: string): boolean {
  return /^\s*[{}]\s*$/m.test(given);
}

/**
 * The content, when the given text is one: YAML has line breaks or braces, a path has none. Base64 may
 * have line breaks, too, for the command `base64` makes one each 76 characters; it has no colon.
 */
function contentIn(given: string): string | undefined {
  const letters = given.replaceAll(/\s/g, '');
  if (/^[\w+/-]{80,}={0,2}$/.test(letters)) {
    const decoded = Buffer.from(letters, 'base64').toString('utf8');
    if (/\b(clusters|contexts)\b/.test(decoded)) {
      return decoded;
    }
  }
  return /[\n{]/.test(given.trim()) ? given : undefined;
}

async function fromContent(content: string, title: string, context: string | undefined) {
  return chooseContext([await parseKubeconfig(content, process.cwd(), title)], context);
}

async function fromFiles(files: readonly string[], context: string | undefined) {
  const documents: KubeconfigDocument[] = [];
  for (const file of files) {
    const text = await readOrMissing(file);
    if (text !== undefined) {
      const directory = path.dirname(path.resolve(file));
      documents.push(await parseKubeconfig(text, directory, `The kubeconfig ${file}`));
    }
  }
  if (documents.length === 0) {
    throw files.some((file) => shown(file) === undefined) ? noPath() : missing(files);
  }
  return chooseContext(documents, context);
}

/**
 * A path as it may be printed; undefined for what is long beyond any path, or reads like base64, YAML or a piece of it, since
 * it may be a secret.
 */
function shown(file: string): string | undefined {
  const isText = /^[A-Za-z0-9][\w+/-]{79,}={0,2}$|[\r\n{]|^\s|:\s/.test(file);
  return isText || file.length > 255 ? undefined : file;
}

/** Paths stand as they were given, so that whatever masks the whole of a text that is none masks it here. */
function missing(files: readonly string[]): ActionError {
  return new ActionError(
    `The kubeconfig ${files.join(path.delimiter)} does not exist; give the path of a kubeconfig or its content.`,
  );
}

function noPath(): ActionError {
  return new ActionError(
    'The kubeconfig is a text that is neither a path nor a kubeconfig, plain or in base64; give what `kubectl config view --raw` prints, as it is or in base64.',
  );
}

async function readOrMissing(file: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(file)).toString('utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') {
      return undefined;
    }
    throw new ActionError(
      `The kubeconfig ${shown(file) ?? ''} cannot be read (${code}); make it a file that this step may read.`,
      { cause },
    );
  }
}

/** Merges as kubectl does: the first file that names something wins. */
function chooseContext(
  documents: readonly KubeconfigDocument[],
  wanted: string | undefined,
): Kubeconfig {
  const contexts = documents.flatMap((document) => document.contexts);
  const title =
    documents.length === 1 ? (documents[0] as KubeconfigDocument).title : 'The kubeconfig';
  const clusters = documents.flatMap((document) => document.clusters);
  if (contexts.length === 0 && clusters.length === 0) {
    throw clusterless(title);
  }
  const names = [...new Set(contexts.map(({ name }) => name))];
  const current = documents.map(({ currentContext }) => currentContext).find((it) => it !== '');
  const name = wanted || current || (names.length === 1 ? (names[0] as string) : undefined);
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  if (name === undefined) {
    throw new ActionError(
      `${title} has no current context; name one with the input \`context\` (${there}).`,
    );
  }
  const context = contexts.find((it) => it.name === name)?.entry;
  if (context === undefined) {
    throw new ActionError(
      `${title} has no context "${name}" (${there}); name one of them with the input \`context\`.`,
    );
  }
  const cluster = clusters.find((it) => it.name === context.cluster)?.entry;
  if (typeof cluster?.server !== 'string' || URL.parse(cluster.server) === null) {
    throw malformed(title, `its context "${name}" names no cluster with a usable server address`);
  }
  const users = documents.flatMap((document) => document.users);
  const user = users.find((it) => it.name === context.user)?.entry;
  if (user === undefined && context.user) {
    throw malformed(
      title,
      `its context "${name}" names the user "${context.user}", who is missing`,
    );
  }
  const left = leftOutOf(cluster, user ?? {});
  if (left !== undefined) {
    throw malformed(
      title,
      `its ${left} is left out, as \`kubectl config view\` does without --raw`,
    );
  }
  const { namespace } = context;
  return { context: name, ...(namespace && { namespace }), cluster, user: user ?? {} };
}

/** The field in whose place stands a word of kubectl's, for people alone (client-go tools/clientcmd/api/helpers.go). */
function leftOutOf(cluster: ClusterEntry, user: UserEntry): string | undefined {
  const { token, password } = user;
  const fields = {
    'certificate-authority-data': cluster['certificate-authority-data'],
    'client-certificate-data': user['client-certificate-data'],
    'client-key-data': user['client-key-data'],
    ...{ token, password },
  };
  return Object.entries(fields).find(([, value]) =>
    /^(DATA\+OMITTED|REDACTED)$/.test(`${value}`),
  )?.[0];
}

async function inCluster(
  context: string | undefined,
  env: Environment,
  serviceAccount: string,
): Promise<Kubeconfig> {
  // With one another cluster is meant than this, such as where the secret with its kubeconfig is empty.
  const isOther = context !== undefined && context !== '' && context !== IN_CLUSTER;
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  const token = await readOrMissing(`${serviceAccount}/token`);
  if (isOther || !host || token === undefined) {
    const which = isOther ? ` that could have the context "${context}"` : '';
    throw new ActionError(
      `There is no kubeconfig${which}; give its path or content with the input \`kubeconfig\`, or set KUBECONFIG, or put it at ~/.kube/config.`,
    );
  }
  const namespace = await readOrMissing(`${serviceAccount}/namespace`);
  return {
    context: IN_CLUSTER,
    ...(namespace && { namespace: namespace.trim() }),
    cluster: {
      server: `https://${hostAndPort(host, port)}`,
      'certificate-authority': `${serviceAccount}/ca.crt`,
    },
    user: { tokenFile: `${serviceAccount}/token` },
  };
}
