import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { sentenceOf } from './lib/errors.js';
import { renderManifests } from './rewrite/render.js';

// The post-renderer: an entry of its own, which loads nothing of the action, for Helm waits for it at each command.
// It reads manifests on standard input and writes them, with injected images, to standard output.
try {
  const [names] = process.argv.slice(2);
  if (names === undefined) throw new Error('Name the file that has the injected images.');
  const injected: unknown = JSON.parse(await readFile(names, 'utf8'));
  const source = await text(process.stdin);
  const rendered = renderManifests(
    source,
    new Map(Object.entries(injected as Record<string, string>)),
    'Standard input',
  );
  process.stdout.on('error', fail).write(rendered);
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
