/** How tests ended. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The tests that failed, each named once. */
  readonly red: readonly string[];
}

/** What jest's output says of the tests, of one project or of several. */
export function readJest(output: string): Outcome {
  return {
    passed: sum(output, /^Tests: .*?(\d+) passed/gm),
    failed: sum(output, /^Tests: .*?(\d+) failed/gm),
    skipped: sum(output, /^Tests: .*?(\d+) skipped/gm),
    // Where there are many files, jest tells of each failure twice.
    red: names(output, /^ {2}● (?!Console$)(.+)$/gm),
  };
}

/** What cargo's output says of the tests, of all of a crate's test programs. */
export function readCargo(output: string): Outcome {
  return {
    passed: sum(output, /^test result: .*? (\d+) passed/gm),
    failed: sum(output, /^test result: .*? (\d+) failed/gm),
    skipped: sum(output, /^test result: .*? (\d+) ignored/gm),
    red: names(output, /^test (.+?)(?: - should panic)? \.\.\. FAILED$/gm),
  };
}

/** All of several outcomes, none of which is nothing. */
export function added(outcomes: readonly Outcome[]): Outcome {
  const total = (kind: 'passed' | 'failed' | 'skipped') =>
    outcomes.reduce((before, one) => before + one[kind], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    red: outcomes.flatMap(({ red }) => red),
  };
}

function sum(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
}

function names(output: string, pattern: RegExp): string[] {
  return [...new Set([...output.matchAll(pattern)].map(([, name = '']) => name))];
}
