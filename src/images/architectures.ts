import type { Candidate } from './candidates.js';
import { takenFor, wantedPlatforms } from './platforms.js';
import type { Reading } from './reading.js';

/** An image to be read, and the platforms that another one gives to the nodes in its place. */
export interface Shared extends Candidate {
  readonly elsewhere: readonly string[];
}

/** What names call an architecture, beside GOARCH's own word. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['x86_64', 'x86-64'],
  arm64: ['aarch64', 'arm64v8', 'arm64-v8'],
  arm: ['armhf', 'armv6', 'armv7', 'arm-v6', 'arm-v7', 'arm32v6', 'arm32v7'],
  386: ['i386', 'i686', 'x86'],
};

/**
 * Images of one source that are one image by architecture, as apko saves them: their names differ in
 * nothing but the architecture that they are for (`web:ci-amd64`, `web:ci-arm64`). Each gives its
 * platform to the nodes, so none has to have those of the others, and one that no node can run is left
 * out with a sentence for the log.
 */
export async function byArchitecture(
  wanted: readonly Candidate[],
  reading: Reading,
): Promise<Shared[]> {
  const named: { one: Candidate; family?: string; platform?: string }[] = [];
  for (const one of wanted) {
    const platform = wanted.length > 1 ? await one.image.platform() : undefined;
    const family = platform === undefined ? undefined : familyOf(one, platform);
    named.push(
      platform === undefined || family === undefined ? { one } : { one, family, platform },
    );
  }
  const shared: Shared[] = [];
  for (const { one, family, platform } of named) {
    const like = named.filter((other) => family !== undefined && other.family === family);
    const platforms = [...new Set(like.flatMap((other) => other.platform ?? []))];
    if (platform === undefined || platforms.length < 2) {
      shared.push({ ...one, elsewhere: [] });
      continue;
    }
    const cluster = await wantedPlatforms(reading);
    const taken = cluster.map((of) => takenFor(of, platforms));
    const isNeeded = (of: string) => cluster.length === 0 || taken.includes(of);
    if (isNeeded(platform) || !platforms.some(isNeeded)) {
      shared.push({ ...one, elsewhere: platforms.filter((other) => other !== platform) });
      continue;
    }
    reading.onNotice(
      `${one.image.label} is for ${platform}, which no node has, and is left out beside its like for another architecture.`,
    );
  }
  return shared;
}

/** The name without the word for the architecture; undefined for a name that has none. */
function familyOf({ reference }: Candidate, platform: string): string | undefined {
  const architecture = platform.split('/')[1] ?? '';
  if (!/^[a-z0-9]+$/.test(architecture)) return undefined;
  const words = [...(WORDS[architecture] ?? []), architecture].join('|');
  const name = `${reference.name}:${reference.tag ?? ''}`;
  const family = name.replace(new RegExp(`(?<=[/:._-])(?:${words})(?=$|[/:._-])`, 'g'), '*');
  return family === name ? undefined : family;
}
