import { ActionError } from '../lib/errors.js';
import { enumerated } from '../lib/sentences.js';
import type { Platform } from './image.js';
import type { Reading } from './reading.js';

/** `os/architecture`, as nodes report it; a variant is left out, the node's runtime chooses among those. */
export function platformText(platform: Platform): string {
  return `${platform.os}/${platform.architecture}`;
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
}

/**
 * The platforms of the cluster that an image has. Throws ActionError when there is none, or when one
 * is missing and that is not allowed; otherwise a missing one is named in `warnings`.
 * With no platform of the cluster known, all that the image has are chosen.
 */
export async function choosePlatforms(
  label: string,
  { held, absent, elsewhere }: Available,
  reading: Reading,
): Promise<{ chosen: readonly string[]; warnings: readonly string[] }> {
  const wanted = await wantedPlatforms(reading);
  if (wanted.length === 0) return { chosen: [...new Set(held)], warnings: [] };
  const chosen = wanted.filter((platform) => held.includes(platform));
  const missing = wanted.filter(
    (platform) => !held.includes(platform) && !elsewhere.includes(platform),
  );
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
  return {
    chosen,
    warnings: sentences.map((sentence, index) =>
      named.includes(missing[index] as string)
        ? `${sentence}; it is not sent for that one.`
        : `${sentence}; those nodes cannot run it.`,
    ),
  };
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
