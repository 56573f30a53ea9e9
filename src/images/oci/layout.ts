import { ActionError } from '../../lib/errors.js';
import { members, parseJson, text } from '../../lib/json.js';
import { DOCUMENT_MAX_BYTES } from '../../lib/limits/images.js';
import { readWhole } from '../bytes/content.js';
import { platformText } from '../platforms.js';
import type { FoundImage } from '../reading.js';
import { imageLabel, type Tree } from '../source/archive.js';
import { type Document, findBlob, readDescriptor, readDocument } from './documents.js';
import { readTop } from './graph.js';
import type { IndexFile } from './index-file.js';
import { resolveImage } from './layout-image.js';
import { classify, digestsBelow, type Listed } from './listed.js';
import { configPlatform } from './manifest-content.js';

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
  const replaced = writtenOnce ? new Set() : await replacedAmong(tree, own);
  return own.map((one) => foundImage(tree, one, replaced.has(one), referrers));
}

/**
 * Entries that lost their name to a newer one: skopeo, podman and buildah leave them listed, before the
 * one that has it now; oras in any order. One that comes behind all names and was built after all of
 * those is none: BuildKit, asked without a name, adds such a build to what lies there.
 */
async function replacedAmong(tree: Tree, own: readonly Listed[]): Promise<ReadonlySet<Listed>> {
  const isNamed = ({ artifact, entry }: Listed) => !artifact && entry.names.length > 0;
  const last = own.findLastIndex(isNamed);
  if (last < 0) return new Set();
  const builtAt = async (one: Listed) =>
    Date.parse((await createdOf(tree, one.entry, one.label)) ?? '');
  const replaced = new Set<Listed>();
  let newest: number | undefined;
  for (const [index, one] of own.entries()) {
    if (one.entry.names.length > 0 || one.artifact !== undefined) continue;
    if (index > last) {
      newest ??= Math.max(...(await Promise.all(own.filter(isNamed).map(builtAt))));
      if ((await builtAt(one)) > newest) continue;
    }
    replaced.add(one);
  }
  return replaced;
}

function foundImage(
  tree: Tree,
  { entry, label, artifact }: Listed,
  replaced: boolean,
  referrers: readonly Document[],
): FoundImage {
  const { descriptor, names } = entry;
  const aside = artifact ?? (replaced ? REPLACED : undefined);
  return {
    label,
    names,
    digests: [descriptor.digest],
    ...(aside === undefined ? {} : { aside }),
    platform: () => platformOf(tree, entry, label),
    created: () => createdOf(tree, entry, label),
    resolve: async (reading, elsewhere) => {
      const top = await readTop(tree, descriptor, label);
      return resolveImage(tree, top, label, referrers, reading, elsewhere);
    },
  };
}

/** Why a replaced image is left out, behind its label. */
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
  const label = imageLabel(names[0] ?? document.digest, tree);
  return {
    label,
    names,
    digests: [document.digest],
    platform: async () => undefined,
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
  const top = await readDocument(tree, descriptor, label);
  const written = text(members(top?.json.annotations)[CREATED]);
  return written ?? text((await readConfig(tree, top, label))?.created);
}

/** The platform that the config of an entry is for; undefined for an index. */
async function platformOf(
  tree: Tree,
  { descriptor }: Listed['entry'],
  label: string,
): Promise<string | undefined> {
  const config = await readConfig(tree, await readDocument(tree, descriptor, label), label);
  const platform = config === undefined ? undefined : configPlatform(config);
  return platform === undefined ? undefined : platformText(platform);
}

/** The config of a manifest; undefined for an index and when the source does not hold it. */
async function readConfig(tree: Tree, document: Document | undefined, label: string) {
  if (document?.kind !== 'manifest') return undefined;
  const what = `${label}: the config`;
  const content = await findBlob(tree, readDescriptor(document.json.config, what));
  if (content === undefined) return undefined;
  return members(parseJson(await readWhole(content, DOCUMENT_MAX_BYTES, what), what));
}
