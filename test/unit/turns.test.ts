import { expect, test } from '@jest/globals';
import { Turns } from '../all/turns.js';

function conversation() {
  let heard = '';
  const turns = new Turns((data) => {
    heard += data;
  });
  const speaker = () => {
    const { say, end } = turns.speaker();
    return { say: (words: string) => say(Buffer.from(words)), end };
  };
  return { speakers: [speaker(), speaker(), speaker()] as const, heard: () => heard };
}

test('the first is heard at once, and the others when those before them are done', () => {
  const { speakers, heard } = conversation();
  const [one, two, three] = speakers;
  three.say('3');
  two.say('2');
  one.say('1');
  expect(heard()).toBe('1');
  one.end();
  expect(heard()).toBe('12');
  two.say('b');
  expect(heard()).toBe('12b');
  two.end();
  three.say('c');
  expect(heard()).toBe('12b3c');
});

test('who was done long before is heard whole, and so is who comes after him', () => {
  const { speakers, heard } = conversation();
  const [one, two, three] = speakers;
  two.say('2');
  two.end();
  three.say('3');
  one.say('1');
  one.end();
  expect(heard()).toBe('123');
  three.say('c');
  three.end();
  expect(heard()).toBe('123c');
});
