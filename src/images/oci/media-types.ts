import type { Encoding } from '../bytes/compression.js';

/** Media types that this action writes, reads or refuses (image-spec media-types.md; distribution). */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const FOREIGN = /nondistributable|vnd\.docker\.image\.rootfs\.foreign/;
const LAYERS = new Set([
  OCI_LAYER,
  `${OCI_LAYER}+gzip`,
  `${OCI_LAYER}+zstd`,
  DOCKER_LAYER,
  `${DOCKER_LAYER}.gzip`,
  `${DOCKER_LAYER}.zstd`,
]);

/**
 * Layers of what is about an image and none itself: signatures and attestations (cosign, in-toto,
 * sigstore, Notary) and SBOMs (SPDX, CycloneDX, Syft). cosign gives them an ordinary image config.
 */
const ABOUT =
  /^application\/vnd\.(?:dev\.cosign\.|dev\.sigstore\.|dsse\.|in-toto[+.]|cyclonedx[+.]|syft[+.])|^(?:text|application)\/(?:vnd\.)?spdx(?:[+.]|$)|^application\/(?:jose|cose)(?:\+|$)|^application\/vnd\.cyclonedx$/;

/** The grammar of the injector's catalog: type/subtype of plain characters, at most 255 of them. */
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/;
const MEDIA_TYPE_MAX_LENGTH = 255;

/** True for a media type or artifact type that can stand in a header as it is (RFC 6838, 4.2). */
export function isMediaType(text: string): boolean {
  return text.length <= MEDIA_TYPE_MAX_LENGTH && MEDIA_TYPE.test(text);
}

export type DocumentKind = 'index' | 'manifest' | 'schema1' | 'unknown';

/** What a media type says a document is. */
export function documentKind(mediaType: string): DocumentKind {
  if (mediaType === OCI_INDEX || mediaType === DOCKER_LIST) return 'index';
  if (mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST) return 'manifest';
  return SCHEMA_1.test(mediaType) ? 'schema1' : 'unknown';
}

/** True for the config of something that can be run. */
export function isImageConfig(mediaType: string): boolean {
  return mediaType === OCI_CONFIG || mediaType === DOCKER_CONFIG;
}

/** Whether a layer's media type can be unpacked by a node, must not be passed on, or is unknown. */
export function layerKind(mediaType: string): 'layer' | 'foreign' | 'unknown' {
  if (FOREIGN.test(mediaType)) return 'foreign';
  return LAYERS.has(mediaType) ? 'layer' : 'unknown';
}

/** True for the layer of a signature, an attestation or an SBOM. */
export function isAboutLayer(mediaType: string): boolean {
  return ABOUT.test(mediaType);
}

/** True for a layer's media type that says that it is compressed. */
export function isCompressedLayer(mediaType: string): boolean {
  return encodingOfType(mediaType) !== 'none';
}

/** The media type of a layer stored in this way. */
export function layerMediaType(encoding: Encoding): string {
  return encoding === 'none' ? OCI_LAYER : `${OCI_LAYER}+${encoding}`;
}

/** How a layer's media type says that it is stored. */
export function encodingOfType(mediaType: string): Encoding {
  const [, encoding] = /[.+](gzip|zstd)$/.exec(mediaType) ?? [];
  return encoding === undefined ? 'none' : (encoding as Encoding);
}
