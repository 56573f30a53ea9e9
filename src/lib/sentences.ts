/** For a label in the middle of a sentence: `The archive a.tar` → `the archive a.tar`. */
export function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
