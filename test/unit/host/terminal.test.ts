import { afterEach, expect, jest, test } from '@jest/globals';
import { progressBar, Terminal } from '../../../src/host/terminal.js';

afterEach(() => {
  jest.useRealTimers();
});

const ESCAPE = '\u001b';

/** A stream that keeps what is written, a terminal by default. */
function streamOf({ isTTY = true, columns = 80 } = {}) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

const HALF = {
  title: 'Upload',
  line: '50 % of 20.0 MB, 10.1 MB/s, 1 s left',
  share: 0.5,
  nodes: { proven: 1, all: 2 },
};

test('a bar shows the share, bytes and speed, and the nodes', () => {
  expect(progressBar(HALF)).toBe(
    'Upload: [############------------] 50 % of 20.0 MB, 10.1 MB/s, 1 s left; 1 of 2 nodes',
  );
  expect(progressBar({ title: 'Prove', line: '9.0 MB sent, 51.2 MB/s' })).toBe(
    'Prove: 9.0 MB sent, 51.2 MB/s',
  );
  expect(progressBar({ title: 'Prove', nodes: { proven: 2, all: 0 } })).toBe('Prove; 2 nodes');
});

test.each([
  [-1, '------------------------'],
  [0, '------------------------'],
  [1, '########################'],
  [7, '########################'],
])('the share %d is a bar of the same width', (share, bar) => {
  expect(progressBar({ title: 'a', line: 'b', share })).toBe(`a: [${bar}] b`);
});

test('without a terminal there are plain lines, and no escape sequence', () => {
  const stream = streamOf({ isTTY: false });
  const terminal = new Terminal(stream, {});
  terminal.show(HALF);
  terminal.line(`${ESCAPE}[31mred`, 'red');
  terminal.show(undefined);
  expect(stream.written).toEqual(['red\n']);
});

test('on a terminal lines stand above the one that is redrawn, which goes at the end', () => {
  jest.useFakeTimers();
  const stream = streamOf({ columns: 40 });
  const terminal = new Terminal(stream, { NO_COLOR: '1' });
  terminal.show(HALF);
  terminal.line('node1 runs every image', 'bold');
  terminal.show(undefined);
  expect(stream.written).toEqual([
    `\r${ESCAPE}[K| Upload: [########… 1 of 2 nodes (0 s)`,
    `\r${ESCAPE}[Knode1 runs every image\n`,
    `\r${ESCAPE}[K/ Upload: [########… 1 of 2 nodes (0 s)`,
    `\r${ESCAPE}[K`,
  ]);
});

test('colours are for terminals that want them', () => {
  const styled = (env: Record<string, string>) => {
    const stream = streamOf();
    new Terminal(stream, env).line('Error', 'red');
    return stream.written;
  };
  expect(styled({})).toEqual([`${ESCAPE}[31mError${ESCAPE}[39m\n`]);
  expect(styled({ NO_COLOR: '1' })).toEqual(['Error\n']);
  expect(styled({ TERM: 'dumb' })).toEqual(['Error\n']);
});
