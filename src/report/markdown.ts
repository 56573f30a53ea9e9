import { plainLine } from '../host/runner.js';

/* Markdown for the job summary, in which nothing of a name or a sentence is more than characters. */

/** A row of a table. */
export const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A name in the font of code, in which GitHub looks for no mentions and no symbols. */
export const codeOf = (text: string): string => `<code>${inert(text)}</code>`;

/** A sentence, in which backticks stand around code, and all else is text. */
export const sentenceAsMarkdown = (sentence: string): string =>
  sentence
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? codeOf(part) : inert(part)))
    .join('');

/** What begins something in Markdown or HTML, and what GitHub makes a link, a mention or a reference of, also in code. */
const SIGNS = /[&<>|`*_~\\[\]$@#]|:(?=\/\/)|(?<=www)\./gi;

/** A text of whoever, with all that Markdown or HTML would take for its own as characters. */
export function inert(text: string): string {
  return plainLine(text).replaceAll(SIGNS, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** As many of the first parts as the bytes hold, with two for what stands between them. */
export function fitting(parts: readonly string[], maxBytes: number): readonly string[] {
  let bytes = 0;
  const end = parts.findIndex((part) => {
    bytes += Buffer.byteLength(part) + 2;
    return bytes > maxBytes;
  });
  return end === -1 ? parts : parts.slice(0, end);
}

/** Lines of Markdown that readers unfold. Those that are folded end with an empty one. */
export function folded(title: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${inert(title)}</summary>`, '', ...lines, '</details>', ''];
}
