/**
 * One side of the bench `images`, as a process of its own so that its memory can be told: reads the
 * image that a line names and writes its parcel to a file.
 *
 *     node images-ours.js LINE TEMPORARY-DIRECTORY PARCEL
 *
 * Prints the media types and the bytes of the layers as JSON.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readImages } from '../../src/images/read.js';
import { packParcel, parcelEntries } from '../../src/payload/parcel.js';

const [line, temporaryDirectory, parcel] = process.argv.slice(2) as [string, string, string];
const platforms = [`linux/${process.arch === 'x64' ? 'amd64' : process.arch}`];
const set = await readImages([line], { platforms, temporaryDirectory });
try {
  await set.verify();
  await pipeline(packParcel(parcelEntries(set.images)), createWriteStream(parcel));
  const manifests = set.images.flatMap((image) => image.manifests);
  const layers = manifests.flatMap(({ bytes }) => JSON.parse(bytes.toString()).layers) as {
    mediaType: string;
    size: number;
  }[];
  const types = [...new Set(layers.map(({ mediaType }) => mediaType))];
  console.log(JSON.stringify({ types, bytes: layers.reduce((sum, { size }) => sum + size, 0) }));
} finally {
  await set.close();
}
