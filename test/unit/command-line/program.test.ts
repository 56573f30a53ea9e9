import { existsSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
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
  const cluster = await startSmallCluster(holds);
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

test('under the name that npm gives it, it is the command line also without an argument', async () => {
  const link = join(shell.directory, 'jackal-inject');
  await symlink(ENTRY, link);
  const linked = { program: [process.execPath, link] };
  const { exitCode, stderr } = await shell.run([], linked);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^Error: No command is given; /)]);
  expect((await shell.run(['--version'], linked)).exitCode).toBe(0);
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
    STATE_post: 'true',
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
] as const)('%s before anything is in the cluster ends it with %d', async (signal, code) => {
  const { cluster, args } = await given(true);
  const command = shell.start(['inject', ...args], { program });
  await cluster.asked;
  command.process.kill(signal);
  await command.told(/^ *Cancelled: /m);
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([code, '']);
  expect(stderr).toMatch(/^Error: The step was cancelled \(SIG(INT|TERM)\) while /m);
  expect(existsSync(shell.keptDirectory)).toBe(false);
});

test('where nothing is kept there is nothing to remove', async () => {
  const { exitCode, stdout, stderr } = await shell.run(['remove'], { program });
  expect([exitCode, stdout]).toEqual([0, '']);
  expect(stderr).toBe('No run of yours is kept on this machine, so nothing is to be removed.\n');
});
