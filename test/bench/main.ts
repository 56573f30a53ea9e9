import { parseArgs } from 'node:util';
import { sentenceOf } from '../../src/lib/errors.js';
import type { Bench, Figure } from './figure.js';
import { images } from './images.js';
import { inject } from './inject.js';
import { injector } from './injector.js';
import { mounting } from './mounting.js';
import { startup } from './startup.js';
import { transport } from './transport/transport.js';
import { way } from './way.js';
import { weak } from './weak.js';

/** Every bench there is; each brings up what it needs. */
const BENCHES: readonly Bench[] = [
  startup,
  images,
  injector,
  inject,
  transport,
  way,
  weak,
  mounting,
];

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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const names = BENCHES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');
  console.error(`There is no bench ${unknown.join(', ')}; there are:\n${names}`);
  process.exit(2);
}
const missed: string[] = [];
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  console.error(`\n== ${bench.name}: ${bench.about}`);
  try {
    const figures = bench.run((line) => console.error(`   … ${line}`));
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
