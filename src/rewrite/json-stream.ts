/** What JSON has between values. */
const SPACE = /^[ \t\r\n]*$/;

/**
 * The objects of several in a row, and what stands between them, as `jq -c '.items[]'` writes them and kubectl reads
 * them (apimachinery, pkg/util/yaml/decoder.go): in order, so that they joined are the source. Undefined for a source
 * that is anything else, such as one object, or YAML.
 */
export function jsonStream(source: string): readonly string[] | undefined {
  if (!/^[ \t\r\n]*\{/.test(source)) return undefined;
  const pieces = cutAtObjects(source);
  const objects = pieces.filter((piece) => !SPACE.test(piece));
  return objects.length > 1 && objects.every(isJson) ? pieces : undefined;
}

/** The source, cut before and behind each pair of braces that is in no other one; braces in strings are text. */
function cutAtObjects(source: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let inString = false;
  let start = 0;
  for (const { 0: token, index } of source.matchAll(/\\.|["{}]/g)) {
    if (token === '"') inString = !inString;
    if (inString || (token !== '{' && token !== '}')) continue;
    if (token === '}') depth -= 1;
    if (depth === 0) {
      const end = token === '{' ? index : index + 1;
      pieces.push(source.slice(start, end));
      start = end;
    }
    if (token === '{') depth += 1;
  }
  return [...pieces, source.slice(start)];
}

/** Whether a text is one value of JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
