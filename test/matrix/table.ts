/** What one run of the action came to on one kind of cluster. */
export interface Row {
  /** The kind of cluster, as `variants.ts` calls it. */
  readonly cluster: string;
  /** Such as `v1.37.2`. */
  readonly kubernetes: string;
  /** As nodes tell it, such as `containerd 2.2.1`. */
  readonly runtime: string;
  /** The input `route`. */
  readonly route: string;
  /** The input `carrier`. */
  readonly carrier: string;
  /** `green`, or the sentence with which it ended. */
  readonly outcome: string;
  /** The route by which all nodes came through in the end, where it is green. */
  readonly taken?: string | undefined;
  /** Of the whole main step. */
  readonly seconds: number;
}

/** A kind of cluster that could not be made on the machine of the run, and why. */
export interface Missing {
  readonly cluster: string;
  readonly reason: string;
}

const HEAD = ['cluster', 'Kubernetes', 'runtime', 'route', 'carrier', 'outcome', 'seconds'];

/** The results as a Markdown table; of `auto` the route that was taken stands behind it. */
export function tableOf(rows: readonly Row[], missing: readonly Missing[]): string {
  const lines = [
    ...rows.map(({ cluster, kubernetes, runtime, route, carrier, outcome, taken, seconds }) => [
      ...[cluster, kubernetes, runtime],
      taken === undefined || taken === route ? route : `${route}: ${taken}`,
      ...[carrier, inCell(outcome), seconds.toFixed(1)],
    ]),
    ...missing.map(({ cluster, reason }) => [
      ...[cluster, '', '', '', '', `not run: ${inCell(reason)}`, ''],
    ]),
  ];
  return [HEAD, HEAD.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

/** A sentence without what is another one in every run: ports, secret paths and digests. */
function inCell(sentence: string): string {
  return sentence
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/127\.0\.0\.1:\d+(\/[0-9a-f]{8,})?/g, '127.0.0.1:PORT')
    .replaceAll(/@?sha256:[0-9a-f]{64}/g, '')
    .replaceAll('|', '\\|');
}

/**
 * A document with a table in the place of the one between its comments `measured`. Throws where it has no such place.
 */
export function withTable(document: string, table: string): string {
  const place = /(<!-- measured -->\n).*?(<!-- \/measured -->)/s;
  if (!place.test(document)) {
    throw new Error('The document has no comments "measured" between which the table would stand.');
  }
  return document.replace(place, (_, begin: string, end: string) => `${begin}${table}${end}`);
}
