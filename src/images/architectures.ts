import type { Candidate } from './candidates.js';
import { wantedPlatforms } from './platforms.js';
import type { Reading } from './reading.js';

/** An image to be read, and the platforms that another one gives to the nodes in its place. */
export interface Shared extends Candidate {
  readonly elsewhere: readonly string[];
}

/**
 * Images of one archive that are one image by architecture, as apko saves them: their names end in the
 * architecture that they are for (`web:ci-amd64`, `web:ci-arm64`). Each gives its platform to the
 * nodes, so none has to have those of the others, and one that no node can run is left out with a
 * sentence for the log.
 */
export async function byArchitecture(
  wanted: readonly Candidate[],
  reading: Reading,
): Promise<Shared[]> {
  const families = Map.groupBy(wanted, familyOf);
  const shared: Shared[] = [];
  for (const one of wanted) {
    const family = familyOf(one);
    const platforms = (families.get(family) ?? []).flatMap(({ image }) => image.platform ?? []);
    if (family === undefined || new Set(platforms).size < 2) {
      shared.push({ ...one, elsewhere: [] });
      continue;
    }
    const own = one.image.platform as string;
    const cluster = await wantedPlatforms(reading);
    const isNeeded = (platform: string) => cluster.includes(platform);
    if (!isNeeded(own) && platforms.some(isNeeded)) {
      reading.onNotice(
        `${one.image.label} is for ${own}, which no node has, and is left out beside its like for another architecture.`,
      );
      continue;
    }
    shared.push({ ...one, elsewhere: platforms.filter((platform) => platform !== own) });
  }
  return shared;
}

/** The name without the architecture at its end; undefined for a name that does not end in it. */
function familyOf({ image, reference }: Candidate): string | undefined {
  const architecture = image.platform?.split('/')[1];
  const end = `-${architecture}`;
  if (architecture === undefined || reference.tag?.endsWith(end) !== true) return undefined;
  return `${reference.name}:${reference.tag.slice(0, -end.length)}`;
}
