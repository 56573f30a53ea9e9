import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { print } from './command-line/print.js';
import { sentenceOf } from './lib/errors.js';
import { HELM_PLUGIN_NAME } from './rewrite/post-renderer.js';
import { manifestText, renderManifests } from './rewrite/render.js';

/** What a sentence on the manifests begins with. */
const INPUT = 'Standard input';

// The post-renderer: an entry of its own, which loads nothing of the action, for Helm waits for it at each command.
// It reads manifests on standard input and writes them, with injected images, to standard output.
// What `print` says of a reader who has gone is enough; an error that nobody hears ends Node with a trace.
process.stdout.on('error', () => undefined);
try {
  const [names] = process.argv.slice(2);
  if (names === undefined) throw new Error('Name the file that has the injected images.');
  const injected: unknown = JSON.parse(await readFile(names, 'utf8'));
  const rendered = renderManifests(
    manifestText(await buffer(process.stdin), INPUT),
    new Map(Object.entries(injected as Record<string, string>)),
    INPUT,
  );
  // Helm 4 takes a plugin that says nothing for one that failed (pkg/postrenderer), also where a chart renders nothing.
  const isPlugin = process.env.HELM_PLUGIN_NAME === HELM_PLUGIN_NAME;
  await print(isPlugin && rendered.trim() === '' ? '# No manifests\n' : rendered);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
