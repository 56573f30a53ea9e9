/**
 * What a registry serves that takes another one's place: its own images, and those of the one before as they were, since
 * what runs may be scheduled anew until it is rolled out, and rolled back after that. A tag that both have means the own
 * image. What only the one before lists is marked, for nobody else brings it when it cannot be copied from there. Both are
 * catalogs as `catalogText` writes them; the one before lists no parcels.
 */
export function catalogWith(own: string, before: string | undefined): string {
  if (before === undefined) {
    return own;
  }
  const lines = recordsIn(own);
  const tags = new Set(lines.flatMap((line) => tagOf(line) ?? []));
  const known = new Set(lines);
  const kept = recordsIn(before).filter((line) => {
    const tag = tagOf(line);
    return !known.has(line) && (tag === undefined || !tags.has(tag));
  });
  const marks = [...replacedBy(own, before).contents.keys()].map(markOf);
  const [version = '', prefix = ''] = own.split('\n', 2);
  // Chunks follow their parcel, so what is added comes before them.
  return [version, prefix, ...kept, ...marks, ...lines, 'end', ''].join('\n');
}

/** The most bytes by which a catalog grows that is to have the one before, too. */
export function bytesWith(before: string): number {
  const marks = [...contentsIn(before).keys()].map((digest) => `${markOf(digest)}\n`);
  return Buffer.byteLength(before) + Buffer.byteLength(marks.join(''));
}

/** The record of a content that only the registry before has. */
function markOf(digest: string): string {
  return `replaced ${digest}`;
}

/** What a catalog lists and the one that comes after it does not: contents with their bytes, and the images' names. */
export function replacedBy(own: string, before = '') {
  const [contents, lines] = [contentsIn(own), new Set(recordsIn(own))];
  return {
    contents: new Map([...contentsIn(before)].filter(([digest]) => !contents.has(digest))),
    names: recordsIn(before).flatMap((line) =>
      lines.has(line) ? [] : (tagOf(line)?.replace(' ', ':') ?? []),
    ),
  };
}

/** Digests of the contents that a catalog lists, with their sizes in bytes. */
export function contentsIn(catalog: string): Map<string, number> {
  return new Map(
    recordsIn(catalog).flatMap((line) => {
      const [kind, digest = '', size] = line.split(' ');
      return kind === 'manifest' || kind === 'blob' ? [[digest, Number(size)] as const] : [];
    }),
  );
}

/** The lines between the first two, which are the same for all of a release, and the last. */
function recordsIn(catalog: string): string[] {
  return catalog.trimEnd().split('\n').slice(2, -1);
}

/** Repository and tag of a record that tells of one. */
function tagOf(line: string): string | undefined {
  return /^tag (\S+ \S+) /.exec(line)?.[1];
}
