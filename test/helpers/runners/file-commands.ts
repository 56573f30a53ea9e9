/**
 * Reads a file of the runner's, such as GITHUB_OUTPUT, as GitHub's runner does: each entry is `name=value`, or
 * `name<<delimiter`, lines of the value, and the delimiter on a line of its own (actions/runner 2.336.0,
 * FileCommandManager.cs, EnvFileKeyValuePairs; on Linux a line ends with LF alone).
 * @throws Error where the runner makes the step fail.
 */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line === '') continue;
    const [, name = '', sign, rest = ''] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? [];
    if (sign === undefined) throw new Error(`Invalid format '${line}'`);
    if (sign === '=') {
      values[name] = rest;
      continue;
    }
    if (name === '' || rest === '')
      throw new Error(`Invalid format '${line}'. Name and delimiter must not be empty`);
    const end = lines.indexOf(rest, index + 1);
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
    values[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return values;
}

/**
 * What the runner hides in logs and summaries after this log: the data of each `::add-mask::` and each of its lines
 * (actions/runner 2.336.0, ActionCommandManager.cs, AddMaskCommandExtension). A job output that has one of these in
 * it is dropped.
 */
export function masksOf(log: string): Set<string> {
  const masks = new Set<string>();
  for (const [, data = ''] of log.matchAll(/^::add-mask::(.*)$/gm)) {
    const value = data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
    for (const line of [value, ...value.split(/[\r\n]/)]) {
      if (line.trim() !== '') masks.add(line.trim());
    }
  }
  return masks;
}
