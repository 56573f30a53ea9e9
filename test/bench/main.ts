import { parseArgs } from 'node:util';
import { sentenceOf } from '../../src/lib/errors.js';
import { BENCHES } from './benches.js';
import type { Bench, Choice, Figure } from './figure.js';

/** Three significant digits, as much as a shared machine is good for. */
function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function row({ what, ours, unit, peer, peerName, ratio }: Figure): string {
  const against =
    peer === undefined || ratio === undefined
      ? ''
      : `  ${peerName}: ${short(peer)} ${unit}  (${short(ratio)} ×)`;
  return `${what.padEnd(52)} ${short(ours).padStart(8)} ${unit.padEnd(6)}${against}`;
}

/** The benches that are named, each with the parts that are named behind it; all where none is. */
function benchesOf(words: readonly string[]): Map<Bench, string[]> {
  const named = new Map<Bench, string[]>();
  let last: Bench | undefined;
  const unknown = words.filter((word) => {
    const bench = BENCHES.find(({ name }) => name === word);
    if (bench !== undefined) {
      last = bench;
      named.set(bench, []);
    } else if (last?.parts?.includes(word)) named.get(last)?.push(word);
    else return true;
    return false;
  });
  if (unknown.length > 0) fail(`There is no bench or part of one ${unknown.join(', ')}`);
  return named.size > 0 ? named : new Map(BENCHES.map((bench) => [bench, []]));
}

function fail(sentence: string): never {
  const lines = BENCHES.map(({ name, about, parts = [] }) =>
    [`  ${name.padEnd(12)} ${about}`, ...(parts.length > 0 ? [parts.join(' ')] : [])].join(
      `\n  ${' '.repeat(12)} of that: `,
    ),
  );
  console.error(`${sentence}; there are:\n${lines.join('\n')}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, rounds: { type: 'string' } },
    });
  } catch (error) {
    return fail(sentenceOf(error).split('. ')[0] as string);
  }
}

const { values, positionals } = readArguments();
if (values.rounds !== undefined && !/^[1-9]\d?$/.test(values.rounds))
  fail('--rounds is a number of 1 to 99');
const rounds = values.rounds === undefined ? {} : { rounds: Number(values.rounds) };
const missed: string[] = [];
for (const [bench, parts] of benchesOf(positionals)) {
  console.error(`\n== ${bench.name}: ${bench.about}`);
  try {
    const choice: Choice = { parts, ...rounds };
    const figures = bench.run((line) => console.error(`   … ${line}`), choice);
    for await (const { promise = false, ...figure } of figures) {
      console.log(values.json ? JSON.stringify(figure) : row(figure));
      // Nor does what is not a number keep a promise.
      if (promise && !((figure.ratio ?? 0) >= 1)) missed.push(`${figure.what} (${bench.name})`);
    }
  } catch (error) {
    console.error(`The bench ${bench.name} failed: ${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}
if (missed.length > 0) {
  console.error(`Missed what is promised: ${missed.join('; ')}.`);
  process.exitCode = 1;
}
