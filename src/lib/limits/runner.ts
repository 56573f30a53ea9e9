import { KIB, MIB } from './units.js';

/** Limits of the runner that the step is on: value, unit in the name, and where it comes from. */

/** Major version of the oldest Node that runs the action: the one that action.yml asks for. */
export const NODE_LEAST_MAJOR = 24;

/** Bytes of a step's summary above which a runner drops it (actions/runner, AttachmentSizeLimit). */
export const SUMMARY_MAX_BYTES = MIB;

/**
 * Bytes that a job's outputs may have, counted as UTF-16; GitHub drops them above that. All jobs of a
 * workflow run together may have 50 MB (GitHub's documentation, "jobs.<job_id>.outputs").
 */
export const OUTPUTS_MAX_BYTES = MIB;

/**
 * Bytes that are left of them for outputs which do not grow with the images: computed for six paths of 4096 characters
 * (Linux, PATH_MAX) and the traffic of a hundred nodes whose names have 253.
 */
export const SMALL_OUTPUTS_BYTES = 128 * KIB;

/**
 * Characters of an annotation's text; a runner cuts off what is longer, and shows ten of a kind for each step
 * (actions/runner, ExecutionContext.cs: AddIssue).
 */
export const ANNOTATION_MAX_CHARACTERS = 4096;

/**
 * Characters below which a secret is not hidden: ours to choose. A mask of "ca" or "admin" would hide ordinary words of
 * all logs of the job, and have GitHub drop outputs that hold them.
 */
export const MASK_MIN_CHARACTERS = 8;

/** Milliseconds that a timer of Node waits at most: a longer one ends at once (a signed 32-bit number). */
export const TIMER_MAX_MILLISECONDS = 2 ** 31 - 1;

/**
 * Seconds for which the cache service is waited for, which keeps a file of at most 1 MiB: ours to
 * choose, and less than a build of the injector takes.
 */
export const CACHE_PATIENCE_SECONDS = 30;

/** Seconds for the download of one of a release's binaries, which has at most 1 MiB, with all its attempts: ours to choose. */
export const DOWNLOAD_SECONDS = 60;

/** Addresses to which one download may be led on: GitHub leads from a release to its storage by one; the rest is for mirrors. */
export const DOWNLOAD_REDIRECTS_MAX = 5;

/**
 * Milliseconds for which a signal after the first is the same one: a terminal sends Ctrl-C to all that runs in it, and npm hands
 * its own on (measured: 1 ms later). Ours to choose, and less than a person takes who looks at what the first one did.
 */
export const SIGNAL_ECHO_MILLISECONDS = 500;

/** Milliseconds after which the line of progress on a terminal is drawn anew: ours to choose. */
export const SPINNER_MILLISECONDS = 200;
