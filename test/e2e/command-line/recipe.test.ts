import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Jobs } from '../../helpers/jobs.js';
import { REPOSITORY } from '../../helpers/runner.js';
import { Shell } from '../../helpers/shell/shell.js';
import { inventory, kubectl, whyNoSite } from '../../helpers/site.js';
import { readGitLabJob } from '../../matrix/recipes/page.js';
import { dockerArchive, layerOf, tarOf } from '../../unit/images/fixtures.js';

const onSite = whyNoSite() === undefined ? test : test.skip;
const execute = promisify(execFile);

let jobs: Jobs;
let shell: Shell;

beforeAll(async () => {
  if (whyNoSite() !== undefined) return;
  jobs = await Jobs.create();
  shell = await Shell.create();
});

afterEach(async () => {
  if (whyNoSite() !== undefined) return;
  await shell.endLeft();
  await shell.run(['remove', '--kubeconfig', jobs.here.cluster.kubeconfig]);
  await kubectl(jobs.here.cluster, 'delete', '--ignore-not-found', '--now', 'pod/web');
});

afterAll(async () => {
  await shell?.close();
  await jobs?.close();
});

/** A repository with the program as it is here, in one commit, as npm's name for it. */
async function repository(): Promise<string> {
  const directory = join(shell.directory, 'repository');
  for (const name of ['dist', 'injector', 'action.yml', 'package.json', '.gitignore']) {
    const filter = (path: string) => !path.startsWith(join(REPOSITORY, 'injector', 'target'));
    await cp(join(REPOSITORY, name), join(directory, name), { recursive: true, filter });
  }
  const git = (...args: string[]) =>
    execute('git', ['-c', 'user.name=a', '-c', 'user.email=a@test', ...args], { cwd: directory });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'All of it');
  return `git+file://${directory}`;
}

onSite(
  'the recipe for GitLab CI does what it says, from a clone without anything installed',
  async () => {
    const { cluster } = jobs.here;
    const before = await inventory(cluster);
    const { variables, script: all, after_script: after } = await readGitLabJob();
    // kubectl is there already.
    const script = all.filter((line) => !line.includes('/usr/local/bin/kubectl'));
    expect(script).toHaveLength(all.length - 2);
    expect(Object.keys(variables)).toEqual(['JACKAL_INJECT']);
    await mkdir(join(shell.workingDirectory, 'dist'));
    const archive = tarOf(dockerArchive('acme/web:ci', [layerOf('web', 'web')]));
    await writeFile(join(shell.workingDirectory, 'dist/web.tar'), archive);
    const bin = join(shell.directory, 'bin');
    await mkdir(bin);
    await symlink(cluster.kubectl, join(bin, 'kubectl'));
    const env = {
      CI: 'true',
      GITLAB_CI: 'true',
      KUBECONFIG: cluster.kubeconfig,
      JACKAL_INJECT: await repository(),
      PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
      npm_config_cache: join(shell.directory, 'npm'),
      npm_config_prefix: join(shell.directory, 'npm'),
    };
    // As GitLab's runner does it: the lines one after the other, the first failure ends them.
    const run = (lines: readonly string[]) =>
      shell.run([lines.join('\n')], { env, program: ['bash', '-eo', 'pipefail', '-c'] });
    const ran = await run(script);
    expect([ran.exitCode, ran.exitCode === 0 ? '' : ran.stderr]).toEqual([0, '']);
    const injected = await readFile(join(shell.workingDirectory, 'injected.json'), 'utf8');
    const image = '--output=jsonpath={.spec.containers[0].image}';
    expect(await kubectl(cluster, 'get', 'pod/web', image)).toBe(
      JSON.parse(injected).images['dist/web.tar'],
    );
    await kubectl(cluster, 'delete', '--now', 'pod/web');
    const removed = await run(after);
    expect([removed.exitCode, removed.stdout]).toEqual([0, '']);
    expect(await inventory(cluster)).toEqual(before);
  },
);
