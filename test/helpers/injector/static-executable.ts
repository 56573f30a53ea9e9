import { type Architecture, TARGETS } from '../../../src/injector/elf.js';

/** The head of an ELF file (System V ABI, chapter 4): no program and no section has to follow. */
const HEAD_BYTES = 64;

/** A file that is a static executable by its head and holds a text; nothing in it can run. */
export function staticExecutable(architecture: Architecture, text: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(TARGETS[architecture].machine, 18);
  head.writeBigUInt64LE(BigInt(HEAD_BYTES), 32);
  return Buffer.concat([head, Buffer.from(text)]);
}
