import { KIB, MIB } from './units.js';

/** Limits of what is read as an image: value, unit in the name, and where it comes from. */

/**
 * Bytes of one manifest, index, config or table of an archive. The distribution spec asks registries
 * to take manifests of at least 4 MiB; containers/image refuses more for manifests and configs alike
 * (`iolimits.MaxManifestBodySize`, `MaxConfigBodySize`).
 */
export const DOCUMENT_MAX_BYTES = 4 * MIB;

/** Bytes of all manifests of one image, which are held in memory: ours to choose. */
export const DOCUMENTS_MAX_BYTES = 64 * MIB;

/** Levels of indexes above an image. BuildKit, Docker and oras write at most two; ours to choose. */
export const INDEX_MAX_DEPTH = 8;

/** Manifests and indexes read for one image: far above any real image, far below a stall. */
export const MANIFESTS_MAX = 1024;

/** Layers of one image. overlayfs takes 500 lower directories, Docker 127; ours to choose. */
export const LAYERS_MAX = 1024;

/** Entries of one archive: a 127-layer image of Docker 20.10 has 510. */
export const ARCHIVE_ENTRIES_MAX = 100_000;

/**
 * Characters of all paths and link targets of one archive, which are held in memory: 335 for each of
 * as many entries as there may be. Ours to choose.
 */
export const ARCHIVE_NAMES_MAX_CHARACTERS = 32 * MIB;

/** Symbolic links followed for one path of an archive: Linux' own bound (`MAXSYMLINKS`). */
export const ARCHIVE_LINKS_MAX = 40;

/** Bytes of one extended header of a tar: npm tar's own bound (`maxMetaEntrySize`). */
export const ARCHIVE_HEADER_MAX_BYTES = MIB;

/**
 * Bytes from which on an image of the daemon is remembered. A daemon saves 140 MB a second (Docker 20.10 on two
 * cores: 500 MB in 3.5 s), so that less is read while the cluster is being asked.
 */
export const REMEMBERED_FROM_BYTES = 16 * MIB;

/** Bytes of a config that is remembered whole, and images of which something is: ours to choose. */
export const REMEMBERED_DOCUMENT_MAX_BYTES = 256 * KIB;
export const REMEMBERED_MAX = 200;

/** Bytes that one compressed archive or layer may unfold to, so that a bomb ends: ours to choose. */
export const UNFOLDED_MAX_BYTES = 64 * 1024 * MIB;

/**
 * Window of a zstd frame from which on only one is decoded at a time: RFC 8878 (3.1.1.1.2) asks
 * decoders to take 8 MiB, libzstd's takes up to 128 MiB and as much memory. Four at once took 680 MB.
 */
export const ZSTD_WINDOW_BYTES = 8 * MIB;

/**
 * Uncompressed bytes in one independent frame. Level 3 of zstd looks back 2 MiB; measured on 200 MB of programs,
 * frames of 4, 2 and 1 MiB come to 33.0, 33.2 and 33.7 %. With 1 MiB they are made in 6 % less time, and a step that
 * streams 500 MB has 169 to 185 MB of memory at most, against 181 to 211 with 2 MiB.
 */
export const COMPRESSION_BLOCK_BYTES = MIB;

/** Bytes read at once from a file. */
export const READ_BYTES = MIB;

/**
 * Milliseconds that the Docker daemon may stay silent. Docker 20.10 writes all layers to its own disk
 * before the first byte of a save: 2.5 s for 500 MB here, minutes for large images on slow disks.
 */
export const DAEMON_SILENCE_MS = 600_000;

/**
 * Milliseconds that it may stay silent when it is asked about an image, which it looks up: as long as a kubelet waits for a
 * runtime (`runtimeRequestTimeout`).
 */
export const DAEMON_LOOK_UP_MS = 120_000;

/** Milliseconds within which a daemon says whether it gives content by its digest: it looks it up, no more. */
export const STORE_SILENCE_MS = 5000;

/** Bytes of one message of its content service: what containerd sends at most (`DefaultMaxSendMsgSize`). */
export const STORE_MESSAGE_MAX_BYTES = 16 * MIB;

/**
 * Bytes that a daemon sends of one content before we have taken them, and over the connection before word of them comes
 * back: HTTP/2 begins with 64 KiB of each. Measured with 263 MB: 0.5, 1 and 2 MiB take 0.67, 0.61 and 0.63 s.
 */
export const STORE_WINDOW_BYTES = MIB;
export const STORE_CONNECTION_WINDOW_BYTES = 8 * MIB;
