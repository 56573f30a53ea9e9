import { Header } from 'tar';

/** An entry of a tar as it is to be written, however wrong. */
export interface Entry {
  readonly path: string;
  readonly bytes?: Buffer;
  readonly type?:
    | 'File'
    | 'Directory'
    | 'SymbolicLink'
    | 'Link'
    | 'CharacterDevice'
    | 'BlockDevice'
    | 'FIFO';
  readonly linkpath?: string;
  /** 0o644 when left out. */
  readonly mode?: number;
  /** How names of more than 100 bytes are written; a pax header when left out. */
  readonly longNames?: 'pax' | 'gnu';
  /** Records of a pax header in front of the entry. */
  readonly pax?: Readonly<Record<string, string>>;
  /** What stands in the `prefix` field, which bsdtar fills beside a pax header. */
  readonly prefix?: string;
}

/**
 * A tar with two empty blocks at its end. Names and link targets of more than 100 bytes get a header of
 * their own, as tools do.
 */
export function tarOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocks), Buffer.alloc(1024)]);
}

function blocks(entry: Entry): Buffer[] {
  const bytes = entry.bytes ?? Buffer.alloc(0);
  const { path, linkpath } = entry;
  const long = Object.entries({ path, linkpath }).filter(
    (pair): pair is [string, string] => Buffer.byteLength(pair[1] ?? '') > 100,
  );
  const gnu = entry.longNames === 'gnu' ? long.map(([key, value]) => gnuOf(key, value)) : [];
  const pax = { ...(entry.longNames === 'gnu' ? {} : Object.fromEntries(long)), ...entry.pax };
  return [
    ...gnu,
    ...(Object.keys(pax).length > 0 ? [paxOf(pax)] : []),
    header({ ...entry, size: bytes.length }),
    padded(bytes),
  ];
}

type RawEntry = Omit<Entry, 'bytes' | 'type'> & { type?: string; size: number };

function header(entry: RawEntry): Buffer {
  const block = Buffer.alloc(512);
  const path = Buffer.from(entry.path).subarray(0, 99).toString();
  const made = new Header({
    path,
    size: entry.size,
    mode: entry.mode ?? 0o644,
    mtime: new Date(0),
    type: (entry.type ?? 'File') as 'File',
    ...(entry.linkpath === undefined ? {} : { linkpath: entry.linkpath }),
  });
  made.encode(block, 0);
  if (entry.prefix !== undefined) {
    block.write(entry.prefix, 345);
    sealHeader(block);
  }
  return block;
}

/** Gives a header that was changed the checksum that belongs to it. */
export function sealHeader(block: Buffer): void {
  block.fill(' ', 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function gnuOf(key: string, value: string): Buffer {
  const type = key === 'path' ? 'NextFileHasLongPath' : 'NextFileHasLongLinkpath';
  const bytes = Buffer.from(`${value}\0`);
  return Buffer.concat([
    header({ path: '././@LongLink', type, size: bytes.length }),
    padded(bytes),
  ]);
}

function paxOf(records: Readonly<Record<string, string>>): Buffer {
  const bytes = Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const body = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(body) + 1;
      while (String(length).length + Buffer.byteLength(body) !== length) length += 1;
      return Buffer.from(`${length}${body}`);
    }),
  );
  return Buffer.concat([
    header({ path: 'pax', type: 'ExtendedHeader', size: bytes.length }),
    padded(bytes),
  ]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
