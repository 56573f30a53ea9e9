#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { failureText } from './host/annotation.js';
import { keepHeapSmall, requireNode, requireSystem } from './host/node.js';
import { saveBegun } from './host/state.js';
import { runStep } from './host/step.js';
import { helpFor } from './host/troubleshooting.js';
import { sentenceOf } from './lib/errors.js';

const [, started = '', ...args] = process.argv;
const name = basename(started);
const isPost = name === 'post-step.js';

keepHeapSmall();

// A runner gives no arguments; npm has a link of another name for those who give them.
if (args.length > 0 || !(isPost || name === 'index.js')) {
  // What lies beside the script is not beside the link.
  const script = realpathSync(started);
  process.argv[1] = script;
  try {
    requireSystem(process.platform, true);
    requireNode(true);
  } catch (error) {
    // The shell takes the runner's place with the command line alone.
    const sentence = sentenceOf(error);
    process.stderr.write(`Error: ${failureText(sentence, helpFor(sentence))}\n`);
    process.exit(1);
  }
  const { commandLine } = await import('./command-line/command-line.js');
  await commandLine(args, script);
} else if (isPost) {
  await runStep('post', async () => {
    requireSystem(process.platform);
    requireNode();
    const { post } = await import('./post.js');
    await post();
  });
} else {
  await runStep('main', async () => {
    saveBegun();
    requireSystem(process.platform);
    requireNode();
    const { main } = await import('./main.js');
    await main();
  });
}
