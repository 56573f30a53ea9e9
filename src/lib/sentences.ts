/** For a label in the middle of a sentence: `The archive a.tar` → `the archive a.tar`. */
export function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Names in a sentence: the first ones, and how many more there are. */
export function enumerated(names: readonly string[], max: number): string {
  const shown = names.slice(0, max).join(', ');
  return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}

/** Parts of a sentence that each say much: the first ones, and how many more there are. */
export function inOneLine(parts: readonly string[], max: number): string {
  const more = parts.length - max;
  return [...parts.slice(0, max), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** Such as `1 image` and `2 images`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
