import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KeptRun } from '../../../src/host/kept-runs.js';
import { CLEANUP } from '../../../src/host/state.js';
import { REPOSITORY } from '../../helpers/runner.js';
import { Shell } from '../../helpers/shell/shell.js';
import { type SmallCluster, startSmallCluster } from '../../helpers/small-cluster.js';
import { dockerArchive, layerOf, tarOf } from '../images/fixtures.js';

const ENTRY = join(REPOSITORY, 'out/src/index.js');
const program = [process.execPath, ENTRY];

let shell: Shell;
let clusters: SmallCluster[];

beforeEach(async () => {
  shell = await Shell.create();
  clusters = [];
});

afterEach(async () => {
  for (const { close } of clusters) close();
  await shell.close();
});

/** A kubeconfig, and the path of an archive with an image. */
async function given(holds = false) {
  const cluster = await startSmallCluster(holds ? /./ : undefined);
  clusters.push(cluster);
  const kubeconfig = join(shell.workingDirectory, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfig);
  const archive = join(shell.workingDirectory, 'web.tar');
  await writeFile(archive, tarOf(dockerArchive('web:1', [layerOf('a', 'a')])));
  return { cluster, args: ['--kubeconfig', kubeconfig, archive] };
}

test('help and version are for standard output', async () => {
  const help = await shell.run(['--help'], { program });
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toContain('jackal-inject inject [OPTION...] IMAGE...');
  expect(await shell.run(['--version'], { program })).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test.each([
  ['takes nothing', '"$@" >/dev/full'],
  // One page of memory: less than the help has.
  ['is full half-way', 'mount -t tmpfs -o size=1 tmpfs "$TMPDIR"; "$@" >"$TMPDIR/help"'],
])('where standard output %s, that is a failure', async (_, script) => {
  const within = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh'];
  const { exitCode, stderr } = await shell.run(['--help'], { program: [...within, ...program] });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/^Error: Standard output did not take .* \(ENOSPC/),
  ]);
});

test('under the name that npm gives it, it is the command line also without an argument', async () => {
  const link = join(shell.directory, 'jackal-inject');
  await symlink(ENTRY, link);
  const linked = { program: [process.execPath, link] };
  const { exitCode, stderr } = await shell.run([], linked);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^Error: No command is given; /)]);
  expect((await shell.run(['--version'], linked)).exitCode).toBe(0);
});

test('an old Node is told what is wrong before it loads what it cannot', async () => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`;
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(old)}"`;
  expect(await shell.run(['--version'], { program, env: { NODE_OPTIONS } })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^Error: jackal-inject is run with Node 20\.20\.2, and it needs 24 or later; put that first on the PATH\.\nWhat to do: \S+#node-of-the-runner-is-too-old\n$/,
    ),
  });
});

test.each<[string[], string]>([
  [['inject', '--colour=red'], 'Error: There is no option --colour; '],
  [['inject', '--timeout', 'soon', 'a'], 'Error: The input `timeout` is "soon"; '],
  [['inject', '--labels', '"a', 'b'], 'Error: The line ""a" of a list has a quote '],
  [['inject'], 'Error: The input `images` is empty; '],
])('%j is wrong use: one sentence, and 2', async (args, sentence) => {
  const { exitCode, stdout, stderr } = await shell.run(args, { program });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Error: [^\n]+\nWhat to do: https:\S+#\S+\n$/);
  expect(stderr).toContain(sentence);
});

test("a runner's inputs, files and state are nothing to it, and it says no command of a runner", async () => {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];
  const env = {
    GITHUB_ACTIONS: 'true',
    RUNNER_DEBUG: '1',
    INPUT_IMAGES: 'acme/other:1',
    INPUT_TIMEOUT: 'soon',
    INPUT_COMMAND: 'delete',
    STATE_cleanup: '{}',
    ...Object.fromEntries(files.map((name) => [name, join(shell.directory, name)])),
  };
  for (const name of files) await writeFile(join(shell.directory, name), '');
  const { args } = await given();
  const { exitCode, stdout, stderr } = await shell.run(['inject', ...args, 'no-such.tar'], {
    program,
    env,
  });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Error: There is no file or directory no-such.tar');
  expect(stderr).not.toMatch(/^\s*::|acme\/other/m);
  expect(stderr).not.toContain('\u001b');
});

test('debug lines are for those who ask', async () => {
  const args = ['inject', 'no-such.tar', '--kubeconfig', 'none'];
  const quiet = await shell.run(args, { program });
  const verbose = await shell.run([...args, '--verbose'], { program });
  expect(quiet.stderr).not.toMatch(/^ +at /m);
  expect(verbose.stderr).toMatch(/^ +at /m);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s before anything is in the cluster ends it with %d', async (signal, code) => {
  const { cluster, args } = await given(true);
  const command = shell.start(['inject', ...args], { program });
  await cluster.asked;
  command.process.kill(signal);
  await command.told(/^ *Cancelled: /m);
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(/^Error: The step was cancelled \(SIG(INT|TERM|HUP)\) while /m);
  expect(existsSync(shell.keptDirectory)).toBe(false);
});

test('where nothing is kept there is nothing to remove', async () => {
  const { exitCode, stdout, stderr } = await shell.run(['remove'], { program });
  expect([exitCode, stdout]).toEqual([0, '']);
  expect(stderr).toBe('No run of yours is kept on this machine, so nothing is to be removed.\n');
});

/** Keeps a run of a cluster that is gone, with files of its outputs; returns the directory of these. */
async function keptRun(id: string): Promise<string> {
  const { cluster, args } = await given();
  cluster.vanish();
  const [, kubeconfig = ''] = args;
  const server = JSON.parse(cluster.kubeconfig).clusters[0].cluster.server as string;
  const outputs = join(shell.temporaryDirectory, `jackal-inject-${id}`);
  await mkdir(outputs);
  const { XDG_STATE_HOME } = process.env;
  process.env.XDG_STATE_HOME = shell.env.XDG_STATE_HOME;
  try {
    const kept = KeptRun.begin({ kubeconfig });
    kept.save(CLEANUP, JSON.stringify({ id, namespace: `jackal-inject-${id}`, server }));
    kept.save('output-directory', outputs);
    kept.finish();
  } finally {
    if (XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = XDG_STATE_HOME;
  }
  return outputs;
}

test('a run whose cluster is gone stays kept until it is forgotten, of which is told', async () => {
  const [one, other] = [await keptRun('0badcafe'), await keptRun('0badbeef')];
  const removed = await shell.run(['remove', '0badcafe'], { program });
  expect(removed.exitCode).toBe(1);
  expect(removed.stderr).toMatch(/^Error: .+ cannot be reached/m);
  expect(removed.stderr).toMatch(
    /^Warning: The run 0badcafe is still kept on this machine; if its cluster is gone, `jackal-inject remove --forget 0badcafe` forgets it\.$/m,
  );
  const forgotten = await shell.run(['remove', '--forget', '0badcafe', '12345678'], { program });
  expect([forgotten.exitCode, forgotten.stdout]).toEqual([0, '']);
  expect(forgotten.stderr).toMatch(
    /^The run 0badcafe on http:\S+ is forgotten; no cluster was asked\.$/m,
  );
  expect(forgotten.stderr).toContain('The run 12345678 is not kept on this machine');
  expect([existsSync(one), existsSync(other)]).toEqual([false, true]);
  expect(await readdir(shell.keptDirectory)).toHaveLength(1);
  expect(await shell.run(['remove', '--forget'], { program })).toMatchObject({ exitCode: 0 });
  expect(existsSync(other)).toBe(false);
  expect(await readdir(shell.keptDirectory)).toEqual([]);
});

test('a run that another process is at work on is not forgotten', async () => {
  await keptRun('0badcafe');
  const [name = ''] = await readdir(shell.keptDirectory);
  const path = join(shell.keptDirectory, name);
  const content = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...content, process: process.pid }));
  const { exitCode, stderr } = await shell.run(['remove', '--forget', '0badcafe'], { program });
  expect([exitCode, await readdir(shell.keptDirectory)]).toEqual([0, [name]]);
  expect(stderr).toContain('The run 0badcafe is left alone');
  // Another has its number by now.
  await writeFile(path, JSON.stringify({ ...content, process: process.pid, began: 'before' }));
  expect(await shell.run(['remove', '--forget'], { program })).toMatchObject({ exitCode: 0 });
  expect(await readdir(shell.keptDirectory)).toEqual([]);
});
