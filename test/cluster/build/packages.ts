import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError } from '../../../src/lib/errors.js';
import { run } from '../command.js';
import { CNI_DIRECTORIES } from '../machine/cni.js';
import { cacheRoot } from '../paths.js';
import { withLock } from './lock.js';

/** Program → the package of Debian and Ubuntu that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  conntrack: 'conntrack',
  ethtool: 'ethtool',
  flock: 'util-linux',
  hostname: 'hostname',
  ip: 'iproute2',
  ipset: 'ipset',
  iptables: 'iptables',
  mount: 'mount',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  runc: 'runc',
  sysctl: 'procps',
  tar: 'tar',
  unshare: 'util-linux',
};

/** Path of a program; also where root's PATH should lead but does not always. */
export function findProgram(name: string): string | undefined {
  const path = (process.env.PATH ?? '').split(':');
  const places = [...path, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return places
    .filter((place) => place.startsWith('/'))
    .map((place) => join(place, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The packages that a cluster needs and that are missing. */
export function missingPackages(): string[] {
  const missing = Object.entries(PROGRAMS).filter(([program]) => !findProgram(program));
  const names = new Set(missing.map(([, name]) => name));
  const plugins = ['bridge', 'host-local', 'loopback', 'portmap'];
  const complete = (place: string) => plugins.every((plugin) => existsSync(join(place, plugin)));
  if (!CNI_DIRECTORIES.some(complete)) names.add('containernetworking-plugins');
  return [...names].toSorted();
}

/**
 * Installs packages with apt, as root. An interrupt does not break it off, lest half is installed.
 * @throws ActionError naming them when there is no apt or it fails.
 */
export async function installPackages(
  names: string[],
  log: (line: string) => void = () => {},
): Promise<void> {
  if (names.length === 0) return;
  if (!findProgram('apt-get')) {
    throw new ActionError(
      `The packages ${names.join(', ')} are missing and there is no apt-get here to install them; install what this system calls them.`,
    );
  }
  await withLock(join(cacheRoot(), 'apt.lock'), async () => {
    log(`installing ${names.join(', ')}`);
    // Unattended; with this run level no daemon of a package is started where there is no systemd.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const options = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
    const install = () =>
      run('apt-get', ['install', ...options, '--no-install-recommends', ...names], { env });
    try {
      await install();
    } catch {
      // The lists may be missing or old, or an installation before this one was broken off.
      await run('dpkg', ['--configure', '-a'], { env, anyStatus: true });
      await run('apt-get', ['update', '-qq'], { env });
      await install();
    }
  });
}
