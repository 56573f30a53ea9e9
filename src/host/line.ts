import { stripVTControlCharacters } from 'node:util';

/**
 * A text as one line that a runner takes for nothing but text, whoever wrote it. Escape sequences go;
 * line breaks, other control characters and characters without a width become spaces; and a space
 * parts what would be a command: `::` at the start, behind white space or not, and the older `##[`
 * anywhere (actions/runner, ActionCommand.cs: TryParseV2 and TryParse). No character without a width
 * parts them: .NET's comparisons do not see it.
 */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/^\s*:(?=:)/, '$& ')
    .replaceAll('##[', '## [');
}
