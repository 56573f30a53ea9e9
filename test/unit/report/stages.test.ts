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

test('of what goes on side by side it names what is not done yet, unless somebody waits', async () => {
  const stages = new Stages();
  const images = Promise.withResolvers<void>();
  await logOf(() =>
    stages.group('Prepare', async () => {
      const parts = [
        stages.time('Cluster', async () => undefined),
        stages.time('Images', () => images.promise),
      ];
      expect(stages.underWay()).toBe('in the stage "Prepare" (not done yet: Cluster, Images)');
      await parts[0];
      expect(stages.underWay()).toBe('in the stage "Prepare" (not done yet: Images)');
      stages.waiting('n1', 'creating');
      expect(stages.underWay()).toBe('in the stage "Prepare" (n1: creating)');
      stages.ready('n1');
      images.reject(new Error('no such image'));
      await Promise.allSettled(parts);
      expect(stages.underWay()).toBe('in the stage "Prepare"');
    }),
  );
});

/** A log without its times. */
const untimed = (lines: readonly string[]) =>
  lines.map((line) => line.replace(/\(\d+\.\d\d s\)$/, '(time)'));

test('what came of a stage stands below its group, and within it what came of its parts', async () => {
  const stages = new Stages();
  const lines = await logOf(() =>
    stages.group('Prepare', async (notes) => {
      await stages.time('Images', async (part) => {
        part.outcome = 'web:1';
        part.bytes = 7;
      });
      notes.outcome = 'all is there';
    }),
  );
  expect(untimed(lines)).toEqual([
    '::group::Prepare',
    'Images: web:1 (time)',
    '::endgroup::',
    'Prepare: all is there (time)',
  ]);
  expect(stages.records).toEqual([
    { title: 'Images', duration: expect.any(Number), outcome: 'web:1', bytes: 7 },
    { title: 'Prepare', duration: expect.any(Number), outcome: 'all is there' },
  ]);
});

test('a stage that fails says so below its group, and is told in the summary, too', async () => {
  const stages = new Stages();
  const lines = await logOf(async () => {
    const failed = stages.group('Prove', async (notes) => {
      notes.outcome = 'every image runs';
      throw new Error('It is wrong.');
    });
    await expect(failed).rejects.toThrow('It is wrong.');
  });
  expect(untimed(lines)).toEqual(['::group::Prove', '::endgroup::', 'Prove: not done (time)']);
  expect(stages.records.map(({ outcome }) => outcome)).toEqual(['not done']);
});
