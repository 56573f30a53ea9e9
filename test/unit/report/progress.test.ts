import { expect, test } from '@jest/globals';
import {
  ProgressLines,
  progressLine,
  readingProgress,
  streamProgress,
  uploadProgress,
} from '../../../src/report/progress.js';

/** The lines for steps of so many megabytes at so many milliseconds. */
function linesOf(steps: readonly (readonly [source: string, at: number, megabytes: number])[]) {
  const lines: string[] = [];
  let now = 0;
  const tell = readingProgress(
    new ProgressLines(
      (line) => lines.push(line),
      () => now,
    ),
  );
  for (const [source, at, megabytes] of steps) {
    now = at;
    tell({ source, stage: 'reading', bytes: megabytes * 1e6 });
  }
  return lines;
}

test('a long read tells how far it is once a second, across its sources', () => {
  const steps = Array.from({ length: 60 }, (_, step) => {
    const source = step < 30 ? 'The archive one.tar' : 'The archive two.tar';
    return [source, 100 * step, step] as const;
  });
  expect(linesOf(steps)).toEqual([
    'The archive one.tar: 10.0 MB read',
    'The archive one.tar: 20.0 MB read',
    'The archive two.tar: 30.0 MB read',
    'The archive two.tar: 40.0 MB read',
    'The archive two.tar: 50.0 MB read',
  ]);
});

test('short reads say nothing, however long the first or the next has to wait', () => {
  expect(
    linesOf([
      ['a', 5_000, 1],
      ['a', 5_900, 2],
      ['b', 9_000, 1],
      ['b', 9_900, 2],
    ]),
  ).toEqual([]);
});

test('a source that gives little and late is told, too', () => {
  expect(
    linesOf([
      ['a', 0, 1],
      ['a', 3_000, 2],
    ]),
  ).toEqual(['a: 2.0 MB read']);
});

test('progress is told once a second at most, and not at the end', () => {
  let clock = 0;
  const lines: string[] = [];
  const reached = uploadProgress(
    100e6,
    new ProgressLines(
      (line) => lines.push(line),
      () => clock,
    ),
  );
  for (clock = 0; clock <= 3_000; clock += 100) {
    reached((clock / 3_000) * 100e6);
  }
  expect(lines).toEqual([
    '33 % of 100.0 MB, 33.3 MB/s, 3 s left',
    '66 % of 100.0 MB, 33.3 MB/s, 2 s left',
  ]);
  expect(progressLine(1e6, 1000e6, 1_000)).toBe('0 % of 1000.0 MB, 1.0 MB/s, 17 min left');
  expect(progressLine(0, 0, 0)).toBe('0 % of 0.0 MB, 0.0 MB/s');
});

test('what goes on at once shares one line a second, and each of it is told', () => {
  let now = 0;
  const lines: [at: number, line: string][] = [];
  const progress = new ProgressLines(
    (line) => lines.push([now, line]),
    () => now,
  );
  const read = readingProgress(progress);
  const sent = streamProgress(progress);
  const reached = uploadProgress(100e6, progress);
  for (now = 0; now <= 3_500; now += 10) {
    read({ source: 'a', stage: 'reading', bytes: now * 1e3 });
    if (now % 70 === 0) sent(now * 2e3);
    if (now % 110 === 0 && now < 3_000) reached(now * 1e4);
  }
  const times = lines.map(([at]) => at);
  expect(times.length).toBeGreaterThan(2);
  for (const [index, at] of times.slice(1).entries()) {
    expect(at - (times[index] as number)).toBeGreaterThanOrEqual(1_000);
  }
  expect(lines.map(([, line]) => line)).toEqual([
    'a: 1.0 MB read',
    'a: 2.0 MB read; 3.9 MB sent, 2.0 MB/s; 19 % of 100.0 MB, 10.0 MB/s, 9 s left',
    'a: 3.0 MB read; 5.9 MB sent, 2.0 MB/s; 29 % of 100.0 MB, 10.0 MB/s, 8 s left',
  ]);
});

test('what has come to its end is not told once more by the next line of another', () => {
  let now = 0;
  const lines: string[] = [];
  const progress = new ProgressLines(
    (line) => lines.push(line),
    () => now,
  );
  const [one, two] = [{}, {}];
  progress.tell(one, () => 'one');
  now = 100;
  progress.tell(one, () => 'one, nearly done');
  now = 5_000;
  progress.tell(two, () => 'two');
  expect(lines).toEqual(['one', 'two']);
});
