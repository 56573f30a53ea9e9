import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../helpers/link/free-port.js';
import { type Registry, serveImages } from '../../helpers/registry.js';
import { tool, whyNoTools } from '../../helpers/tools.js';
import { workplace } from '../../unit/images/fixtures.js';
import { GROUPS, type ReadOnlyData, runGroup } from './conformance.js';
import { type Contents, makeContents } from './contents.js';

const missing = whyNoTools('setpriv');
if (missing !== undefined) console.warn(`Conformance is not tested: ${missing}.`);

(missing === undefined ? describe : describe.skip)('OCI distribution-spec conformance', () => {
  let contents: Contents;
  let registry: Registry;
  let data: ReadOnlyData;

  beforeAll(async () => {
    await tool('conformance');
    contents = await makeContents(await workplace());
    const { index, subject } = contents;
    registry = await serveImages([index, subject]);
    const digests = (images: readonly { digest: string }[]) => images.map(({ digest }) => digest);
    data = {
      host: registry.host,
      repository: registry.repository(subject),
      tags: ['1'],
      // Every listed content is in every listed repository.
      manifests: digests([...index.manifests, ...subject.manifests]),
      blobs: digests([...index.blobs, ...subject.blobs]),
      subjects: [subject.target.digest, index.target.digest],
    };
  });

  afterAll(async () => {
    await registry?.close();
    await contents?.close();
  });

  test.each(GROUPS)('%s passes without a failure', async (group) => {
    const { report, ...verdict } = await runGroup(group, data);
    expect(verdict).toEqual({ passed: true, pass: expect.any(Number), fail: 0, error: 0 });
    expect(verdict.pass).toBeGreaterThan(0);
  });

  test('a registry that is not there does not pass', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    expect(await runGroup('ping', { ...data, host })).toMatchObject({ passed: false, pass: 0 });
  });

  test('a registry that lacks a blob does not pass', async () => {
    const blobs = [`sha256:${'0'.repeat(64)}`];
    const verdict = await runGroup('read-only', { ...data, blobs });
    expect(verdict).toMatchObject({ passed: false, fail: expect.any(Number) });
    expect(verdict.fail).toBeGreaterThan(0);
  });
});
