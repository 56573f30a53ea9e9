import type { Kubeconfig } from './kubeconfig-file.js';

/** Variables, flags and settings whose values are secret by their names, such as AWS_SECRET_ACCESS_KEY; others hold plain words. */
const SECRET_NAME = /(?:secret|token|password|passphrase|key)$/i;

/** What a kubeconfig itself has in it that must not be read in a log, whether or not its login succeeds. */
export function secretsOf({ cluster, user }: Kubeconfig): string[] {
  const { token, password, 'client-key-data': key, exec, 'auth-provider': provider } = user;
  const proxyPassword = URL.parse(cluster['proxy-url'] ?? '')?.password;
  const named = [
    ...Object.entries(provider?.config ?? {}),
    ...(exec?.env ?? []).map(({ name, value }) => [name, value] as const),
    ...flagsIn((exec?.args ?? []).map(String)),
  ];
  return [
    ...[token, password, key && Buffer.from(key, 'base64'), key],
    ...[proxyPassword, proxyPassword && decoded(proxyPassword)],
    ...named.map(([name = '', value]) => SECRET_NAME.test(name) && value),
  ].flatMap((secret) => (secret ? [String(secret)] : []));
}

/** Names and values of arguments; a flag without `=` may have its value in the next one. */
function flagsIn(args: readonly string[]): string[][] {
  return args.map((argument, index) => {
    const next = args[index + 1] ?? '-';
    const isFollowed = /^-[^=]*$/.test(argument) && !next.startsWith('-');
    return isFollowed ? [argument, next] : argument.split(/=(.*)/s, 2);
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
