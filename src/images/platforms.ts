import { ActionError } from '../lib/errors.js';
import { enumerated } from '../lib/sentences.js';
import type { Platform } from './image.js';
import type { Reading } from './reading.js';

/** Other words for architectures, as runtimes read them, too (containerd/platforms, `normalizeArch`). */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
  armel: 'arm',
};

/** `os/architecture`, as nodes report it; a variant is left out, the node's runtime chooses among those. */
export function platformText({ os, architecture }: Platform): string {
  return `${os}/${OTHER_WORDS[architecture] ?? architecture}`;
}

/** The platform of a lone manifest whose config names none: runtimes take what no index lists without asking. */
export const ANY: Platform = { os: 'linux', architecture: 'any' };

/**
 * What nodes of a platform run, or may, that is for another one. Of a lone manifest runtimes take it; of an index
 * containerd's transfer service takes what is listed for just its platform (measured with 2.2.1).
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'linux/amd64': 'linux/386',
  'linux/arm64': 'linux/arm',
};

/** Which platform of images of one platform each nodes of the wanted one take; undefined when they take none. */
export function takenFor(wanted: string, held: readonly string[]): string | undefined {
  return [wanted, platformText(ANY), STAND_INS[wanted]].find(
    (platform) => platform !== undefined && held.includes(platform),
  );
}

/** The names of nodes in a sentence: at most three. */
function onNodes(nodes: readonly string[]): string {
  return `(node${nodes.length > 1 ? 's' : ''} ${enumerated(nodes, 3)})`;
}

/** Platforms as an image has them, for choosing among them. */
export interface Available {
  /** Those whose content the source holds. */
  readonly held: readonly string[];
  /** Those that the image lists but whose content the source does not hold. */
  readonly absent: readonly string[];
  /** Those that another image gives to the nodes in its place. */
  readonly elsewhere: readonly string[];
  /** Whether it is a manifest that no index lists. */
  readonly isLone: boolean;
}

/**
 * The platforms of the cluster that an image is for. Throws ActionError when there is none, or when one
 * is missing and that is not allowed; otherwise a missing one is named in `warnings`.
 * With no platform of the cluster known, all that there can be are chosen, or all that the image has when it has none of those.
 */
export async function choosePlatforms(
  label: string,
  { held, absent, elsewhere, isLone }: Available,
  reading: Reading,
): Promise<{ chosen: readonly string[]; warnings: readonly string[] }> {
  const takes = (platform: string) =>
    isLone ? takenFor(platform, held) !== undefined : held.includes(platform);
  const known = await wantedPlatforms(reading);
  const wanted = known.length > 0 ? known : reading.possiblePlatforms.filter(takes);
  if (wanted.length === 0) return { chosen: [...new Set(held)], warnings: [] };
  const chosen = wanted.filter(takes);
  const missing = wanted.filter((platform) => !takes(platform) && !takenFor(platform, elsewhere));
  const has = [...new Set(held)].join(', ') || 'no platform';
  // What no node is known to be of is wanted by the input alone.
  const named = missing.filter((platform) => reading.nodesOf(platform).length === 0);
  const sentences = missing.map((platform) => {
    const why = absent.includes(platform)
      ? `lists ${platform} but the source does not hold its content`
      : `is for ${has} and not for ${platform}`;
    const whose = named.includes(platform)
      ? 'the input `platforms` names'
      : `the cluster has ${onNodes(reading.nodesOf(platform))}`;
    return `${label} ${why}, which ${whose}`;
  });
  const isNamed = named.length === missing.length;
  const out = named.length > 0 ? `take ${named.join(' and ')} out there, or ` : '';
  const cure = `${out}${advice(missing, absent)}`;
  if (chosen.length === 0) {
    throw new ActionError(
      isNamed
        ? `${sentences.join('; ')}; ${cure}, for nothing of it is sent as it is.`
        : `${sentences.join('; ')}; ${cure}, for no node of the cluster could run it as it is.`,
    );
  }
  if (sentences.length > 0 && !reading.allowMissingPlatforms) {
    throw new ActionError(
      isNamed
        ? `${sentences.join('; ')}; ${cure}, or set allow-missing-platforms.`
        : `${sentences.join('; ')}; ${cure}, leave those nodes out, or set allow-missing-platforms.`,
    );
  }
  const told = sentences.map((sentence, index) =>
    named.includes(missing[index] as string)
      ? `${sentence}; it is not sent for that one.`
      : `${sentence}; those nodes cannot run it.`,
  );
  // Processors of amd64 run what is for 386.
  if (chosen.includes('linux/arm64') && takenFor('linux/arm64', held) === 'linux/arm') {
    told.push(
      `${label} is for linux/arm and not for linux/arm64, whose nodes take it all the same; see that their processors run 32-bit programs, which not all do.`,
    );
  }
  return { chosen, warnings: told };
}

/** `os/architecture` of the cluster, each once. */
export async function wantedPlatforms(reading: Reading): Promise<readonly string[]> {
  return withoutVariants(await reading.platforms());
}

/** `os/architecture` of platforms that may have a variant, each once. */
export function withoutVariants(platforms: readonly string[]): string[] {
  return [...new Set(platforms.map((platform) => platform.split('/').slice(0, 2).join('/')))];
}

/** What to do about platforms: one that the image lists only has to be fetched. */
function advice(missing: readonly string[], absent: readonly string[]): string {
  const build = missing.filter((platform) => !absent.includes(platform));
  const fetch = missing.filter((platform) => absent.includes(platform));
  return [
    ...(fetch.length === 0
      ? []
      : [
          `fetch that platform too (docker pull --platform ${fetch.join(', ')}, skopeo copy --all)`,
        ]),
    ...(build.length === 0
      ? []
      : [
          `build it for ${build.join(' and ')} too, for example with docker buildx build --platform`,
        ]),
  ].join(' and ');
}
