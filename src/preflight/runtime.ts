/** Whether a runtime, as a node names it, is CRI-O. */
export function isCrio(runtime: string | undefined): boolean {
  return runtime?.startsWith('cri-o:') === true;
}

/** CRI-O's first version that asks 127.0.0.1 by HTTPS alone (cri-o#9511; 1.34 still took it for insecure). */
const CRIO_HTTPS_ALONE = [1, 35] as const;

/**
 * Whether a runtime, as a node names it, pulls over plain HTTP from 127.0.0.1 only where its configuration says so.
 * Whether it does, nobody tells but a pull.
 *
 * @param runtime `status.nodeInfo.containerRuntimeVersion`, such as `cri-o://1.35.0`
 */
export function wantsHttps(runtime: string | undefined): boolean {
  const [, major, minor] = /^cri-o:\/\/(\d+)\.(\d+)\./.exec(runtime ?? '') ?? [];
  const [fromMajor, fromMinor] = CRIO_HTTPS_ALONE;
  return Number(major) > fromMajor || (Number(major) === fromMajor && Number(minor) >= fromMinor);
}

/**
 * What has CRI-O pull from 127.0.0.1 over plain HTTP, for a sentence: the lines of a registry in its configuration
 * (containers-registries.conf.d(5)), which it reads again when it is reloaded.
 */
export const PLAIN_HTTP_FIX =
  'on the node run: printf \'[[registry]]\\nlocation = "127.0.0.1"\\ninsecure = true\\n\' > /etc/containers/registries.conf.d/127.0.0.1.conf && systemctl reload crio';
