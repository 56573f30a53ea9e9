import { constants } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { Jobs } from '../../helpers/jobs.js';
import { type ApiLine, startApiLine } from '../../helpers/link/api-line.js';
import { expectProofs } from '../../helpers/proofs.js';
import { BUNDLE } from '../../helpers/runner.js';
import { Shell, type ShellResult } from '../../helpers/shell/shell.js';
import { inventory, whyNoSite } from '../../helpers/site.js';
import { randomLayer, writeImage } from '../kit/random-image.js';

const onSite = whyNoSite() === undefined ? test : test.skip;

let jobs: Jobs;
let shell: Shell;
let image: string;
let before: string[];
let line: ApiLine | undefined;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  image = await writeImage([randomLayer(2_000_000)], 'acme/shell:1');
});

beforeEach(async () => {
  if (whyNoSite() !== undefined) return;
  shell = await Shell.create();
  before = await inventory(jobs.here.cluster);
});

afterEach(async () => {
  if (whyNoSite() !== undefined) return;
  line?.mend();
  await shell.endLeft();
  const { stderr } = await shell.run(['remove']);
  await line?.close();
  line = undefined;
  expect([stderr, await keptFiles()]).toEqual([stderr, []]);
  await shell.close();
});

afterAll(() => jobs?.close());

const keptFiles = () => readdir(shell.keptDirectory).catch(() => []);
const inject = (...args: string[]) =>
  ['inject', '--timeout=30m', '--kubeconfig', jobs.here.cluster.kubeconfig, ...args] as const;

/** What a command gives to programs, once it has ended well and told people nothing that is for a runner. */
function outputsOf({ exitCode, stdout, stderr }: ShellResult) {
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
  expect(stderr).not.toMatch(/^\s*::|##\[/m);
  expect(stderr).not.toContain('\u001b');
  return JSON.parse(stdout);
}

async function expectNothingLeft() {
  expect(await inventory(jobs.here.cluster)).toEqual(before);
  expect(await readdir(shell.temporaryDirectory)).toEqual([]);
  expect(await keptFiles()).toEqual([]);
}

/** An image of which no node has any part, so that its pull can be held. */
const newImage = () => writeImage([randomLayer(4_000_000)], 'acme/new:1');

/** A kubeconfig of the cluster by way of a line that can be cut. */
async function overLine(): Promise<string> {
  line = await startApiLine(jobs.here.cluster);
  const path = join(shell.workingDirectory, 'kubeconfig');
  await writeFile(path, line.kubeconfig);
  return path;
}

onSite('images are injected, and stay until the run is removed', async () => {
  const { cluster } = jobs.here;
  await mkdir(join(shell.workingDirectory, 'deploy'));
  const manifest = 'kind: Pod\nspec: { containers: [{ name: web, image: acme/shell:1 }] }\n';
  await writeFile(join(shell.workingDirectory, 'deploy/web.yaml'), manifest);
  const outputs = outputsOf(await shell.run(inject('--manifests=deploy', image)));
  const reference = outputs.images['acme/shell:1'] ?? outputs.images[image];
  await expectProofs(cluster, [reference]);
  expect(Object.keys(outputs)).toEqual(
    expect.arrayContaining(['run', 'namespace', 'images', 'metadata', 'registry', 'traffic']),
  );
  expect(outputs.namespace).toBe(`jackal-inject-${outputs.run}`);
  expect(outputs.traffic.imageBytes).toBeGreaterThan(2_000_000);
  const copy = await readFile(join(outputs.manifests, 'deploy/web.yaml'), 'utf8');
  expect(copy).toContain(reference);
  const [kept] = await keptFiles();
  expect(await readFile(join(shell.keptDirectory, kept as string), 'utf8')).toContain(outputs.run);
  const removed = await shell.run(['remove']);
  expect([removed.exitCode, removed.stdout]).toEqual([0, '']);
  expect(removed.stderr).toContain(`Nothing of run ${outputs.run} is left on https://`);
  await expectNothingLeft();
});

onSite('where the outputs cannot be written nothing is left', async () => {
  const program = ['sh', '-c', '"$@" >/dev/full', 'sh', process.execPath, BUNDLE];
  const { exitCode, stderr } = await shell.run(inject(image), { program });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/^Error: Standard output did not take what was to be printed \(ENOSPC/m),
  ]);
  await expectNothingLeft();
});

onSite('Ctrl-C while images are on their way leaves nothing', async () => {
  const unknown = await newImage();
  await jobs.withPullsHeld(async () => {
    const command = shell.start(inject(unknown));
    await jobs.untilThere('pod', 'proof', 2);
    command.process.kill('SIGINT');
    const { exitCode, stdout, stderr } = await command.ended;
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/^Error: The step was cancelled \(SIGINT\) while /m);
    await expectNothingLeft();
    await jobs.endPulls();
  });
});

onSite('Ctrl-C while what later runs may know is written down leaves nothing', async () => {
  const unknown = await newImage();
  const { manifests } = JSON.parse(await readFile(join(unknown, 'index.json'), 'utf8'));
  // A pipe in place of what is known of the image: it is read last of all, and for as long as it is open.
  const cache = join('.cache', 'jackal-inject');
  const home = join(shell.directory, 'home');
  const pipe = join(home, cache, 'proofs', `${manifests[0].digest.replace(':', '-')}.json`);
  await mkdir(dirname(pipe), { recursive: true });
  await run('mkfifo', [pipe]);
  await symlink(join(homedir(), cache, 'injectors'), join(home, cache, 'injectors'));
  const command = shell.start(inject(unknown), { env: { HOME: home } });
  const held = await whenRead(pipe, command.ended);
  try {
    command.process.kill('SIGINT');
    await command.told(/^ *Cancelled: what was made in the cluster is removed now/m);
  } finally {
    await held.close();
  }
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([130, '']);
  expect(stderr).toContain(' and Kustomize component are in ');
  expect(stderr).toMatch(/^Error: The step was cancelled \(SIGINT\) while /m);
  await expectNothingLeft();
});

/** Opens a pipe as soon as somebody reads it, who then waits until it is closed; rejects when the command ends before. */
async function whenRead(pipe: string, ended: Promise<ShellResult>): Promise<FileHandle> {
  let result: ShellResult | undefined;
  void ended.then((it) => {
    result = it;
  });
  const check = () => {
    if (result !== undefined) throw new Error(`It ended before it read ${pipe}:\n${result.stderr}`);
  };
  // Without a reader this is ENXIO.
  const opened = () => open(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  return await until('a reader of the pipe', opened, { check });
}

onSite('a second Ctrl-C ends the removal at once, and says how to do it', async () => {
  const kubeconfig = await overLine();
  const unknown = await newImage();
  await jobs.withPullsHeld(async () => {
    const command = shell.start(['inject', '--timeout=30m', '--kubeconfig', 'kubeconfig', unknown]);
    await jobs.untilThere('pod', 'proof', 2);
    line?.cut();
    command.process.kill('SIGINT');
    await command.told(/^Remove the run from the cluster$/m);
    // The line is cut, so nothing but a second one ends it; what is the first one's echo yet does nothing.
    await until('the end by a second Ctrl-C', () => !command.process.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await command.ended;
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(
      /^Warning: What the run ([0-9a-f]{8}) made may still be in the cluster; `jackal-inject remove \1` takes it away\.\n$/m,
    );
  });
  line?.mend();
  expect(kubeconfig).toContain(shell.directory);
  const { exitCode } = await shell.run(['remove']);
  expect(exitCode).toBe(0);
  await expectNothingLeft();
});

onSite('a run is removed from its own cluster alone, also from another machine', async () => {
  const { kubeconfig } = jobs.here.cluster;
  const { run } = outputsOf(await shell.run(inject(image)));
  const wrong = await shell.run(['remove', '--kubeconfig', await overLine()]);
  expect([wrong.exitCode, wrong.stdout]).toEqual([1, '']);
  expect(wrong.stderr).toMatch(
    new RegExp(
      `^Error: The run ${run} is on https://\\S+, and the kubeconfig leads to https://`,
      'm',
    ),
  );
  expect(await inventory(jobs.here.cluster)).not.toEqual(before);
  const elsewhere = { XDG_STATE_HOME: join(shell.directory, 'elsewhere') };
  const there = await shell.run(['remove', '--kubeconfig', kubeconfig, run], { env: elsewhere });
  expect(there.exitCode).toBe(0);
  expect(await inventory(jobs.here.cluster)).toEqual(before);
  // Here it is still kept, with its files, and removing it again is no fault.
  expect((await shell.run(['remove'])).exitCode).toBe(0);
  await expectNothingLeft();
});

onSite('a release stays when its run is removed, until it is deleted', async () => {
  const { kubeconfig } = jobs.here.cluster;
  outputsOf(await shell.run(inject('--release', 'shell', image)));
  const removed = await shell.run(['remove']);
  expect([removed.exitCode, removed.stderr]).toEqual([
    0,
    expect.stringContaining('The release shell stays on https://'),
  ]);
  expect(await readdir(shell.temporaryDirectory)).toEqual([]);
  expect(await inventory(jobs.here.cluster)).not.toEqual(before);
  const args = ['delete', '--kubeconfig', kubeconfig, '--release', 'shell'];
  expect(await shell.run(args)).toMatchObject({ exitCode: 0, stdout: '' });
  await expectNothingLeft();
});

onSite('on a terminal the last line is redrawn and counts the nodes', async () => {
  const words = [process.execPath, BUNDLE, ...inject(image)].map((word) => `'${word}'`);
  const { exitCode, stdout } = await shell.run([`${words.join(' ')} 2>/dev/tty`, '/dev/null'], {
    program: ['script', '--quiet', '--return', '--command'],
    env: { TERM: 'xterm', NO_COLOR: '1' },
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('\r\u001b[K');
  expect(stdout).toMatch(/[|/\\-] \S[^\n]*; 2 of 2 nodes \(\d+ s\)/);
  expect(stdout.replaceAll('\r\u001b[K', '')).not.toContain('\u001b');
  expect((await shell.run(['remove'])).exitCode).toBe(0);
  await expectNothingLeft();
});
