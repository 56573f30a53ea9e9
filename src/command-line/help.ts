import { type ActionInputs, COMMAND_INPUT, isFlag } from './action.js';

const USAGE = `Put container images onto every node of any Kubernetes cluster, given nothing but a kubeconfig.

  jackal-inject inject [OPTION...] IMAGE...          send images; they stay until they are removed
  jackal-inject remove [OPTION...] [RUN...]          remove what was injected: these runs, or all of yours
  jackal-inject remove --forget [RUN...]             forget them, where their cluster is gone
  jackal-inject delete [OPTION...] --release=NAME    remove a release

An image is a name in the Docker daemon, or the path of an archive or an OCI layout. Outputs are one JSON object on
standard output; all else goes to standard error.`;

const OWN_OPTIONS = [
  ['--forget', 'Have remove ask no cluster: what is kept of the runs here is deleted.'],
  ['--verbose', 'Tell what is of use to find a fault, too.'],
  ['--help', 'Tell this.'],
  ['--version', 'Tell the version.'],
] as const;

/** Columns before the text of an option. */
const INDENT = 32;
const COLUMNS = 120;

/** What `--help` prints: the commands, and each input of action.yml as an option, by the first sentence about it. */
export function helpText(inputs: ActionInputs): string {
  const options = Object.entries(inputs)
    .filter(([name]) => name !== COMMAND_INPUT)
    .map(([name, input]) => {
      const preset = input.default === undefined ? '' : ` (${input.default})`;
      const option = `--${name}${isFlag(input) ? '' : ` VALUE`}`;
      return [option, `${firstSentence(input.description)}${preset}`] as const;
    });
  const lines = [...options, ...OWN_OPTIONS].map(([option, text]) => optionLines(option, text));
  return `${USAGE}\n\nOptions, which are the inputs of the action, with their defaults:\n\n${lines.join('\n')}\n`;
}

/** A sentence ends with a full stop before a space, or with the text. */
function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;
}

function optionLines(option: string, text: string): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) as string;
    if (line.length + word.length + 1 > COLUMNS - INDENT) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  const [first, ...others] = lines;
  const head = `  ${option}`.padEnd(INDENT);
  return [`${head}${first}`, ...others.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
}
