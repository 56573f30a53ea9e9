import { expect, test } from '@jest/globals';
import { linesOf, toldIn } from '../../../../src/carriers/stream/told.js';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

test('each line tells what it says', () => {
  const lines = [
    `wanted ${DIGEST} 4096`,
    `verified ${DIGEST} 5000000000`,
    `wrong ${DIGEST}`,
    `pulled ${DIGEST} 12 fd00::7`,
    'alive',
  ];
  expect(lines.map(toldIn)).toEqual([
    { kind: 'wanted', digest: DIGEST, offset: 4096 },
    { kind: 'verified', digest: DIGEST, size: 5_000_000_000 },
    { kind: 'wrong', digest: DIGEST },
    { kind: 'pulled', digest: DIGEST, size: 12, client: 'fd00::7' },
    { kind: 'alive' },
  ]);
});

test('words that are not known, and lines that say too little, tell nothing', () => {
  const lines = ['', 'later', `sung ${DIGEST} 1`, 'wanted sha256:zz 1', `wanted ${DIGEST}`];
  const more = [`wanted ${DIGEST} -1`, `pulled ${DIGEST} 1`, `verified ${DIGEST} 1e3`];
  expect([...lines, ...more].map(toldIn).filter((told) => told !== undefined)).toEqual([]);
});

async function linesIn(...pieces: string[]): Promise<string[]> {
  const source = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  })();
  const lines: string[] = [];
  for await (const line of linesOf(source)) lines.push(line);
  return lines;
}

test('lines come however they are cut, and one that was not ended is none', async () => {
  expect(await linesIn('one\ntw', 'o', '\nthree\n', 'fo')).toEqual(['one', 'two', 'three']);
});

test('a line without an end is not held for ever', async () => {
  await expect(linesIn('x'.repeat(3000), 'x'.repeat(3000))).rejects.toThrow('does not end');
});
