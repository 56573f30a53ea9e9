import { ActionError } from '../lib/errors.js';

/** An architecture in Kubernetes' and OCI's words, and what the injector is built for there. */
export const TARGETS = {
  amd64: { triple: 'x86_64-unknown-linux-musl', machine: 62 },
  arm64: { triple: 'aarch64-unknown-linux-musl', machine: 183 },
} as const;

/** An architecture that the injector is built for. */
export type Architecture = keyof typeof TARGETS;

/** The architectures of these nodes, each once. Throws an ActionError for one that the injector is not built for. */
export function architecturesOf(
  nodes: readonly { readonly name: string; readonly architecture: string }[],
): Architecture[] {
  const architectures = new Set<Architecture>();
  for (const { name, architecture } of nodes) {
    if (!isSupported(architecture)) {
      throw new ActionError(
        `The node ${name} has the architecture ${architecture}, for which there is no injector; nodes of ${Object.keys(TARGETS).join(' and ')} can have images.`,
      );
    }
    architectures.add(architecture);
  }
  return [...architectures];
}

/** True when the injector can be built for nodes of this architecture. */
export function isSupported(architecture: string): architecture is Architecture {
  return Object.hasOwn(TARGETS, architecture);
}

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const PROGRAM_HEADER_BYTES = 56;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DYNAMIC_ENTRY_BYTES = 16;
const DT_NEEDED = 1n;

/**
 * Says what keeps a file from being a static executable for the architecture, or undefined when
 * nothing does. A program header of type PT_INTERP or a DT_NEEDED entry means that a loader or a
 * library would have to be there (System V ABI, chapter 5); in a scratch image neither is.
 */
export function faultOfExecutable(file: Buffer, architecture: Architecture): string | undefined {
  if (file.length < 64 || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
    return 'it is not a 64-bit little-endian ELF file';
  }
  const machine = file.readUInt16LE(18);
  if (machine !== TARGETS[architecture].machine) {
    return `it is built for ELF machine ${machine}, not for ${architecture}`;
  }
  const start = Number(file.readBigUInt64LE(32));
  const count = file.readUInt16LE(56);
  const isCut = start + count * PROGRAM_HEADER_BYTES > file.length;
  if (isCut || endOfSections(file) > file.length) {
    return 'it is cut off';
  }
  for (let index = 0; index < count; index++) {
    const header = file.subarray(start + index * PROGRAM_HEADER_BYTES);
    const type = header.readUInt32LE(0);
    if (type === PT_INTERP || (type === PT_DYNAMIC && needsLibrary(file, header))) {
      return 'it is dynamically linked';
    }
  }
  return undefined;
}

/** The table of sections, which linkers put last; a file without one has nothing to look for. */
function endOfSections(file: Buffer): number {
  return Number(file.readBigUInt64LE(40)) + file.readUInt16LE(58) * file.readUInt16LE(60);
}

/** A static position-independent executable has a dynamic section too, but needs nothing. */
function needsLibrary(file: Buffer, header: Buffer): boolean {
  const start = Number(header.readBigUInt64LE(8));
  const end = Math.min(start + Number(header.readBigUInt64LE(32)), file.length);
  for (let at = start; at + DYNAMIC_ENTRY_BYTES <= end; at += DYNAMIC_ENTRY_BYTES) {
    if (file.readBigInt64LE(at) === DT_NEEDED) {
      return true;
    }
  }
  return false;
}
