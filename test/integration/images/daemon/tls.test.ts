import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectDaemon } from '../../../../src/images/daemon/daemon.js';
import { issue, makeAuthority, makeAuthorityBelow } from '../../../cluster/machine/certificates.js';

const ID = `sha256:${'ab'.repeat(32)}`;

/** Where an authority is, with a certificate of its own for the server and one for a client. */
let root: string;
let server: Server | undefined;
/** Of the environment that leads to the daemon. */
let address: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'jackal-daemon-tls-'));
  await makeAuthority(root);
  await issue(root, [
    { file: 'server', user: 'server', addresses: ['IP:127.0.0.1'] },
    { file: 'client', user: 'client' },
  ]);
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(root, { recursive: true, force: true });
});

/** @param wantsClients whether it answers nobody but clients whose certificate is of its authority */
async function serve(wantsClients = false): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'server.crt', 'server.key'].map((file) => readFile(path.join(root, file))),
  );
  // In TLS 1.3 it would refuse a client when that may already have asked.
  const maxVersion = 'TLSv1.2' as const;
  const clients = { requestCert: wantsClients, rejectUnauthorized: wantsClients, maxVersion };
  server = createServer({ ca, cert, key, ...clients }, (_, answer) =>
    answer.end(JSON.stringify({ Id: ID, RepoTags: ['web:1'] })),
  );
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A directory with these files of the authority's, by the names that Docker has for them. */
async function directoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = path.join(root, 'docker');
  await mkdir(directory);
  for (const [name, file] of Object.entries(files)) {
    await copyFile(path.join(root, file), path.join(directory, name));
  }
  return directory;
}

/** Asks the daemon for an image. */
async function ask(directory: string, how: Readonly<Record<string, string>>): Promise<string> {
  const environment = { DOCKER_HOST: address, DOCKER_CERT_PATH: directory, ...how };
  const daemon = connectDaemon(environment, new AbortController().signal);
  return (await daemon.inspect('web:1')).id;
}

const VERIFY = { DOCKER_TLS_VERIFY: '1' };
const CLIENT = { 'cert.pem': 'client.crt', 'key.pem': 'client.key' };

test('a daemon that wants to know nobody needs no certificate of ours', async () => {
  await serve();
  expect(await ask(await directoryOf({ 'ca.pem': 'ca.crt' }), VERIFY)).toBe(ID);
});

test('an authority that another one has issued is enough, as for Docker', async () => {
  const above = path.join(root, 'above');
  await mkdir(above);
  await makeAuthority(above);
  await makeAuthorityBelow(above, root);
  await issue(root, [{ file: 'server', user: 'server', addresses: ['IP:127.0.0.1'] }]);
  await serve();
  expect(await ask(await directoryOf({ 'ca.pem': 'ca.crt' }), VERIFY)).toBe(ID);
});

test('a daemon that wants to know its clients is shown the certificate', async () => {
  await serve(true);
  expect(await ask(await directoryOf({ 'ca.pem': 'ca.crt', ...CLIENT }), VERIFY)).toBe(ID);
});

test.each([
  ['key.pem', { 'cert.pem': 'client.crt' }],
  ['cert.pem', { 'key.pem': 'client.key' }],
  ['ca.pem', CLIENT],
])('a file %s that is missing beside another is told', async (missing, files) => {
  await serve();
  const authority: Readonly<Record<string, string>> =
    missing === 'ca.pem' ? {} : { 'ca.pem': 'ca.crt' };
  const directory = await directoryOf({ ...authority, ...files });
  await expect(ask(directory, VERIFY)).rejects.toThrow(
    `The file ${missing} for the daemon's TLS cannot be read in ${directory}; set DOCKER_CERT_PATH.`,
  );
});

test('a certificate that is not trusted is told, and is taken where nobody asked for trust', async () => {
  await serve();
  await issue(root, [{ file: 'stranger', user: 'stranger', addresses: ['IP:127.0.0.1'] }]);
  const directory = await directoryOf({ 'ca.pem': 'stranger.crt' });
  await expect(ask(directory, VERIFY)).rejects.toThrow(
    new RegExp(
      `^The daemon at ${address} and this machine do not agree on TLS \\(.*certificate.*\\); see `,
    ),
  );
  expect(await ask(directory, { DOCKER_TLS: '1' })).toBe(ID);
});

test('a daemon that does not take us is told to be there', async () => {
  await serve(true);
  await expect(ask(await directoryOf({ 'ca.pem': 'ca.crt' }), VERIFY)).rejects.toThrow(
    new RegExp(
      `^The daemon at ${address} and this machine do not agree on TLS \\(.*alert handshake failure\\); see `,
    ),
  );
});
