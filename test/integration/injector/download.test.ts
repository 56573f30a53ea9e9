import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { download } from '../../../src/injector/download.js';
import { until } from '../../cluster/until.js';
import {
  type ReleaseSite,
  startReleaseSite,
  type Trouble,
} from '../../helpers/injector/release-site.js';

const FILE = Buffer.from('what a release has');
const MAX_BYTES = 100;

let directory: string;
let site: ReleaseSite;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jackal-download-'));
  site = await startReleaseSite(directory);
  setDefaultCACertificates([await readFile(site.authority, 'utf8')]);
});

beforeEach(() => {
  site.files.set('/file', FILE);
  site.asked.length = 0;
  site.troubles.length = 0;
});

afterAll(async () => {
  site.close();
  await rm(directory, { recursive: true });
});

/** What is downloaded within so many seconds; by default more than any test takes. */
const downloaded = (seconds = 60, path = '/file') =>
  download(site.url + path, MAX_BYTES, new AbortController().signal, seconds);

test.each<[string, Trouble]>([
  ['has too much to do', { status: 429 }],
  ['is in trouble', { status: 500 }],
  ['has nobody behind it', { status: 502 }],
  ['is away for a moment', { status: 503 }],
  ['breaks off', 'reset'],
])('a site that %s is asked again', async (_, trouble) => {
  site.troubles.push(trouble, trouble);
  expect(await downloaded()).toEqual(FILE);
  expect(site.asked).toEqual(['/file', '/file', '/file']);
});

test('where the storage that it leads to is in trouble, the site is asked for the way anew', async () => {
  site.redirects.set('/release', '/file');
  site.troubles.push({ status: 302, headers: { location: '/file' } }, { status: 503 });
  expect(await downloaded(60, '/release')).toEqual(FILE);
  expect(site.asked).toEqual(['/release', '/file', '/release', '/file']);
});

test('a site that stays in trouble is asked again until the time for all of it is over', async () => {
  site.troubles.push(...Array.from({ length: 100 }, () => ({ status: 503 })));
  await expect(downloaded(5)).rejects.toThrow(/^127\.0\.0\.1:\d+ answered with status 503$/);
  expect(site.asked.length).toBeGreaterThan(1);
  expect(site.troubles).not.toHaveLength(0);
});

test('a site that is then silent is told by what it has answered', async () => {
  site.troubles.push({ status: 502 }, 'silence');
  await expect(downloaded(5)).rejects.toThrow(/answered with status 502$/);
  expect(site.asked).toHaveLength(2);
});

test('a site that says when to come again is not asked where that is too late', async () => {
  site.troubles.push({ status: 429, headers: { 'retry-after': '6' } });
  await expect(downloaded(5)).rejects.toThrow(/answered with status 429$/);
  expect(site.asked).toHaveLength(1);
});

test('a cancelled step ends the pause', async () => {
  const cancel = new AbortController();
  site.troubles.push({ status: 429, headers: { 'retry-after': '30' } });
  const cancelled = download(`${site.url}/file`, MAX_BYTES, cancel.signal);
  await until('the first question', async () => site.asked.length === 1);
  cancel.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow(/^cancelled$/);
});

test.each([
  ['is not there', () => void site.files.clear(), /answered with status 404$/],
  [
    'is too large',
    () => void site.files.set('/file', Buffer.alloc(MAX_BYTES + 1)),
    /sent more than 100 bytes$/,
  ],
])('what %s is asked for once', async (_, change, why) => {
  change();
  await expect(downloaded()).rejects.toThrow(why);
  expect(site.asked).toHaveLength(1);
});

test('a site that is not trusted is dialled once', async () => {
  const other = await startReleaseSite(directory);
  try {
    const refused = download(`${other.url}/file`, MAX_BYTES, new AbortController().signal);
    await expect(refused).rejects.toThrow(/'s certificate is not trusted: /);
    expect(other.connections()).toBe(1);
  } finally {
    other.close();
  }
});
