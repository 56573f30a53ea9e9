import { type ExecFileException, execFile } from 'node:child_process';
import { ActionError } from '../../lib/errors.js';
import { CREDENTIAL_PLUGIN_SECONDS } from '../../lib/limits/kube.js';
import { fileOrData } from './credential-file.js';
import type { ClusterEntry, ExecEntry } from './kubeconfig-file.js';

/** What a credential plugin gave. */
export interface PluginCredential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  /** Milliseconds since 1970, when the plugin says that the credential expires. */
  readonly expires?: number;
}

/**
 * Runs a kubeconfig's credential plugin (client.authentication.k8s.io) once. What it prints is
 * never passed on, for it is secret; its complaints on stderr are, since only they tell the cause.
 * The signal kills it. Throws an ActionError, or the signal's reason.
 */
export async function runPlugin(
  entry: ExecEntry,
  cluster: ClusterEntry,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<PluginCredential> {
  const added = Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value]));
  const info = JSON.stringify(await credentialRequest(entry, cluster));
  signal.throwIfAborted();
  const environment = { ...env, KUBERNETES_EXEC_INFO: info, ...added };
  const printed = await spawnPlugin(entry, environment, signal);
  return credentialIn(printed, entry.command);
}

function spawnPlugin(
  entry: ExecEntry,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const options = {
    env,
    signal,
    timeout: CREDENTIAL_PLUGIN_SECONDS * 1000,
    maxBuffer: 1024 * 1024,
    // A plugin that is deaf to SIGTERM would keep this process alive.
    killSignal: 'SIGKILL' as const,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(entry.command, [...(entry.args ?? [])], options, (error, out, err) => {
      if (error === null) {
        resolve(out);
      } else if (signal.aborted) {
        // Of execFile's own, the signal sends SIGTERM, whatever `killSignal` says.
        child.kill('SIGKILL');
        reject(signal.reason);
      } else {
        reject(pluginFailed(entry, error, err));
      }
    });
    // A plugin must not wait for a person.
    child.stdin?.end();
  });
}

function pluginFailed(entry: ExecEntry, error: ExecFileException, complaint: string) {
  if (error.code === 'ENOENT') {
    const hint = entry.installHint ? ` (${entry.installHint.replaceAll(/\s+/g, ' ').trim()})` : '';
    return new ActionError(
      `The kubeconfig's credential plugin \`${entry.command}\` is not installed on this machine; install it${hint} or use a kubeconfig with a token.`,
      { cause: error },
    );
  }
  if (error.killed === true && error.signal === 'SIGKILL') {
    return new ActionError(
      `The kubeconfig's credential plugin \`${entry.command}\` did not end within ${CREDENTIAL_PLUGIN_SECONDS} s; make it work on this machine without a person or use a kubeconfig with a token.`,
    );
  }
  // One that could not be started at all has said nothing, and then Node's code tells why.
  const otherwise = typeof error.code === 'string' ? error.code : 'it said nothing';
  const why = tellingLine(complaint) ?? otherwise;
  return new ActionError(
    `The kubeconfig's credential plugin \`${entry.command}\` failed (${why}); make it work on this machine or use a kubeconfig with a token.`,
  );
}

/**
 * The line of a complaint that tells the most, cut short: gcloud ends with advice, others with a trace of calls, indented,
 * before the error. Undefined when no line has words.
 */
function tellingLine(complaint: string): string | undefined {
  const lines = complaint.split('\n').filter((line) => /\p{L}/u.test(line));
  const line = lines.find((it) => /^(?!\s).*(?:error|fail|denied|expired)/i.test(it));
  // The head of klog has the time and the place in the source.
  return (line ?? lines.at(-1))
    ?.replace(/^[IWEF]\d{4} [^\]]*\]/, '')
    .trim()
    .slice(0, 300);
}

/** The extension of a cluster's entry that is for its credential plugin, such as gardenlogin (client-go tools/clientcmd). */
const CONFIG_EXTENSION = 'client.authentication.k8s.io/exec';

/**
 * The ExecCredential that a plugin finds in KUBERNETES_EXEC_INFO, with the fields of client-go's
 * pkg/apis/clientauthentication/v1.
 */
async function credentialRequest(entry: ExecEntry, cluster: ClusterEntry): Promise<object> {
  const authority = await fileOrData(cluster, 'certificate-authority');
  return {
    apiVersion: entry.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(entry.provideClusterInfo === true && {
        cluster: {
          server: cluster.server,
          'tls-server-name': cluster['tls-server-name'],
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
          'certificate-authority-data': authority?.toString('base64'),
          'proxy-url': cluster['proxy-url'],
          'disable-compression': cluster['disable-compression'],
          config: cluster.extensions?.find(({ name }) => name === CONFIG_EXTENSION)?.extension,
        },
      }),
    },
  };
}

function credentialIn(printed: string, command: string): PluginCredential {
  try {
    const { status } = JSON.parse(printed) as { status: Record<string, string> };
    const { token, clientCertificateData, clientKeyData, expirationTimestamp } = status;
    const expires = Date.parse(expirationTimestamp ?? '');
    if (token || clientCertificateData) {
      return {
        ...(token && { token }),
        ...(clientCertificateData && { clientCertificateData }),
        ...(clientKeyData && { clientKeyData }),
        ...(Number.isFinite(expires) && { expires }),
      };
    }
  } catch {
    // Told below: the parser's message would quote the credential.
  }
  throw new ActionError(
    `The kubeconfig's credential plugin \`${command}\` printed no ExecCredential with a token or certificate; check its arguments in the kubeconfig.`,
  );
}
