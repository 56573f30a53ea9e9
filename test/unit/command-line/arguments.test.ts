import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { type ActionInputs, readActionInputs } from '../../../src/command-line/action.js';
import { LISTS, readArguments } from '../../../src/command-line/arguments.js';
import { helpText } from '../../../src/command-line/help.js';
import { UsageError } from '../../../src/command-line/usage.js';
import { splitItems } from '../../../src/lib/items.js';
import { REPOSITORY } from '../../helpers/runner.js';

const read = (name: string) => load(readFileSync(join(REPOSITORY, name), 'utf8'));
const known = readActionInputs(join(REPOSITORY, 'dist', 'index.js'));
const inputsOf = (...args: string[]) => readArguments(['inject', ...args], known).inputs;

test('the inputs are those of action.yml', () => {
  expect(known).toEqual((read('action.yml') as { inputs: ActionInputs }).inputs);
});

test('the lists are those that have the type in action-types.yml', () => {
  const { inputs } = read('action-types.yml') as { inputs: Record<string, { type: string }> };
  const lists = Object.entries(inputs).filter(([, { type }]) => type === 'list');
  expect([...LISTS].sort()).toEqual(lists.map(([name]) => name).sort());
});

test('every input but the command is an option, with and without an equals sign', () => {
  for (const [name, { default: preset }] of Object.entries(known)) {
    if (name === 'command') continue;
    expect(inputsOf(`--${name}=a=b`, 'x')).toMatchObject(
      name === 'images' ? {} : { [name]: 'a=b' },
    );
    if (preset !== 'false' && name !== 'images') {
      expect(inputsOf(`--${name}`, 'a', 'x')).toEqual({ [name]: 'a', images: '"x"' });
    }
  }
});

test('a boolean needs no value, and takes one behind an equals sign alone', () => {
  expect(inputsOf('--allow-missing-platforms', 'x')).toEqual({
    'allow-missing-platforms': 'true',
    images: '"x"',
  });
  expect(inputsOf('--allow-missing-platforms=false')).toEqual({
    'allow-missing-platforms': 'false',
  });
});

test('lists may be repeated', () => {
  expect(inputsOf('--labels', 'a=b', '--labels=c=d,e=f')).toEqual({ labels: 'a=b\nc=d,e=f' });
});

test('images are what stands alone, each as the shell has parted it', () => {
  const words = ['web:1', './a,b.tar', './c #d.tar', `./it's "e".tar`];
  expect(splitItems(inputsOf(...words).images ?? '')).toEqual(words);
  expect(splitItems(inputsOf('--images', 'a,b', 'c').images ?? '')).toEqual(['a', 'b', 'c']);
  expect(splitItems(inputsOf('--', '--c', '-d').images ?? '')).toEqual(['--c', '-d']);
});

test('options may stand before the command, and say how much is told', () => {
  const asked = readArguments(['--nodes', 'a=b', 'inject', '--verbose', 'x'], known);
  expect(asked).toEqual({
    command: 'inject',
    inputs: { nodes: 'a=b', images: '"x"' },
    runs: [],
    verbose: true,
    forget: false,
  });
});

test('runs are removed by their ids, or all of them', () => {
  expect(readArguments(['remove'], known)).toMatchObject({ runs: [], inputs: {} });
  expect(readArguments(['remove', '0123abcd', 'ffffffff', '--namespace=ci'], known)).toMatchObject({
    runs: ['0123abcd', 'ffffffff'],
    inputs: { namespace: 'ci' },
  });
});

test('runs are forgotten by their ids, or all of them', () => {
  const asked = readArguments(['remove', '--forget', '0123abcd'], known);
  expect(asked).toMatchObject({ forget: true, runs: ['0123abcd'] });
  expect(readArguments(['remove', '--forget'], known)).toMatchObject({ forget: true, runs: [] });
});

test('a release is deleted by its name', () => {
  expect(readArguments(['delete', '--release', 'web'], known).inputs).toEqual({
    release: 'web',
    command: 'delete',
  });
});

test.each([['--help'], ['-h'], ['help'], ['inject', '--help', '--foo']])(
  'help is asked for with %s',
  (...args) => {
    expect(readArguments(args, known).command).toBe('help');
  },
);

test('help names every option, and of the inputs those that there are', () => {
  const named = [...helpText(known).matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
  const inputs = Object.keys(known).filter((name) => name !== 'command');
  expect(named).toEqual([...inputs, 'forget', 'verbose', 'help', 'version']);
  expect(
    Math.max(
      ...helpText(known)
        .split('\n')
        .map(({ length }) => length),
    ),
  ).toBeLessThan(121);
});

test.each<[string[], string]>([
  [[], 'No command is given'],
  [['injct', 'x'], '"injct" is no command'],
  [['inject', '--foo', 'x'], 'There is no option --foo'],
  [['inject', '-n', 'x'], 'There is no option -n'],
  [['inject', '--command=delete'], 'There is no option --command'],
  [['inject', '--nodes'], '--nodes has no value'],
  [['inject', '--nodes', '--context', 'x'], '--nodes has no value'],
  [['inject', '--nodes=a', '--nodes=b'], '--nodes is given twice'],
  [['remove', '--nodes=a'], '--nodes is no option of remove'],
  [['remove', '--namespace=ci'], '--namespace says where one run is; name the run'],
  [['remove', '--forget=false'], '--forget takes no value'],
  [['inject', '--forget', 'x'], '--forget is no option of inject'],
  [['remove', 'web:1'], '"web:1" is no run'],
  [['delete'], 'The release is not named'],
  [['delete', '--release=web', 'web'], '"web" is too much'],
])('%j is refused', (args, words) => {
  expect(() => readArguments(args, known)).toThrow(UsageError);
  expect(() => readArguments(args, known)).toThrow(words);
});
