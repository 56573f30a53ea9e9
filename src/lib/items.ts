import { ActionError } from './errors.js';

/** A quoted part, in which two quotes stand for one. */
const QUOTED = /^(["'])((?:\1\1|(?!\1).)*)\1(?!\1)/;

/**
 * The items of a list as users of Docker's actions write them: one a line or between commas, with CSV's quotes, double
 * or single ones, around one that holds a comma or a `#`. Commas of a pattern (`{a,b}`) part nothing, `#` at the start
 * or behind white space begins a comment, and what is empty is no item. Throws an ActionError for a quote at the start
 * of an item that its line does not close.
 */
export function splitItems(text: string): string[] {
  const items = text.split(/\r\n|\r|\n/).flatMap(itemsOf);
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** Text as one item of a list, whatever is in it. */
export function quoted(item: string): string {
  return `"${item.replaceAll('"', '""')}"`;
}

function itemsOf(line: string): string[] {
  const items: string[] = [];
  let item = '';
  let braces = 0;
  for (let rest = line; rest !== ''; ) {
    const character = rest[0] as string;
    if (/["']/.test(character) && item.trim() === '') {
      const [whole, quote = '', inner = ''] = QUOTED.exec(rest) ?? [];
      if (whole === undefined) throw unclosed(line);
      item = inner.replaceAll(quote + quote, quote);
      rest = rest.slice(whole.length);
      continue;
    }
    if (character === '#' && !/\S$/.test(item)) break;
    if (character === '{') braces++;
    if (character === '}') braces--;
    rest = rest.slice(1);
    if (character === ',' && braces <= 0) {
      items.push(item);
      item = '';
    } else {
      item += character;
    }
  }
  return [...items, item];
}

function unclosed(line: string): ActionError {
  return new ActionError(
    `The line "${line.trim()}" of a list has a quote that it does not close; close it, or put the whole item into other quotes.`,
  );
}
