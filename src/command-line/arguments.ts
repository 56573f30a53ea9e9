import { parseArgs } from 'node:util';
import { quoted } from '../lib/items.js';
import { isRunId } from '../run/run.js';
import { type ActionInputs, COMMAND_INPUT, isFlag } from './action.js';
import { UsageError } from './usage.js';

/** What the command line can do. */
export const COMMANDS = ['inject', 'remove', 'delete'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What a command line asks for. */
export interface Asked {
  readonly command: CommandName | 'help' | 'version';
  /** Values of inputs by name, as given; no defaults. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The runs that `remove` names. */
  readonly runs: readonly string[];
  /** Whether `remove` asks no cluster. */
  readonly forget: boolean;
  /** Whether lines for those who debug are to be shown. */
  readonly verbose: boolean;
}

/** The inputs that are lists, whose options may be repeated. */
export const LISTS: readonly string[] = [
  'images',
  'manifests',
  'labels',
  'platforms',
  'rewrite-namespaces',
];

/** The options that are no inputs, none of which has a value. */
const OWN = ['help', 'version', 'verbose', 'forget'];

/** The options of commands that do not take all. */
const TAKEN: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  remove: ['kubeconfig', 'context', 'namespace'],
  delete: ['kubeconfig', 'context', 'namespace', 'release', 'timeout'],
};

/**
 * Reads a command line: a command, options with the names of inputs (`--nodes VALUE`, `--nodes=VALUE`), and images or
 * runs. Throws a UsageError.
 *
 * @param args what stands behind the program's name
 */
export function readArguments(args: readonly string[], known: ActionInputs): Asked {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: optionsOf(known),
  });
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const options = tokens.filter((token) => token.kind === 'option');
  const has = (...names: string[]) => options.some(({ name }) => names.includes(name));
  const verbose = has('verbose');
  const [command, ...operands] = words;
  const forget = has('forget');
  const bare = { inputs: {}, runs: [], verbose, forget };
  if (has('help', 'h') || command === 'help') return { ...bare, command: 'help' };
  if (has('version')) return { ...bare, command: 'version' };
  if (!isCommand(command)) {
    const what = command === undefined ? 'No command is given' : `"${command}" is no command`;
    throw wrong(`${what}; there are ${COMMANDS.join(', ')}`);
  }
  if (forget && command !== 'remove') throw wrong(`--forget is no option of ${command}`);
  const inputs: Record<string, string> = {};
  for (const { name, rawName, value, inlineValue } of options) {
    if (OWN.includes(name)) {
      if (value !== undefined) throw wrong(`${rawName} takes no value`);
      continue;
    }
    checkOption(command, name, rawName, known);
    const given = givenValue(rawName, value, inlineValue === true, isFlag(known[name] ?? NO_INPUT));
    if (inputs[name] !== undefined && !LISTS.includes(name)) {
      throw wrong(`${rawName} is given twice and takes one value`);
    }
    inputs[name] = inputs[name] === undefined ? given : `${inputs[name]}\n${given}`;
  }
  if (command === 'delete' && !inputs.release) {
    throw wrong('The release is not named; give --release=NAME');
  }
  if (command === 'remove' && inputs.namespace !== undefined && operands.length === 0) {
    throw wrong('--namespace says where one run is; name the run, or leave the option out');
  }
  return { command, verbose, forget, ...withOperands(command, inputs, operands) };
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; \`jackal-inject --help\` tells what there is.`);
}

const NO_INPUT = { description: '' };

function optionsOf(known: ActionInputs) {
  const own = Object.fromEntries(OWN.map((name) => [name, { type: 'boolean' as const }]));
  const inputs = Object.entries(known).map(([name, input]) => {
    const type = isFlag(input) ? ('boolean' as const) : ('string' as const);
    return [name, { type }] as const;
  });
  return { ...Object.fromEntries(inputs), ...own };
}

function isCommand(word: string | undefined): word is CommandName {
  return COMMANDS.some((one) => one === word);
}

function checkOption(command: CommandName, name: string, rawName: string, known: ActionInputs) {
  if (name === COMMAND_INPUT || known[name] === undefined) {
    throw wrong(`There is no option ${rawName}`);
  }
  if (TAKEN[command]?.includes(name) === false) {
    throw wrong(`${rawName} is no option of ${command}`);
  }
}

function givenValue(option: string, value: string | undefined, isInline: boolean, flag: boolean) {
  if (flag) return value ?? 'true';
  // Node takes the next option for the value of one that has none.
  if (value === undefined || (!isInline && /^-./.test(value))) {
    throw wrong(`${option} has no value; write ${option}=VALUE where that begins with a dash`);
  }
  return value;
}

function withOperands(
  command: CommandName,
  inputs: Readonly<Record<string, string>>,
  operands: readonly string[],
): Pick<Asked, 'inputs' | 'runs'> {
  if (command === 'inject') {
    // Each is one image, whatever is in its name: the shell has parted them.
    const images = [inputs.images, ...operands.map(quoted)].filter((one) => one !== undefined);
    return {
      inputs: images.length > 0 ? { ...inputs, images: images.join('\n') } : inputs,
      runs: [],
    };
  }
  const stranger = operands.find((one) => command === 'delete' || !isRunId(one));
  if (stranger !== undefined) {
    throw wrong(
      command === 'delete'
        ? `"${stranger}" is too much; the release is named by --release`
        : `"${stranger}" is no run, which has eight digits from 0 to f`,
    );
  }
  return {
    inputs: command === 'delete' ? { ...inputs, [COMMAND_INPUT]: command } : inputs,
    runs: operands,
  };
}
