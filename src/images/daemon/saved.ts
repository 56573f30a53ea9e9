import { findImages } from '../find.js';
import type { FoundImage, ImageParts, Reading } from '../reading.js';
import { daemonImage, type Selected, savedName } from '../select.js';
import { type Spooling, spoolArchive } from '../source/archive-stream.js';
import type { Asked, OfDaemon } from './asked.js';
import type { Daemon } from './daemon.js';
import { type Memory, recollect } from './recollect.js';
import { storedImages } from './stored.js';

/**
 * The images of the daemon. Where that gives their content by its digest nothing is saved. Else those that are on all nodes as an earlier run has read them are not read, unless
 * somebody asks for their layers after all. All others come in one save, so that layers they share come once; of
 * their layers those that nodes have by another image are not taken in.
 */
export async function fromDaemon(
  ofDaemon: OfDaemon,
  reading: Reading,
  memory: Memory | undefined,
): Promise<Selected[]> {
  const { daemon, inspected } = ofDaemon;
  const label = `The daemon at ${daemon.address}`;
  const stored = await storedImages(ofDaemon, label, reading);
  if (stored !== undefined) {
    return inspected.map(({ line, about }) => daemonImage(line, about, stored, label));
  }
  const save = (asked: readonly Asked[], into: Reading, known?: Spooling['known']) =>
    saved(daemon, asked, { label, reading: into, known });
  const past = memory && (await recollect(inspected, memory, { label, reading, save }));
  const rest = inspected.filter((asked) => past?.images.has(asked) !== true);
  const found = rest.length === 0 ? [] : await save(rest, reading, past?.layer);
  const kept = past === undefined ? found : found.map(past.keeping);
  return inspected.map((asked) => {
    const parts = past?.images.get(asked);
    const images = parts === undefined ? kept : [rememberedImage(asked, parts)];
    return daemonImage(asked.line, asked.about, images, label);
  });
}

/** Has the daemon save images, all at once, and takes them in. */
async function saved(
  daemon: Daemon,
  asked: readonly Asked[],
  { label, reading, known }: Pick<Spooling, 'label' | 'known'> & { readonly reading: Reading },
): Promise<readonly FoundImage[]> {
  const names = asked.map(({ line, about }) => savedName(line.location, about));
  const stream = await daemon.save([...new Set(names)]);
  return findImages(await spoolArchive(stream, { ...reading.spooling(label), known }));
}

/** An image of which an earlier run has told all but the layers. */
function rememberedImage({ line, about }: Asked, parts: ImageParts): FoundImage {
  return {
    label: `The image ${line.location}`,
    names: about.names,
    digests: [about.id],
    platform: async () => parts.platforms[0],
    created: async () => undefined,
    resolve: async () => parts,
  };
}
