import type { KeptRun } from './kept-runs.js';
import type { Host } from './runner.js';
import type { Terminal } from './terminal.js';

/** What a command of a shell is given. */
export interface ShellOptions {
  readonly terminal: Terminal;
  /** The inputs by name, defaults among them. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Where that is kept which a runner would keep for the post step. */
  readonly kept: KeptRun;
  /** Whether lines for those who debug are shown. */
  readonly verbose: boolean;
}

/** A shell in the place of a runner. */
export interface Shell extends Host {
  /** What was set so far, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What stands in the place of a secret. */
const HIDDEN = '***';

/**
 * A host without a runner: inputs are arguments, lines go to a terminal or wherever standard error does, outputs are
 * gathered, and the state is kept in a file. No command for a runner is ever printed.
 */
export function shellHost({ terminal, inputs, kept, verbose }: ShellOptions): Shell {
  const secrets = new Set<string>();
  const outputs: Record<string, string> = {};
  let depth = 0;
  let shown: Parameters<Terminal['show']>[0];
  const withoutSecrets = (text: string) =>
    [...secrets].reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const print = (text: string, style?: 'bold' | 'red' | 'yellow') =>
    terminal.line(withoutSecrets(text), style);
  const indented = (text: string) => `${depth > 0 ? '  ' : ''}${text}`;
  const show = (next: typeof shown) => {
    shown = next;
    terminal.show(next && { ...next, line: next.line && withoutSecrets(next.line) });
  };
  return {
    outputs,
    getInput: (name) => (inputs[name] ?? '').trim(),
    getState: (name) => kept.state[name] ?? '',
    saveState: (name, value) => kept.save(name, value),
    setOutput: (name, value) => {
      outputs[name] = value;
    },
    setSecret: (secret) => {
      secrets.add(secret);
    },
    group: async (title, work) => {
      print(title, 'bold');
      depth++;
      show({ title: withoutSecrets(title) });
      try {
        return await work();
      } finally {
        depth--;
        show(undefined);
      }
    },
    info: (line) => print(indented(line)),
    debug: (line) => {
      if (verbose) print(indented(line));
    },
    warning: (sentence) => print(`Warning: ${sentence}`, 'yellow'),
    error: (text) => {
      const [sentence = '', ...more] = text.split('\n');
      print(`Error: ${sentence}`, 'red');
      for (const line of more) print(line);
    },
    progress: (line, share) => {
      if (terminal.redraws && shown !== undefined) show({ ...shown, line, share });
      else print(indented(line));
    },
    nodes: (proven, all) => {
      if (shown !== undefined) show({ ...shown, nodes: { proven, all } });
    },
  };
}
