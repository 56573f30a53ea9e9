import { INJECTOR_MAX_BYTES } from '../lib/limits/run.js';
import { type Architecture, faultOfExecutable } from './elf.js';

/** What `injector --version` prints; the binary has it in one piece (injector/src/commands/version.rs). */
const VERSION_LINE = /injector \d+\.\d+\.\d+ ([0-9a-f]{64})\n/;

/**
 * Says what keeps a binary from being the injector of these sources for the architecture, or undefined
 * when nothing does, wherever it came from. It is read, not run: this machine may have another architecture.
 *
 * @param sources what `hashSources` gives
 */
export function faultOf(
  binary: Buffer,
  architecture: Architecture,
  sources: string,
): string | undefined {
  return binary.length > INJECTOR_MAX_BYTES
    ? `it has ${binary.length} bytes and the limit is ${INJECTOR_MAX_BYTES}`
    : (faultOfExecutable(binary, architecture) ?? faultOfVersion(binary, sources));
}

function faultOfVersion(binary: Buffer, sources: string): string | undefined {
  const [, told] = VERSION_LINE.exec(binary.toString('latin1')) ?? [];
  if (told === undefined) {
    return 'it does not say which sources it is built from, as an injector does';
  }
  return told === sources
    ? undefined
    : `it is built from other sources (${told.slice(0, 12)}) than the action has (${sources.slice(0, 12)})`;
}
