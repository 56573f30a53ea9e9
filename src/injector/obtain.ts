import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { info, temporaryDirectory, warning } from '../host/runner.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { CACHE_PATIENCE_SECONDS } from '../lib/limits/runner.js';
import { restore, save } from './cache.js';
import { build, RUST_HINT } from './cargo.js';
import { ToolFailure } from './command.js';
import { type Architecture, TARGETS } from './elf.js';
import { readGiven } from './given.js';
import { downloadInjector, fileOf, releaseOf } from './release.js';
import { hashSources, injectorDirectory } from './source.js';
import { keep, placeOf, readKept } from './store.js';
import { faultOf } from './verify.js';

/** Where an injector came from. */
export type Origin = 'input' | 'disk' | 'cache' | 'build' | 'release';

/** The static binary for one architecture. */
export interface Injector {
  readonly architecture: Architecture;
  readonly binary: Buffer;
  readonly origin: Origin;
  /** Fulfilled when the cache service has what it is to keep; never rejects. */
  readonly saved: Promise<void>;
}

/** From where injectors are obtained; what is left out is as in a step. */
export interface Obtaining {
  /** The directory of the crate. */
  readonly crate?: string | undefined;
  /** The directory that the input `injector` names: then all come from there. */
  readonly given?: string | undefined;
  /** Those without which nothing can be done, for others only nodes that join; all where left out. */
  readonly needed?: readonly Architecture[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Seconds for which the cache service may be silent. */
  readonly cachePatience?: number | undefined;
}

/** What one injector is obtained by. */
interface Wanted {
  readonly crate: string;
  readonly sources: string;
  readonly architecture: Architecture;
  readonly signal: AbortSignal;
}

/**
 * The injector for each architecture: from the directory that is given; else from this machine's disk,
 * the cache service, cargo, or the release that the action's commit is of, whatever comes first. All
 * are verified to be of the action's own sources. Throws an ActionError when there is none, where one is needed: a warning
 * tells of another. Throws the signal's reason when that is aborted; a build is then left alone.
 */
export async function obtainInjectors(
  architectures: readonly Architecture[],
  {
    crate = injectorDirectory(),
    given,
    needed = architectures,
    signal = new AbortController().signal,
    cachePatience = CACHE_PATIENCE_SECONDS,
  }: Obtaining = {},
): Promise<Injector[]> {
  const sources = await hashSources(crate);
  const injectors: Injector[] = [];
  for (const architecture of architectures) {
    // One after another: two cargo builds at once would only wait for each other's lock.
    const wanted = { crate, sources, architecture, signal };
    try {
      injectors.push(
        given === undefined
          ? await obtain(wanted, cachePatience)
          : {
              architecture,
              binary: await readGiven(given, architecture, sources),
              origin: 'input',
              saved: Promise.resolve(),
            },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (needed.includes(architecture)) throw error;
      warning(
        `Nodes of ${architecture} that join get no images, for there is no injector for them (${whyOf(error)}); give ${fileOf(architecture)}, too, by the input \`injector\`, or take their platform out of the input \`platforms\`.`,
      );
    }
  }
  return injectors;
}

async function obtain(wanted: Wanted, cachePatience: number): Promise<Injector> {
  const { architecture, sources, signal } = wanted;
  const place = placeOf(sources, architecture);
  const fault = (binary: Buffer) => faultOf(binary, architecture, sources);
  const saved = Promise.resolve();
  const onDisk = await readKept(place, fault);
  if (onDisk !== undefined) return { architecture, binary: onDisk, origin: 'disk', saved };
  const answer = await restore(place.path, place.key, signal, cachePatience);
  const restored = answer === 'found' ? await readKept(place, fault) : undefined;
  if (restored !== undefined) return { architecture, binary: restored, origin: 'cache', saved };
  if (answer === 'found') {
    info(
      `The injector in the Actions cache is unusable, so jobs obtain it otherwise until its entry is deleted: gh cache delete ${place.key}`,
    );
  }
  const made = await make(wanted);
  const unkept = await keep(place, made.binary, fault);
  if (unkept !== undefined) {
    warning(
      `The injector was not kept in ${place.path} (${unkept}); the next job obtains it anew.`,
    );
  }
  const isToSave = unkept === undefined && answer !== 'silent';
  return { architecture, ...made, saved: isToSave ? save(place.path, place.key) : saved };
}

/** The injector as cargo builds it, else as the release has it. */
async function make(wanted: Wanted): Promise<Pick<Injector, 'binary' | 'origin'>> {
  const { crate, sources, architecture, signal } = wanted;
  try {
    return { binary: await built(wanted), origin: 'build' };
  } catch (error) {
    signal.throwIfAborted();
    const release = await releaseOf(crate, sources);
    if (release === undefined) throw error;
    const why = whyOf(error);
    info(
      `The injector for ${architecture} is not built (${why}) and comes from the release ${release.tag}.`,
    );
    try {
      const binary = await downloadInjector(release, architecture, signal);
      return { binary: usable(binary, wanted, `of the release ${release.tag}`), origin: 'release' };
    } catch (refused) {
      signal.throwIfAborted();
      throw new ActionError(
        `The injector for ${architecture} can neither be built (${why}) nor be had from the release ${release.tag} (${whyOf(refused)}); let the runner reach that address, ${RUST_HINT}.`,
        { cause: error },
      );
    }
  }
}

/** The reason of a failure, for the middle of another sentence. */
function whyOf(error: unknown): string {
  return error instanceof ToolFailure ? error.why : sentenceOf(error).replace(/\.$/, '');
}

/** Builds in a directory that is gone afterwards: only the executable is worth keeping. */
async function built(wanted: Wanted): Promise<Buffer> {
  const { crate, architecture, signal } = wanted;
  const temporary = await mkdtemp(join(temporaryDirectory(), 'jackal-inject-cargo-'));
  try {
    const file = await build(crate, TARGETS[architecture].triple, temporary, signal);
    return usable(await readFile(file), wanted, 'that cargo built');
  } finally {
    // A build that was left alone may still write there; what stays, the runner takes away.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The binary, when it is the injector; throws an ActionError that names it otherwise. */
function usable(binary: Buffer, { architecture, sources }: Wanted, whence: string): Buffer {
  const fault = faultOf(binary, architecture, sources);
  if (fault === undefined) return binary;
  throw new ActionError(`The injector ${whence} for ${architecture} is unusable: ${fault}.`);
}
