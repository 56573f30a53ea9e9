import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as runner from '../../../src/host/runner.js';

/** The commands of actions/runner (ActionCommandManager.cs and its extensions). */
const COMMANDS = new Set(
  'add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env set-output stop-commands warning'.split(
    ' ',
  ),
);

/** .NET's white space, which String.TrimStart takes away. */
const TRIMMED = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

interface Command {
  readonly name: string;
  readonly data: string;
}

/** What actions/runner makes of a line: TryParseV2, else TryParse (ActionCommand.cs). */
function commandIn(line: string): Command | undefined {
  const trimmed = line.replace(TRIMMED, '');
  const end = trimmed.indexOf('::', 2);
  const named = (info: string) => info.split(' ')[0]?.toLowerCase() ?? '';
  if (trimmed.startsWith('::') && end >= 0 && COMMANDS.has(named(trimmed.slice(2, end)))) {
    return { name: named(trimmed.slice(2, end)), data: unescaped(trimmed.slice(end + 2)) };
  }
  const start = line.indexOf('##[');
  const close = line.indexOf(']', start);
  return start >= 0 && close >= 0 && COMMANDS.has(named(line.slice(start + 3, close)))
    ? { name: named(line.slice(start + 3, close)), data: unescaped(line.slice(close + 1)) }
    : undefined;
}

const unescaped = (data: string) =>
  data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

const HOSTILE = [
  '::add-mask::e',
  '::stop-commands::e',
  '  \t::add-mask::e',
  ':::add-mask::e',
  '::ADD-MASK::e',
  'web\n::add-mask::e',
  'web\r::add-mask::e',
  'web\r\n  ::stop-commands::e',
  'web\u0085::add-mask::e',
  '\u0085::add-mask::e',
  'web\u2028::add-mask::e',
  '\u2028\u2029\u00a0\u3000::add-mask::e',
  '\u200b\ufeff\u00ad::add-mask::e',
  ':\u200b:add-mask::e',
  '\u001b[31m::add-mask::e\u001b[0m',
  ':\u001b[0m:add-mask::e',
  '\u001b]8;;http://e.test\u0007::add-mask::e',
  '\u009b31m::add-mask::e',
  'web ##[add-mask]e',
  '##[stop-commands]e',
  '###[add-mask]e',
  '##\u001b[0m[add-mask]e',
  '#\u0000#[add-mask]e',
  '#\u200b#[add-mask]e',
  'web %0A::add-mask::e',
  '%0D%0A::add-mask::e',
  'web%250A::add-mask::e',
  '\u202e::add-mask::e',
] as const;

let printed: string;

beforeEach(() => {
  printed = '';
  delete process.env.GITHUB_OUTPUT;
  delete process.env.GITHUB_STATE;
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = 0;
});

/** The lines as the runner reads them: .NET's StreamReader ends them at \n, \r and both. */
const linesOf = (text: string) => text.split(/\r\n|\r|\n/).filter((line) => line !== '');
const commands = () => linesOf(printed).map(commandIn);

test.each(HOSTILE)('the line %j is no command when it is printed', (text) => {
  runner.info(text);
  expect(linesOf(printed)).toHaveLength(1);
  expect(commands()).toEqual([undefined]);
});

for (const [name, print] of [
  ['warning', runner.warning],
  ['error', runner.fail],
] as const) {
  test.each(HOSTILE)(`the sentence %j is one ${name}, whose text is one line`, (text) => {
    print(text);
    expect(commands()).toEqual([
      { name, data: expect.not.stringMatching(/[^\P{Cc}\n]|[\u2028\u2029]/u) },
    ]);
    const [sentence, ...help] = linesOf(commands()[0]?.data ?? '');
    expect(commandIn(sentence ?? '')).toBeUndefined();
    expect(help).toEqual(
      name === 'error' ? [expect.stringMatching(/^What to do: https:\/\/\S+$/)] : [],
    );
  });
}

test('errors and warnings have a title that says what kind of trouble it is', () => {
  runner.warning('The node n1 is left out: it is not Ready.');
  runner.fail('No node of the cluster has the labels that the input `nodes` asks for (a=b); x');
  runner.fail('Nobody has ever heard of this.');
  expect(linesOf(printed)).toEqual([
    '::warning title=Jackal Inject%3A Node left out::The node n1 is left out: it is not Ready.',
    expect.stringMatching(/^::error title=Jackal Inject::No node .*%0AWhat to do: \S+\.md$/),
    expect.stringMatching(/^::error title=Jackal Inject::Nobody .*%0AWhat to do: \S+\.md$/),
  ]);
});

test('a failure that a runner would cut off follows whole', () => {
  const long = `It is wrong${' so'.repeat(3_000)}.`;
  runner.fail(long);
  expect(linesOf(printed)).toHaveLength(2);
  expect(linesOf(printed)[1]).toBe(long);
});

test.each(HOSTILE)('the text %j is nothing but lines for those who debug', (text) => {
  runner.debug(text);
  for (const command of commands()) {
    expect(command?.name).toBe('debug');
    expect(commandIn(command?.data ?? '')).toBeUndefined();
    expect(command?.data).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  }
});

test.each(HOSTILE)('the title %j opens one group, which is closed', async (text) => {
  await runner.group(text, async () => runner.info(text));
  expect(commands().map((command) => command?.name)).toEqual(['group', undefined, 'endgroup']);
  expect(commandIn(commands()[0]?.data ?? '')).toBeUndefined();
});

test.each(HOSTILE)('the value %j of an output or a state is one command, and whole', (text) => {
  runner.setOutput('images', text);
  runner.saveState('cleanup', text);
  expect(commands()).toEqual([
    { name: 'set-output', data: text },
    { name: 'save-state', data: text },
  ]);
});

test.each(HOSTILE.filter((text) => !/[\n\r]/.test(text)))(
  'the secret %j is hidden whole',
  (text) => {
    runner.hide(text);
    expect(commands()).toEqual([{ name: 'add-mask', data: text }]);
  },
);

const hidden = () => commands().map((command) => command?.data);

test('of a key each line is hidden that no other text has', () => {
  const lines = ['A'.repeat(64), 'B'.repeat(64)];
  runner.hide(
    ['-----BEGIN PRIVATE KEY-----', ...lines, 'Zw==', '-----END PRIVATE KEY-----', ''].join('\r\n'),
  );
  expect(hidden()).toEqual(lines);
});

test.each(['', ' ', '\n', '{', '}\n{', 'ca', 'admin', '   admin   ', '{\n  }\n'])(
  'what ordinary text may hold is not hidden: %j',
  (text) => {
    runner.hide(text);
    expect(printed).toBe('');
  },
);

test.each([
  ['  because: it is so', '  because: it is so'],
  ['[::1]:6443 answers', '[::1]:6443 answers'],
  ['a :: b', 'a :: b'],
  ['\u001b[31mred\u001b[0m\ttext', 'red text'],
  ['web\n\n::add-mask::e', 'web ::add-mask::e'],
  [' ::add-mask::e', ' : :add-mask::e'],
  ['a ##[group]', 'a ## [group]'],
])('%j is shown as %j', (text, shown) => {
  runner.info(text);
  expect(printed).toBe(`${shown}\n`);
});
