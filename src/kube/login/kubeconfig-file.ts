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
  readonly 'disable-compression'?: boolean;
  readonly extensions?: readonly { readonly name: string; readonly extension?: unknown }[];
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

/** One parsed file. */
export interface KubeconfigDocument {
  readonly title: string;
  readonly currentContext: string;
  readonly contexts: readonly Named<'cluster' | 'user' | 'namespace', string>[];
  readonly clusters: readonly { readonly name: string; readonly entry: ClusterEntry }[];
  readonly users: readonly { readonly name: string; readonly entry: UserEntry }[];
}

/**
 * Reads the text of a kubeconfig; files that it names become absolute, from `directory` on. `title`
 * names it in sentences. Throws an ActionError that quotes nothing but names.
 */
export async function parseKubeconfig(
  text: string,
  directory: string,
  title: string,
): Promise<KubeconfigDocument> {
  // The Kubernetes client's own parser, without the client: that is 85 MB of memory more.
  const { load } = await import('js-yaml');
  let raw: Record<string, unknown>;
  try {
    // Without content it may be one of several files, as with kubectl; the parser refuses that.
    const isEmpty = text.replaceAll(/^\s*#.*$/gm, '').trim() === '';
    raw = (isEmpty ? {} : (load(text) ?? {})) as Record<string, unknown>;
  } catch {
    // The parser's message quotes the file, which holds secrets; so it is not passed on.
    throw malformed(title, 'it is not YAML');
  }
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    throw clusterless(title);
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

/** The error for what holds no kubeconfig, or only pieces of one. */
export function clusterless(title: string): ActionError {
  return malformed(title, 'it has no clusters and contexts');
}

/** The error for a kubeconfig that cannot be used as it is. */
export function malformed(title: string, why: string): ActionError {
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
