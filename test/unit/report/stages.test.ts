import { expect, jest, test } from '@jest/globals';
import { Stages } from '../../../src/report/stages.js';

/** What is written to the runner's log while `body` goes on. */
async function logOf(body: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text).trim());
    return true;
  });
  try {
    await body();
  } finally {
    write.mockRestore();
  }
  return lines;
}

test('what is under way names who has waited longest, and how many others wait', async () => {
  const stages = new Stages();
  await logOf(() =>
    stages.group('Prove', async () => {
      expect(stages.underWay()).toBe('in the stage "Prove"');
      stages.waiting('n1', 'creating');
      expect(stages.underWay()).toBe('in the stage "Prove" (n1: creating)');
      stages.waiting('n2', 'creating');
      stages.waiting('n1', 'pulling');
      expect(stages.underWay()).toBe('in the stage "Prove" (n1: pulling; 1 other waiting)');
      stages.ready('n1');
      expect(stages.underWay()).toBe('in the stage "Prove" (n2: creating)');
    }),
  );
});

test('another stage waits for nothing yet', async () => {
  const stages = new Stages();
  await logOf(async () => {
    await stages.group('Prove', async () => stages.waiting('n1', 'creating'));
    await stages.group('Publish', async () => {
      expect(stages.underWay()).toBe('in the stage "Publish"');
    });
  });
});

test('the debug log has a line for each change of each node, in whatever order they are told', async () => {
  const stages = new Stages();
  const nodes = Array.from({ length: 300 }, (_, index) => `node-${index}`);
  const lines = await logOf(async () => {
    for (let event = 0; event < 5; event++) for (const node of nodes) stages.waiting(node, 'same');
  });
  expect(lines.filter((line) => line.startsWith('::debug::'))).toHaveLength(300);
});
