import { ANNOTATION_MAX_CHARACTERS } from '../lib/limits/runner.js';
import type { Help } from './troubleshooting.js';

/* What a runner shows beside a job, and GitHub on the page of a run, where a reader sees nothing else of the log. */

/** What stands above each, so that a job with many actions tells which it was. */
const ACTION = 'Jackal Inject';

/** The title of an annotation: the action, and what kind of trouble it has, as the heading of the page says. */
export function titleOf({ title }: Pick<Help, 'title'>): string {
  return [ACTION, title].filter(Boolean).join(': ');
}

/**
 * The text of a failure's annotation: the sentence and, on a line of its own, where to read on. A sentence that is too
 * long loses its end, never the link.
 */
export function failureText(sentence: string, { url }: Pick<Help, 'url'>): string {
  const link = `\nWhat to do: ${url}`;
  const room = ANNOTATION_MAX_CHARACTERS - link.length;
  return `${sentence.length > room ? `${sentence.slice(0, room - 1)}…` : sentence}${link}`;
}
