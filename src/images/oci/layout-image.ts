import { members, text } from '../../lib/json.js';
import type { Blob, Manifest, Referrer } from '../image.js';
import { choosePlatforms, platformText } from '../platforms.js';
import type { ImageParts, Reading } from '../reading.js';
import type { Tree } from '../source/archive.js';
import type { Document, FullDescriptor } from './documents.js';
import { isImage } from './documents.js';
import { type Graph, readGraph, subjectOf } from './graph.js';
import {
  type RunnableManifest,
  readBlobs,
  readBlobsAbout,
  readRunnable,
} from './manifest-content.js';

/**
 * Resolves an image of a layout byte for byte: the whole index is served, but manifests and blobs
 * only of the cluster's platforms, with what is about them. `listed` are manifests about others that
 * lie beside the image in the layout. Throws ActionError when anything is missing or lies.
 */
export async function resolveImage(
  tree: Tree,
  root: FullDescriptor,
  label: string,
  listed: readonly Document[],
  reading: Reading,
): Promise<ImageParts> {
  const graph = await readGraph(tree, root, label);
  const { runnable, chosen, warnings } = await chooseManifests(tree, graph, label, reading);
  const configs: Blob[] = [];
  const layers: Blob[] = [];
  for (const manifest of runnable) {
    const blobs = await readBlobs(tree, manifest, label, reading);
    configs.push(blobs.config);
    layers.push(...blobs.layers);
  }
  const served: Document[] = [...graph.indexes, ...runnable.map(({ document }) => document)];
  const about = await readAbout(tree, served, [...graph.about, ...listed], label, reading);
  const { mediaType, digest, bytes } = graph.top;
  return {
    target: { mediaType, digest, size: bytes.length },
    digestKept: true,
    platforms: chosen,
    warnings,
    manifests: [...served, ...about.documents].map(asManifest),
    blobs: [...new Set([...configs, ...layers, ...about.blobs])],
    referrers: about.documents.flatMap(referrerOf),
  };
}

function asManifest({ digest, mediaType, bytes }: Document): Manifest {
  return { digest, mediaType, bytes };
}

/** The manifests of the platforms that the cluster has. */
async function chooseManifests(tree: Tree, graph: Graph, label: string, reading: Reading) {
  const known: { document: Document; platform: string }[] = [];
  const read = new Map<Document, RunnableManifest>();
  for (const document of graph.manifests) {
    let platform = document.descriptor.platform;
    if (platform === undefined) {
      if (document !== graph.top && !isImage(document)) continue;
      // Not told by the index: the config knows, and an image that no index lists has only that.
      const manifest = await readRunnable(tree, document, label);
      read.set(document, manifest);
      platform = manifest.platform;
    }
    known.push({ document, platform: platformText(platform) });
  }
  const available = known.map(({ platform }) => platform);
  const absent = graph.absent.flatMap(({ platform }) =>
    platform === undefined ? [] : [platformText(platform)],
  );
  const { chosen, warnings } = await choosePlatforms(label, available, absent, reading);
  const runnable: RunnableManifest[] = [];
  for (const { document, platform } of known) {
    if (!chosen.includes(platform)) continue;
    runnable.push(read.get(document) ?? (await readRunnable(tree, document, label)));
  }
  return { runnable, chosen, warnings };
}

/**
 * Attestations and artifacts about what is served, and about those in turn. One that the source holds
 * only in part is left out: an absent attestation does not make an image incomplete.
 */
async function readAbout(
  tree: Tree,
  served: readonly Document[],
  candidates: readonly Document[],
  label: string,
  reading: Reading,
): Promise<{ documents: readonly Document[]; blobs: readonly Blob[] }> {
  const digests = new Set(served.map(({ digest }) => digest));
  const documents: Document[] = [];
  const blobs: Blob[] = [];
  let left = [...candidates];
  for (let found = true; found; ) {
    const due = left.filter(
      (document) => digests.has(subjectOf(document) ?? '') && !digests.has(document.digest),
    );
    left = left.filter((document) => !due.includes(document));
    found = due.length > 0;
    for (const document of due) {
      if (digests.has(document.digest)) continue;
      const parts = await readBlobsAbout(tree, document, label, reading);
      if (parts === undefined) continue;
      digests.add(document.digest);
      documents.push(document);
      blobs.push(...parts);
    }
  }
  return { documents, blobs };
}

/** The row of the referrers list for a manifest with a `subject` (distribution-spec, Listing Referrers). */
function referrerOf(document: Document): Referrer[] {
  const subject = text(members(document.json.subject).digest);
  if (subject === undefined) return [];
  const config = text(members(document.json.config).mediaType);
  const artifactType = text(document.json.artifactType) ?? config ?? '';
  const annotations = document.json.annotations;
  const descriptor = {
    mediaType: document.mediaType,
    digest: document.digest,
    size: document.bytes.length,
    artifactType,
    ...(annotations === undefined ? {} : { annotations }),
  };
  return [{ subject, artifactType, descriptor: JSON.stringify(descriptor) }];
}
