import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cargoHome } from '../../src/injector/cargo.js';
import { type Architecture, TARGETS } from '../../src/injector/elf.js';
import { fileOf } from '../../src/injector/release.js';
import { hashSources } from '../../src/injector/source.js';
import { faultOf } from '../../src/injector/verify.js';
import { ActionError } from '../../src/lib/errors.js';
import { addRustTarget } from '../helpers/injector/rust-targets.js';
import { buildInjector } from '../helpers/injector-binary.js';

/** The architectures that a release has binaries for. */
export const ARCHITECTURES = Object.keys(TARGETS) as Architecture[];

/**
 * Builds the crate for an architecture in a place that nothing else knows: its sources, what cargo
 * makes, and cargo's home lie below a directory that is gone afterwards. Crates that were downloaded
 * before are used from there, under another path. A workspace of somebody else lies above it, as where the action is part of
 * a repository with Rust of its own.
 */
export async function buildElsewhere(crate: string, architecture: Architecture): Promise<Buffer> {
  const place = await mkdtemp(join(tmpdir(), `jackal-build-${architecture}-`));
  try {
    const copy = join(place, 'sources', 'injector');
    await cp(crate, copy, { recursive: true, filter: (path) => !path.endsWith('/target') });
    await writeFile(join(place, 'sources', 'Cargo.toml'), '[workspace]\nmembers = []\n');
    const home = join(place, 'cargo-home');
    await mkdir(home);
    const known = cargoHome(process.env);
    await mkdir(join(known, 'registry'), { recursive: true });
    await symlink(join(known, 'registry'), join(home, 'registry'));
    const environment = { CARGO_HOME: home };
    return await readFile(
      await buildInjector(architecture, copy, join(place, 'target'), environment),
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/**
 * Builds each architecture's binary twice in different places, and writes them into a directory as
 * `injector-amd64` and `injector-arm64`. Throws an ActionError when the two differ, or when one is not
 * what the action would take.
 */
export async function buildTwice(crate: string, directory: string): Promise<void> {
  const sources = await hashSources(crate);
  await mkdir(directory, { recursive: true });
  for (const architecture of ARCHITECTURES) {
    await addRustTarget(TARGETS[architecture].triple);
    const first = await buildElsewhere(crate, architecture);
    const second = await buildElsewhere(crate, architecture);
    if (!first.equals(second)) {
      throw new ActionError(
        `Two builds of the injector for ${architecture} differ; see with \`strings\` what of their directories is in them.`,
      );
    }
    const fault = faultOf(first, architecture, sources);
    if (fault !== undefined) {
      throw new ActionError(`The injector for ${architecture} is not fit for a release: ${fault}.`);
    }
    await writeFile(join(directory, fileOf(architecture)), first, { mode: 0o755 });
  }
}
