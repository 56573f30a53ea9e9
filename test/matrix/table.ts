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

/**
 * The results as a Markdown table; of `auto` the route that was taken stands behind it. The sentences with which runs
 * ended follow it, each once.
 */
export function tableOf(rows: readonly Row[], missing: readonly Missing[]): string {
  const sentences = [
    ...new Set(rows.filter(({ outcome }) => outcome !== GREEN).map(({ outcome }) => told(outcome))),
  ];
  const lines = [
    ...rows.map(({ cluster, kubernetes, runtime, route, carrier, outcome, taken, seconds }) => [
      ...[cluster, kubernetes, runtime],
      taken === undefined || taken === route ? route : `${route}: ${taken}`,
      carrier,
      outcome === GREEN ? GREEN : `ends with ${sentences.indexOf(told(outcome)) + 1}`,
      seconds.toFixed(1),
    ]),
    ...missing.map(({ cluster, reason }) => [cluster, '', '', '', '', `not run: ${reason}`, '']),
  ];
  const table = [HEAD, HEAD.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
  const list = sentences.map((sentence, index) => `${index + 1}. ${sentence}\n`).join('');
  return list === '' ? table : `${table}\n${list}`;
}

/** The outcome of a run that went well. */
export const GREEN = 'green';

/** A sentence without what is another one in every run: nodes, ports, secret paths and digests. */
function told(sentence: string): string {
  return sentence
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\bnode\d+\b/g, 'NODE')
    .replaceAll(/127\.0\.0\.1:\d+(\/[0-9a-f]{8,})?/g, '127.0.0.1:PORT')
    .replaceAll(/\/v2\/[0-9a-f]{8,}/g, '/v2')
    .replaceAll(/@?sha256:[0-9a-f]{64}/g, '');
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
