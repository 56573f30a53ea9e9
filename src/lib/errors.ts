/**
 * A failure that a user can act on. The message is one full sentence that says what is wrong and
 * what to do; it is printed once, at the top, without a stack. `cause` keeps the technical reason.
 */
export class ActionError extends Error {
  override readonly name: string = 'ActionError';
  /** Lines to be printed below the sentence, such as the Role that would help. */
  readonly details?: string;
}

/**
 * One sentence for anything thrown: the message of an error, without stack or line breaks. An error
 * that has none, as when no address of a host can be connected to, has that of the first one inside it.
 */
export function sentenceOf(thrown: unknown): string {
  const message = (thrown instanceof Error ? thrown.message : String(thrown))
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (message !== '' || !(thrown instanceof Error)) return message;
  const [first] = thrown instanceof AggregateError ? thrown.errors : [];
  return first === undefined ? thrown.name : sentenceOf(first);
}

/** The messages of an error's chain of causes, outermost first, the error itself left out. */
export function causesOf(thrown: unknown): string[] {
  const causes: string[] = [];
  let current = thrown instanceof Error ? thrown.cause : undefined;
  while (current !== undefined && causes.length < 8) {
    causes.push(sentenceOf(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}
