import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { daemonPlace } from '../../../../src/images/daemon/daemon-address.js';
import { sha256Of } from '../../../../src/lib/sha256.js';
import { workplace } from '../fixtures.js';

let home: string;
let contexts: string;

beforeEach(async () => {
  home = await workplace();
  contexts = join(home, '.docker', 'contexts');
});

async function write(path: string, text: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A context as `docker context create` writes it, with these files for TLS. */
async function create(name: string, host: string, files: readonly string[] = [], more = {}) {
  const meta = { Name: name, Endpoints: { docker: { Host: host, ...more } } };
  await write(join(contexts, 'meta', sha256Of(name), 'meta.json'), JSON.stringify(meta));
  for (const file of files)
    await write(join(contexts, 'tls', sha256Of(name), 'docker', file), file);
}

const ADDRESS = 'tcp://builder.example:2376';
const fileOf = (name: string, file: string) =>
  join(contexts, 'tls', sha256Of(name), 'docker', file);

test('the context that the environment or the configuration chose', async () => {
  await create('builder', ADDRESS, ['ca.pem', 'cert.pem', 'key.pem']);
  await create('plain', 'unix:///run/plain.sock');
  const config = { currentContext: 'plain' };
  await write(join(home, '.docker', 'config.json'), JSON.stringify(config));
  expect(daemonPlace({ HOME: home, DOCKER_CONTEXT: 'builder' })).toEqual({
    ...{ address: ADDRESS, isSecure: true },
    files: {
      ca: fileOf('builder', 'ca.pem'),
      cert: fileOf('builder', 'cert.pem'),
      key: fileOf('builder', 'key.pem'),
    },
  });
  // Docker takes what is empty for not set.
  for (const empty of [{}, { DOCKER_CONTEXT: '' }, { DOCKER_CONFIG: '', DOCKER_HOST: '' }]) {
    const place = daemonPlace({ HOME: home, ...empty });
    expect(place).toMatchObject({ address: 'unix:///run/plain.sock', isSecure: false });
  }
  const before = { HOME: home, DOCKER_CONTEXT: 'builder', CONTAINER_HOST: 'unix:///podman' };
  expect(daemonPlace(before).address).toBe('unix:///podman');
  const isDefault = daemonPlace({ HOME: home, DOCKER_CONTEXT: 'default' });
  expect(isDefault.address).toMatch(/^unix:\/\/.*sock$/);
});

test('a context with a certificate of its authority alone', async () => {
  await create('builder', ADDRESS, ['ca.pem']);
  expect(daemonPlace({ HOME: home, DOCKER_CONTEXT: 'builder' })).toMatchObject({
    isSecure: true,
    files: { ca: fileOf('builder', 'ca.pem') },
  });
});

test('a context that says so has TLS spoken without files, and any certificate taken', async () => {
  await create('any', ADDRESS, [], { SkipTLSVerify: true });
  await create('plain', ADDRESS, [], { SkipTLSVerify: false });
  const place = { address: ADDRESS, files: {} };
  expect(daemonPlace({ HOME: home, DOCKER_CONTEXT: 'any' })).toEqual({
    ...{ ...place, isSecure: true },
    takesAnyCertificate: true,
  });
  // What the environment says is of the daemon that the environment names.
  const environment = { HOME: home, DOCKER_TLS: '1', DOCKER_TLS_VERIFY: '1' };
  expect(daemonPlace({ ...environment, DOCKER_CONTEXT: 'plain' })).toEqual({
    ...{ ...place, isSecure: false },
  });
});

test('a context that is not there is told, and no other daemon is asked', async () => {
  expect(() => daemonPlace({ HOME: home, DOCKER_CONTEXT: 'builder' })).toThrow(
    `The Docker context "builder" is not in ${contexts}, or names no daemon there; create`,
  );
  await create('kubernetes', '');
  await write(join(home, '.docker', 'config.json'), '{"currentContext":"kubernetes"}');
  expect(() => daemonPlace({ HOME: home })).toThrow('The Docker context "kubernetes" is not in');
});

test('where the environment says so, TLS is spoken with the files that it names', () => {
  const place = { DOCKER_HOST: ADDRESS, DOCKER_TLS_VERIFY: '1' };
  expect(daemonPlace({ ...place, HOME: home, DOCKER_CERT_PATH: '' })).toMatchObject({
    isSecure: true,
    files: { ca: join(home, '.docker', 'ca.pem') },
  });
  expect(daemonPlace({ ...place, DOCKER_CERT_PATH: '/certs' }).files.key).toBe('/certs/key.pem');
  expect(daemonPlace({ ...place, DOCKER_CONFIG: '/config' }).files.ca).toBe('/config/ca.pem');
  expect(daemonPlace({ DOCKER_HOST: ADDRESS }).isSecure).toBe(false);
});

test('where the environment asks for TLS alone, any certificate is taken', () => {
  const place = { HOME: home, DOCKER_HOST: ADDRESS, DOCKER_TLS: '1' };
  expect(daemonPlace(place)).toMatchObject({ isSecure: true, takesAnyCertificate: true });
  const verified = daemonPlace({ ...place, DOCKER_TLS_VERIFY: '1' });
  expect(verified.takesAnyCertificate).toBeUndefined();
  expect(daemonPlace({ ...place, DOCKER_TLS: '' }).isSecure).toBe(false);
});
