import { ActionError } from './errors.js';

/** Reads JSON that a source wrote. Throws ActionError; `what` names the document in the sentence. */
export function parseJson(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ActionError(`${what} is not JSON; make the source anew.`, { cause });
  }
}

/** The members of a JSON object; none for anything else. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The items of a JSON array; none for anything else, so `null` and a missing list are alike. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text of a JSON string; undefined for anything else and for the empty string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The strings of a JSON array. */
export function texts(value: unknown): readonly string[] {
  return items(value).filter((item): item is string => typeof item === 'string');
}
