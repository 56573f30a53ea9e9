import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseCompression } from '../../../src/images/bytes/compression.js';
import { awaitSaved } from '../../../src/injector/cache.js';
import { obtainInjectors } from '../../../src/injector/obtain.js';
import { ActionError } from '../../../src/lib/errors.js';
import { Stages } from '../../../src/report/stages.js';
import { Traffic } from '../../../src/report/traffic.js';
import { prepare } from '../../../src/stages/prepare/prepare.js';
import { until } from '../../cluster/until.js';
import {
  dockerArchive,
  layerOf,
  read,
  tarOf,
  workplace,
  writeTar,
} from '../../unit/images/fixtures.js';
import { USUAL_INPUTS } from '../usual-inputs.js';

const REASON = new ActionError('The step did not end within its timeout of 60 s.');

const INPUTS = { ...USUAL_INPUTS, images: ['web:1'], compression: parseCompression('') };

/** What the fake daemon does when it is asked to save. */
type Save = (response: ServerResponse) => void;

const before = { ...process.env };
let place: string;
let temporary: string;
let server: Server;
/** Fulfilled when a save was asked for; `closed` when its connection was closed. */
let saving: Promise<{ closed: Promise<unknown> }>;

beforeEach(async () => {
  place = await workplace();
  temporary = join(place, 'temporary');
  await mkdir(temporary);
});

afterEach(async () => {
  process.env = { ...before };
  server?.closeAllConnections();
  server?.close();
});

/** A Docker daemon that knows every image and saves as told; gives the environment to find it. */
async function startDaemon(save: Save) {
  const socket = join(place, 'docker.sock');
  const asked = Promise.withResolvers<{ closed: Promise<unknown> }>();
  saving = asked.promise;
  server = createServer((request, response) => {
    if (request.url?.includes('/json?') === true) {
      response.end(JSON.stringify({ Id: `sha256:${'a'.repeat(64)}`, RepoTags: ['web:1'] }));
      return;
    }
    asked.resolve({ closed: once(response, 'close') });
    save(response);
  });
  await new Promise<void>((listening) => server.listen(socket, listening));
  return { DOCKER_HOST: `unix://${socket}` };
}

/** Half of an archive, and then silence. */
const stallInside: Save = (response) => {
  const tar = tarOf(dockerArchive('web:1', [layerOf('a', 'x'.repeat(12_000_000))]));
  response.writeHead(200);
  response.write(tar.subarray(0, tar.length / 2));
};

/** The reason with which work ends that nothing but what is tried here would end within a test's time. */
function endOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

for (const [when, save, written] of [
  ['in the middle of a save', stallInside, 1],
  ['before the first byte of a save', () => undefined, 0],
] as const) {
  test(`a daemon that stalls ${when} is let go at once`, async () => {
    const environment = await startDaemon(save);
    const stop = new AbortController();
    const work = read(place, ['web:1'], { environment, signal: stop.signal });
    work.catch(() => undefined);
    const { closed } = await saving;
    const isWritten = async () => (await readdir(temporary)).length === written;
    await until('what came to be written', isWritten);
    stop.abort(REASON);
    expect(await endOf(work)).toBe(REASON);
    expect(await readdir(temporary)).toEqual([]);
    await closed;
  });
}

test('an archive is read no further than the piece at which it was aborted', async () => {
  const archive = await writeTar(
    place,
    dockerArchive('web:1', [layerOf('a', 'x'.repeat(8_000_000))]),
  );
  const stop = new AbortController();
  let pieces = 0;
  const onProgress = () => {
    pieces += 1;
    stop.abort(REASON);
  };
  expect(await endOf(read(place, [archive], { signal: stop.signal, onProgress }))).toBe(REASON);
  expect(pieces).toBe(1);
  expect(await readdir(temporary)).toEqual([]);
});

test('the stage Prepare ends at the first failure, whatever the daemon does', async () => {
  Object.assign(process.env, await startDaemon(stallInside), { RUNNER_TEMP: temporary });
  const inputs = { ...INPUTS, kubeconfig: join(place, 'no-such-kubeconfig') };
  const reason = await endOf(
    prepare({
      inputs,
      log: new Stages(),
      traffic: new Traffic(),
      signal: new AbortController().signal,
    }),
  );
  expect(reason).toBeInstanceOf(ActionError);
  expect((reason as ActionError).message).toContain('no-such-kubeconfig');
  expect(await readdir(temporary)).toEqual([]);
});

test('the stage Prepare ends with the reason of the signal', async () => {
  Object.assign(process.env, await startDaemon(stallInside), { RUNNER_TEMP: temporary });
  // An API server that takes the request and never answers.
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const kubeconfig = kubeconfigOf(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const stop = new AbortController();
  const work = prepare({
    inputs: { ...INPUTS, kubeconfig },
    log: new Stages(),
    traffic: new Traffic(),
    signal: stop.signal,
  });
  work.catch(() => undefined);
  await saving;
  stop.abort(REASON);
  const reason = await endOf(work);
  silent.closeAllConnections();
  silent.close();
  expect(reason).toBe(REASON);
  expect(await readdir(temporary)).toEqual([]);
});

test('a build of the injector that goes on is not waited for', async () => {
  const pids = join(place, 'pids');
  // A cargo that starts a compiler, as cargo does, and waits for it.
  await program('cargo', `echo $$ >> ${pids}; sleep 600 & echo $! >> ${pids}; wait`);
  Object.assign(process.env, {
    PATH: `${join(place, 'bin')}:${process.env.PATH}`,
    RUNNER_TEMP: temporary,
  });
  await mkdir(join(place, 'crate', 'src'), { recursive: true });
  for (const name of ['Cargo.toml', 'Cargo.lock']) await writeFile(join(place, 'crate', name), '');
  const stop = new AbortController();
  const work = obtainInjectors(['amd64'], { crate: join(place, 'crate'), signal: stop.signal });
  work.catch(() => undefined);
  const started = await numbersIn(pids, 2);
  try {
    stop.abort(REASON);
    expect(await endOf(work)).toBe(REASON);
    expect(await readdir(temporary)).toEqual([]);
  } finally {
    for (const pid of started) process.kill(pid);
  }
});

test('a cache service that hangs is waited for no longer than the signal lets', async () => {
  const never = new Promise<void>(() => undefined);
  expect(await endOf(awaitSaved([never], AbortSignal.timeout(100), 3_600))).toBeUndefined();
});

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

/** The numbers in a file, once there are so many lines of them. */
async function numbersIn(file: string, count: number): Promise<number[]> {
  const numbers = async () => {
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    return lines.length >= count && lines.map(Number);
  };
  return (await until(`${count} lines in ${file}`, numbers)) as number[];
}

async function program(name: string, script: string): Promise<void> {
  await mkdir(join(place, 'bin'), { recursive: true });
  await writeFile(join(place, 'bin', name), `#!/bin/sh\n${script}\n`);
  await chmod(join(place, 'bin', name), 0o755);
}
