import { expect, test } from '@jest/globals';
import { quoted, splitItems } from '../../../src/lib/items.js';

test('items stand on lines or between commas, and # begins a comment', () => {
  const text = 'a, b # both, of them\n# nothing\n\nc\nd,\n  ,e#1 ';
  expect(splitItems(text)).toEqual(['a', 'b', 'c', 'd', 'e#1']);
});

test('the commas of a pattern do not part it', () => {
  expect(splitItems('dist/{a,b}.tar,c')).toEqual(['dist/{a,b}.tar', 'c']);
  expect(splitItems('a},b')).toEqual(['a}', 'b']);
});

test.each([
  ['a,\r\nb\r\n', ['a', 'b']],
  ['a\rb', ['a', 'b']],
  [',,a,,', ['a']],
  ['"a,b"', ['a,b']],
  ["'a,b',c", ['a,b', 'c']],
  [' "a" , "b" # c', ['a', 'b']],
  ['"a#b # c"', ['a#b # c']],
  ['"say ""a"""', ['say "a"']],
  [`'it''s',"it's"`, ["it's", "it's"]],
  ['"dist/a,b.tar" as web:1', ['dist/a,b.tar as web:1']],
  ['a"b,c"d', ['a"b', 'c"d']],
  ['"",a', ['a']],
  ['', []],
  [' \n#x\n', []],
])('%j gives %j', (text, items) => {
  expect(splitItems(text)).toEqual(items);
});

test.each(['"a', "a,'b", '"a""', '"a\nb"'])('in %j a quote is not closed', (text) => {
  expect(() => splitItems(text)).toThrow(/^The line ".*" of a list has a quote that it does not/);
});

test.each(['a', 'a,b', '"a', "it's # {", '{a'])('%j can be one item', (item) => {
  expect(splitItems(`${quoted(item)},b`)).toEqual([item, 'b']);
});
