import type { Candidate, Name } from './candidates.js';
import { takenFor, wantedPlatforms } from './platforms.js';
import type { FoundImage, Reading } from './reading.js';

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
  ppc64le: [],
  riscv64: [],
  s390x: [],
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
  const shared: Shared[] = [];
  for (const { one, platform, platforms } of await amongTheirLike(wanted, ofCandidate)) {
    if (await isNeeded(platform, platforms, reading)) {
      shared.push({ ...one, elsewhere: platforms.filter((other) => other !== platform) });
      continue;
    }
    reading.onNotice(
      `${one.image.label} is for ${platform}, which no node has, and is left out beside its like for another architecture.`,
    );
  }
  return shared;
}

/**
 * The same among all that was selected, from whichever sources. What lines name one by one is not left out: what no node
 * can run is told as ever.
 */
export async function acrossSources<One extends Choice>(
  all: readonly One[],
  reading: Reading,
): Promise<readonly One[]> {
  const shared: One[] = [];
  for (const { one, platform, platforms } of await amongTheirLike(all, ofSelected)) {
    const isShared = await isNeeded(platform, platforms, reading);
    const others = isShared ? platforms.filter((other) => other !== platform) : [];
    shared.push({ ...one, elsewhere: [...new Set([...one.elsewhere, ...others])] });
  }
  return shared;
}

/** An image that a line means, under the name that it is to have. */
interface Choice extends Name {
  readonly found: FoundImage;
  readonly elsewhere: readonly string[];
}

/** An image and the name that it goes by. */
type Named = { readonly image: FoundImage; readonly reference: Name };

const ofCandidate = (one: Candidate): Named => one;
const ofSelected = ({ found, name, tag }: Choice): Named => ({
  image: found,
  reference: { name, tag },
});

/** Each with its platform and those of all that differ from it in their architecture alone, where there are two. */
async function amongTheirLike<One>(all: readonly One[], of: (one: One) => Named) {
  const named: { one: One; platform?: string; family?: string }[] = [];
  const stems = all.map((one) => stemOf(of(one).reference, Object.keys(WORDS)));
  for (const [index, one] of all.entries()) {
    const { image, reference } = of(one);
    // To know its platform an image has to be looked into, which is not for those that stand alone.
    const isAlone = !stems.some((stem, other) => other !== index && stem === stems[index]);
    const platform = isAlone ? undefined : await image.platform();
    const family = platform && familyOf(reference, platform);
    named.push(platform && family ? { one, family, platform } : { one });
  }
  return named.map(({ one, family, platform }) => {
    const like = named.filter((other) => family !== undefined && other.family === family);
    return {
      one,
      platform,
      platforms: [...new Set(like.flatMap((other) => other.platform ?? []))],
    };
  });
}

/** Whether some node gets the image of this platform among its like; one without any is not left to others. */
async function isNeeded(
  platform: string | undefined,
  platforms: readonly string[],
  reading: Reading,
): Promise<boolean> {
  if (platform === undefined || platforms.length < 2) return true;
  const cluster = await wantedPlatforms(reading);
  const taken = cluster.map((of) => takenFor(of, platforms));
  return cluster.length === 0 || taken.includes(platform) || taken.every((one) => !one);
}

/** The name without the word for the architecture; undefined for a name that has none. */
function familyOf(reference: Name, platform: string): string | undefined {
  const architecture = platform.split('/')[1] ?? '';
  if (!Object.hasOwn(WORDS, architecture)) return undefined;
  const family = stemOf(reference, [architecture]);
  return family === stemOf(reference, []) ? undefined : family;
}

/** Name and tag with a star for each word for one of these architectures. */
function stemOf({ name, tag = '' }: Name, architectures: readonly string[]): string {
  const words = architectures.flatMap((one) => [...(WORDS[one] ?? []), one]);
  // The longest first, for some begin with others.
  const any = words.toSorted((one, other) => other.length - one.length).join('|');
  const pattern = new RegExp(`(?<=[/:._-])(?:${any})(?=$|[/:._-])`, 'g');
  return any === '' ? `${name}:${tag}` : `${name}:${tag}`.replace(pattern, '*');
}
