import { ActionError } from '../../lib/errors.js';
import { members, parseJson, text } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES } from '../../lib/limits/images.js';
import { lowerFirst } from '../../lib/sentences.js';
import { readWhole } from '../bytes/content.js';
import type { FoundImage } from '../reading.js';
import type { Tree } from '../source/archive.js';
import { type Document, findBlob, readDescriptor } from './documents.js';
import { readTop } from './graph.js';
import type { IndexFile } from './index-file.js';
import { resolveImage } from './layout-image.js';
import { classify, digestsBelow, type Listed } from './listed.js';

/**
 * The images of an OCI layout. What is about other manifests (attestations, signatures, artifacts with
 * a subject) and what is listed below another entry is no image of its own; artifacts, and images that
 * lost their name to a newer one, are set aside. Throws ActionError for an index.json that cannot be
 * used.
 *
 * @param writtenOnce true for what one tool wrote in one go, where no entry is a leftover
 */
export async function readLayout(
  tree: Tree,
  file: IndexFile,
  writtenOnce: boolean,
): Promise<readonly FoundImage[]> {
  const listed = await classify(tree, file.entries);
  const referrers = listed.flatMap(({ about, document }) =>
    about && document !== undefined ? [document] : [],
  );
  const below = digestsBelow(listed);
  const own = listed.filter(
    ({ about, entry }) => !about && (entry.names.length > 0 || !below.has(entry.descriptor.digest)),
  );
  if (isOneImage(own)) return [wholeFile(tree, file, own, referrers)];
  refuseTwoUnderOneName(own, tree.label);
  const named = own.some(({ artifact, entry }) => !artifact && entry.names.length > 0);
  return own.map((one) => foundImage(tree, one, named && !writtenOnce, referrers));
}

function foundImage(
  tree: Tree,
  { entry, label, artifact }: Listed,
  othersNamed: boolean,
  referrers: readonly Document[],
): FoundImage {
  const { descriptor, names } = entry;
  const aside = artifact ?? (othersNamed && names.length === 0 ? REPLACED : undefined);
  return {
    label,
    names,
    digests: [descriptor.digest],
    ...(aside === undefined ? {} : { aside }),
    created: () => createdOf(tree, entry, label),
    resolve: async (reading, elsewhere) => {
      const top = await readTop(tree, descriptor, label);
      return resolveImage(tree, top, label, referrers, reading, elsewhere);
    },
  };
}

/** skopeo, podman and buildah take the name from an older entry and leave that listed. */
const REPLACED =
  'has no name while others have one, as an older build that was replaced (its digest behind the path asks for it)';

/**
 * True when index.json is the index of one image: its images differ in their platforms and in nothing
 * else that it tells (apko's directory, Bazel's rules_img).
 */
function isOneImage(own: readonly Listed[]): boolean {
  if (own.length < 2) return false;
  if (own.some(({ artifact, document }) => artifact !== undefined || document?.kind === 'index'))
    return false;
  const platforms = own.map(({ entry }) => JSON.stringify(entry.descriptor.platform ?? null));
  const names = own.map(({ entry }) => JSON.stringify(entry.names.toSorted()));
  return (
    !platforms.includes('null') &&
    new Set(platforms).size === own.length &&
    new Set(names).size === 1
  );
}

function wholeFile(
  tree: Tree,
  { document }: IndexFile,
  own: readonly Listed[],
  referrers: readonly Document[],
): FoundImage {
  const names = own[0]?.entry.names ?? [];
  const label = `The image ${names[0] ?? document.digest} of ${lowerFirst(tree.label)}`;
  return {
    label,
    names,
    digests: [document.digest],
    created: async () => text(members(document.json.annotations)[CREATED]),
    resolve: (reading, elsewhere) =>
      resolveImage(tree, document, label, referrers, reading, elsewhere),
  };
}

function refuseTwoUnderOneName(listed: readonly Listed[], label: string): void {
  const digests = new Map<string, string>();
  for (const { entry } of listed) {
    const { digest } = entry.descriptor;
    for (const name of entry.names) {
      const other = digests.get(name) ?? digest;
      if (other !== digest) {
        throw new ActionError(
          `${label} has two different images under the name "${name}" (${other} and ${digest}); remove one or save them by different names.`,
        );
      }
      digests.set(name, digest);
    }
  }
}

const CREATED = 'org.opencontainers.image.created';

/** When an image was built: as its entry says, else its manifest or its config. */
async function createdOf(
  tree: Tree,
  { descriptor }: Listed['entry'],
  label: string,
): Promise<string | undefined> {
  const listed = text(descriptor.annotations?.[CREATED]);
  if (listed !== undefined) return listed;
  const top = await readTop(tree, descriptor, label);
  const written = text(members(top.json.annotations)[CREATED]);
  if (written !== undefined || top.kind === 'index') return written;
  const what = `${label}: the config`;
  const content = await findBlob(tree, readDescriptor(top.json.config, what));
  if (content === undefined) return undefined;
  return text(members(parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what)).created);
}
