import { ActionError } from '../lib/errors.js';
import type { Platform } from './image.js';
import type { Reading } from './reading.js';

/** `os/architecture`, as nodes report it; a variant is left out, the node's runtime chooses among those. */
export function platformText(platform: Platform): string {
  return `${platform.os}/${platform.architecture}`;
}

/** The names of nodes in a sentence: at most three. */
function onNodes(nodes: readonly string[]): string {
  if (nodes.length === 0) return '';
  const shown = nodes.slice(0, 3).join(', ');
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more` : '';
  return ` (node${nodes.length > 1 ? 's' : ''} ${shown}${more})`;
}

/**
 * The platforms of the cluster that an image has. Throws ActionError when there is none, or when one
 * is missing and that is not allowed; otherwise a missing one is named in `warnings`.
 * With no platform of the cluster known, all that the image has are chosen.
 * `absent` are platforms that the image lists but whose content the source does not hold.
 */
export async function choosePlatforms(
  label: string,
  available: readonly string[],
  absent: readonly string[],
  reading: Reading,
): Promise<{ chosen: readonly string[]; warnings: readonly string[] }> {
  const wanted = [
    ...new Set(
      (await reading.platforms()).map((platform) => platform.split('/').slice(0, 2).join('/')),
    ),
  ];
  if (wanted.length === 0) return { chosen: [...new Set(available)], warnings: [] };
  const chosen = wanted.filter((platform) => available.includes(platform));
  const missing = wanted.filter((platform) => !available.includes(platform));
  const has = [...new Set(available)].join(', ') || 'no platform';
  const sentences = missing.map((platform) => {
    const why = absent.includes(platform)
      ? `lists ${platform} but the source does not hold its content`
      : `is for ${has} and not for ${platform}`;
    return `${label} ${why}, which the cluster has${onNodes(reading.nodesOf(platform))}`;
  });
  if (chosen.length === 0) {
    throw new ActionError(
      `${sentences.join('; ')}; build it for ${wanted.join(' and ')}, for example with docker buildx build --platform.`,
    );
  }
  if (sentences.length > 0 && !reading.allowMissingPlatforms) {
    throw new ActionError(
      `${sentences.join('; ')}; build it for that platform too, leave those nodes out, or set allow-missing-platforms.`,
    );
  }
  return {
    chosen,
    warnings: sentences.map((sentence) => `${sentence}; those nodes cannot run it.`),
  };
}
