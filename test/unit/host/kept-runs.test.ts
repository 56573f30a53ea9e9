import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectionOf } from '../../../src/command-line/context.js';
import { KeptRun } from '../../../src/host/kept-runs.js';
import { CLEANUP } from '../../../src/host/state.js';
import { until } from '../../cluster/until.js';

const before = { ...process.env };
const FACTS = { id: '0a1b2c3d', namespace: 'ci', server: 'https://10.0.0.1:6443' };

let home: string;
let directory: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'jackal-kept-'));
  directory = join(home, 'jackal-inject');
  process.env.XDG_STATE_HOME = home;
});

afterEach(async () => {
  process.env = { ...before };
  await rm(home, { recursive: true });
});

test('what is begun is kept from the first word about it on, for its owner alone', async () => {
  const run = KeptRun.begin({ context: 'dev' });
  expect(await readdir(home)).toEqual([]);
  expect(run.facts).toBeUndefined();
  run.save(CLEANUP, JSON.stringify(FACTS));
  run.save('output-directory', '/tmp/a');
  const [name, ...others] = await readdir(directory);
  expect(others).toEqual([]);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, name as string))).mode & 0o777).toBe(0o600);
  const [found] = KeptRun.all();
  expect(found?.facts).toEqual(FACTS);
  expect(found?.state['output-directory']).toBe('/tmp/a');
  expect(found?.connection).toEqual({ context: 'dev' });
  run.forget();
  expect(KeptRun.all()).toEqual([]);
});

test('a run is under way as long as its process lives and has not said that it is done', async () => {
  const run = KeptRun.begin({});
  run.save(CLEANUP, JSON.stringify(FACTS));
  const [name = ''] = await readdir(directory);
  const path = join(directory, name);
  const content = JSON.parse(await readFile(path, 'utf8'));
  expect(content.process).toBe(process.pid);
  const isUnderWayBy = async (id: number, began?: string) => {
    await writeFile(path, JSON.stringify({ ...content, process: id, began }));
    return KeptRun.all()[0]?.isUnderWay;
  };
  // As files were that told the number alone.
  expect(await isUnderWayBy(process.ppid)).toBe(true);
  // Another has the number, as after the restart of a container: this one began in the machine's first tick.
  expect(await isUnderWayBy(process.ppid, content.began.replace(/\d+$/, '1'))).toBe(false);
  // No process has a number as high (proc(5), pid_max).
  expect(await isUnderWayBy(2 ** 22 + 1)).toBe(false);
  expect(await isUnderWayBy(process.pid)).toBe(false);
  run.finish();
  expect(await readFile(path, 'utf8')).not.toContain('process');
});

test('a run that another machine has begun may be under way there, whatever its process is here', async () => {
  const run = KeptRun.begin({});
  run.save(CLEANUP, JSON.stringify(FACTS));
  const [name = ''] = await readdir(directory);
  const path = join(directory, name);
  const content = JSON.parse(await readFile(path, 'utf8'));
  const theirs = { ...content, process: 2 ** 22 + 1, machine: 'other.example' };
  await writeFile(path, JSON.stringify(theirs));
  const [found] = KeptRun.all();
  expect([found?.isUnderWay, found?.otherMachine]).toEqual([true, 'other.example']);
  found?.finish();
  expect(KeptRun.all()[0]?.isUnderWay).toBe(false);
});

test('a process that has ended is at work no more, also where nobody waits for it', async () => {
  const module = fileURLToPath(import.meta.resolve('../../../src/host/kept-runs.js'));
  const program = `
    import { KeptRun } from '${module}';
    KeptRun.begin({}).save('${CLEANUP}', '${JSON.stringify(FACTS)}');
    setInterval(() => {}, 1000);
  `;
  const node = [process.execPath, '--input-type=module', '--eval', program];
  const parent = spawn('sh', ['-c', '"$@" & exec sleep infinity', 'sh', ...node], {
    detached: true,
    env: process.env,
  });
  const ended = new Promise((resolve) => parent.on('close', resolve));
  try {
    const run = await until('the file of the run', () => KeptRun.all()[0]);
    expect(run.isUnderWay).toBe(true);
    const [name = ''] = await readdir(directory);
    const worker = JSON.parse(await readFile(join(directory, name), 'utf8')).process as number;
    process.kill(worker, 'SIGKILL');
    await until('the end of its process', () => !run.isUnderWay);
    expect(process.kill(worker, 0)).toBe(true);
  } finally {
    process.kill(-(parent.pid as number), 'SIGKILL');
    await ended;
  }
});

test('what is no such file is left alone', async () => {
  KeptRun.begin({}).save(CLEANUP, JSON.stringify(FACTS));
  await writeFile(join(directory, '1-a.json'), 'not JSON');
  await writeFile(join(directory, '1-b.json'), '{}');
  await writeFile(join(directory, 'notes'), '');
  expect(KeptRun.all().map(({ facts }) => facts)).toEqual([FACTS]);
});

test('where nothing can be kept nothing is begun in the cluster', async () => {
  process.env.XDG_STATE_HOME = join(home, 'file');
  await writeFile(join(home, 'file'), '');
  expect(() => KeptRun.begin({}).save(CLEANUP, '{}')).toThrow(
    /^What is needed to remove the run cannot be kept in .*; set XDG_STATE_HOME to a directory that can be written\.$/,
  );
});

test('the path of a kubeconfig is kept whole, and its content is not', async () => {
  const path = join(home, 'k.yaml');
  const content = 'apiVersion: v1\nkind: Config\nusers: [{ name: u, user: { token: secret } }]\n';
  await writeFile(path, content);
  const given = relative(process.cwd(), path);
  expect(connectionOf({ kubeconfig: given, context: 'dev' })).toEqual({
    kubeconfig: path,
    context: 'dev',
  });
  const base64 = Buffer.from(content).toString('base64');
  for (const kubeconfig of [content, base64, '{"kind":"Config"}', '/no/such/file']) {
    expect(connectionOf({ kubeconfig })).toEqual({});
  }
  expect(connectionOf({})).toEqual({});
});
