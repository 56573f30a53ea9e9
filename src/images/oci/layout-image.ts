import type { Blob, Manifest } from '../image.js';
import { ANY, choosePlatforms, platformText } from '../platforms.js';
import type { ImageParts, Reading } from '../reading.js';
import type { Tree } from '../source/archive.js';
import { type Document, isImage } from './documents.js';
import { type Graph, readGraph, subjectOf } from './graph.js';
import {
  type RunnableManifest,
  readBlobs,
  readBlobsAbout,
  readRunnable,
} from './manifest-content.js';
import { referrerOf } from './referrers.js';

/**
 * Resolves an image of a layout byte for byte from its top document: the whole index is served, but
 * manifests and blobs only of the cluster's platforms, with what is about them. `listed` are manifests
 * about others that lie beside the image in the layout. Throws ActionError when anything is missing or
 * lies.
 */
export async function resolveImage(
  tree: Tree,
  top: Document,
  label: string,
  listed: readonly Document[],
  reading: Reading,
  elsewhere: readonly string[],
): Promise<ImageParts> {
  const graph = await readGraph(tree, top, label);
  const { runnable, chosen, warnings } = await chooseManifests(
    tree,
    graph,
    label,
    reading,
    elsewhere,
  );
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
    referrers: about.documents.flatMap((document) => referrerOf(document, label, reading)),
  };
}

function asManifest({ digest, mediaType, bytes }: Document): Manifest {
  return { digest, mediaType, bytes };
}

/** The platform of a manifest in an index for which nobody has told one: runtimes pass it over. */
const UNKNOWN = { os: 'linux', architecture: 'unknown' };

/** The manifests of the platforms that the cluster has. */
async function chooseManifests(
  tree: Tree,
  graph: Graph,
  label: string,
  reading: Reading,
  elsewhere: readonly string[],
) {
  const known: { document: Document; platforms: readonly string[] }[] = [];
  const read = new Map<Document, RunnableManifest>();
  for (const document of graph.manifests) {
    const isTop = document === graph.top;
    if (!isTop && !isImage(document)) continue;
    // Runtimes choose by what an index says; of a manifest that none lists, only its config knows.
    let platforms = isTop ? undefined : graph.platforms.get(document.digest);
    if (platforms === undefined) {
      const manifest = await readRunnable(tree, document, label);
      read.set(document, manifest);
      platforms = [manifest.platform ?? (isTop ? ANY : UNKNOWN)];
    }
    known.push({ document, platforms: platforms.map(platformText) });
  }
  const held = known.flatMap(({ platforms }) => platforms);
  const absent = graph.absent
    .flatMap(({ digest }) => graph.platforms.get(digest) ?? [])
    .map(platformText);
  const isLone = graph.top.kind !== 'index';
  const available = { held, absent, elsewhere, isLone };
  const { chosen, warnings } = await choosePlatforms(label, available, reading);
  const runnable: RunnableManifest[] = [];
  for (const { document, platforms } of known) {
    if (!isLone && !platforms.some((platform) => chosen.includes(platform))) continue;
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
