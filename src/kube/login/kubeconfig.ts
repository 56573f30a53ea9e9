import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ActionError } from '../../lib/errors.js';

/** The parts of a kubeconfig that one context puts together, paths made absolute. */
export interface Kubeconfig {
  readonly context: string;
  readonly namespace?: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

/** A cluster of a kubeconfig, with the file format's own field names. */
export interface ClusterEntry {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

/** A user of a kubeconfig, with the file format's own field names. */
export interface UserEntry {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: ExecEntry;
  readonly 'auth-provider'?: { readonly name: string; readonly config?: Record<string, string> };
}

/** A credential plugin of a kubeconfig. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
}

interface Named<Key extends string, Value> {
  readonly name: string;
  readonly entry: { readonly [key in Key]?: Value };
}

type Environment = Readonly<Record<string, string | undefined>>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The kubeconfig to use: the one given (a path, or the content itself, also in base64), else the
 * files of KUBECONFIG, else ~/.kube/config, else this Pod's service account. `context` chooses the
 * context, the current one when it is undefined. Throws an ActionError for what is missing,
 * malformed or unknown; no message holds content of the file but names.
 */
export async function loadKubeconfig(
  given: string | undefined,
  context: string | undefined,
  env: Environment,
): Promise<Kubeconfig> {
  if (given !== undefined && given.trim() !== '') {
    const content = contentIn(given);
    return content === undefined
      ? fromFiles([expandHome(given.trim(), env)], context)
      : chooseContext([await parse(content, process.cwd(), 'The given kubeconfig')], context);
  }
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== '');
  if (listed.length > 0) {
    return fromFiles(listed, context);
  }
  const home = path.join(env.HOME ?? homedir(), '.kube', 'config');
  const text = await readOrMissing(home);
  if (text !== undefined) {
    return chooseContext(
      [await parse(text, path.dirname(home), `The kubeconfig ${home}`)],
      context,
    );
  }
  return inCluster(env);
}

/** The content, when the given text is one: YAML has line breaks or braces, a path has none. */
function contentIn(given: string): string | undefined {
  if (/[\n{]/.test(given.trim())) {
    return given;
  }
  const decoded = /^[A-Za-z0-9+/=]{80,}$/.test(given.trim())
    ? Buffer.from(given.trim(), 'base64').toString('utf8')
    : '';
  return /\bclusters\b/.test(decoded) ? decoded : undefined;
}

function expandHome(file: string, env: Environment): string {
  return file.startsWith('~/') ? path.join(env.HOME ?? homedir(), file.slice(2)) : file;
}

async function fromFiles(files: readonly string[], context: string | undefined) {
  const documents: Document[] = [];
  for (const file of files) {
    const text = await readOrMissing(file);
    if (text !== undefined) {
      const directory = path.dirname(path.resolve(file));
      documents.push(await parse(text, directory, `The kubeconfig ${file}`));
    }
  }
  if (documents.length === 0) {
    throw new ActionError(
      `The kubeconfig ${files.map(shown).join(', ')} does not exist; give the path of a kubeconfig or its content.`,
    );
  }
  return chooseContext(documents, context);
}

/** A path as it may be printed: what is long beyond any path may be a secret. */
function shown(file: string): string {
  return file.length > 255 ? '(a text of one line that is no path)' : file;
}

async function readOrMissing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG' || code === 'ENOTDIR') {
      return undefined;
    }
    throw new ActionError(
      `The kubeconfig ${shown(file)} cannot be read (${code}); make it a file that this step may read.`,
      { cause },
    );
  }
}

/** One parsed file. */
interface Document {
  readonly title: string;
  readonly currentContext: string;
  readonly contexts: readonly Named<'cluster' | 'user' | 'namespace', string>[];
  readonly clusters: readonly { readonly name: string; readonly entry: ClusterEntry }[];
  readonly users: readonly { readonly name: string; readonly entry: UserEntry }[];
}

async function parse(text: string, directory: string, title: string): Promise<Document> {
  // The Kubernetes client's own parser, without the client: that is 85 MB of memory more.
  const { load } = await import('js-yaml');
  let raw: Record<string, unknown>;
  try {
    raw = load(text) as Record<string, unknown>;
  } catch {
    // The parser's message quotes the file, which holds secrets; so it is not passed on.
    throw malformed(title, 'it is not YAML');
  }
  if (typeof raw !== 'object' || raw === null || !('clusters' in raw || 'contexts' in raw)) {
    throw malformed(title, 'it has no clusters and contexts');
  }
  const named = <Entry>(list: string, key: string, at: (entry: Entry) => Entry) =>
    entriesOf<Entry>(raw[list], list, key, title).map(({ name, entry }) => ({
      name,
      entry: at(entry),
    }));
  return {
    title,
    currentContext: String(raw['current-context'] ?? ''),
    contexts: entriesOf(raw.contexts, 'contexts', 'context', title),
    clusters: named<ClusterEntry>('clusters', 'cluster', (it) => absoluteCluster(it, directory)),
    users: named<UserEntry>('users', 'user', (it) => absoluteUser(it, directory)),
  };
}

function entriesOf<Entry>(list: unknown, listName: string, key: string, title: string) {
  if (list !== undefined && list !== null && !Array.isArray(list)) {
    throw malformed(title, `its \`${listName}\` is not a list`);
  }
  return ((list ?? []) as Record<string, unknown>[]).map((item, index) => {
    if (typeof item !== 'object' || item === null || typeof item.name !== 'string') {
      throw malformed(title, `${listName}[${index}] has no name`);
    }
    return { name: item.name, entry: (item[key] ?? {}) as Entry };
  });
}

function malformed(title: string, why: string): ActionError {
  return new ActionError(
    `${title} is malformed: ${why}; give a kubeconfig as \`kubectl config view --raw\` prints it.`,
  );
}

function absoluteCluster(entry: ClusterEntry, directory: string): ClusterEntry {
  const file = entry['certificate-authority'];
  return { ...entry, ...(file && { 'certificate-authority': path.resolve(directory, file) }) };
}

function absoluteUser(entry: UserEntry, directory: string): UserEntry {
  const files: Record<string, string> = {};
  for (const key of ['client-certificate', 'client-key', 'tokenFile'] as const) {
    const file = entry[key];
    if (file) {
      files[key] = path.resolve(directory, file);
    }
  }
  // A command with a slash is relative to the file, a bare one is looked up in PATH (client-go).
  const command = entry.exec?.command;
  const exec =
    command?.includes('/') === true
      ? { exec: { ...entry.exec, command: path.resolve(directory, command) } }
      : {};
  return { ...entry, ...files, ...exec } as UserEntry;
}

/** Merges as kubectl does: the first file that names something wins. */
function chooseContext(documents: readonly Document[], wanted: string | undefined): Kubeconfig {
  const contexts = documents.flatMap((document) => document.contexts);
  const title = documents.length === 1 ? (documents[0] as Document).title : 'The kubeconfig';
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
  const clusters = documents.flatMap((document) => document.clusters);
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
  const { namespace } = context;
  return { context: name, ...(namespace && { namespace }), cluster, user: user ?? {} };
}

async function inCluster(env: Environment): Promise<Kubeconfig> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  const token = await readOrMissing(`${SERVICE_ACCOUNT}/token`);
  if (!host || token === undefined) {
    throw new ActionError(
      'There is no kubeconfig; give its path or content with the input `kubeconfig`, or set KUBECONFIG, or put it at ~/.kube/config.',
    );
  }
  const namespace = await readOrMissing(`${SERVICE_ACCOUNT}/namespace`);
  return {
    context: 'in-cluster',
    ...(namespace && { namespace: namespace.trim() }),
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': `${SERVICE_ACCOUNT}/ca.crt`,
    },
    user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
  };
}
