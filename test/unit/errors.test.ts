import { expect, test } from '@jest/globals';
import { sentenceOf } from '../../src/lib/errors.js';

test.each([
  ['the message of an error', new Error('a  b\n c '), 'a b c'],
  ['a text', 'a\nb', 'a b'],
  ['nothing', undefined, 'undefined'],
  ['an error without a message', new RangeError(), 'RangeError'],
  ['many errors', new AggregateError([new Error('first'), new Error('second')]), 'first'],
  ['many errors under a message', new AggregateError([new Error('first')], 'all'), 'all'],
  ['many errors that are none', new AggregateError([]), 'AggregateError'],
])('%s makes one sentence', (_, thrown, sentence) => {
  expect(sentenceOf(thrown)).toBe(sentence);
});
