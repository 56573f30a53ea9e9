import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Registry, serveImages } from '../../helpers/registry.js';
import { tool, whyNoTools } from '../../helpers/tools.js';
import { workplace } from '../../unit/images/fixtures.js';
import { CLIENTS, client, digestsIn } from './clients.js';
import { ARTIFACT_TYPE, type Contents, digestsBelow, KINDS, makeContents } from './contents.js';

const missing = whyNoTools('skopeo', 'setpriv');
if (missing !== undefined) console.warn(`The registry's clients are not tested: ${missing}.`);

(missing === undefined ? describe : describe.skip)('clients on disk', () => {
  let place: string;
  let contents: Contents;
  let registry: Registry;

  beforeAll(async () => {
    place = await workplace();
    for (const { name } of CLIENTS) await tool(name); // builds one after another: the machine may be small
    contents = await makeContents(place);
    registry = await serveImages(KINDS.map((kind) => contents[kind]));
    await client('regctl', place, ['registry', 'set', registry.host, '--tls', 'disabled']);
  });

  afterAll(async () => {
    const status = await registry?.close();
    await contents?.close();
    expect(status).toBe(0);
  });

  for (const { name, pull, below = '' } of CLIENTS) {
    test.each(KINDS)(`${name} pulls by tag and by digest what the source has: %s`, async (kind) => {
      const image = contents[kind];
      const expected = await digestsBelow(image);
      for (const by of ['tag', 'digest'] as const) {
        const directory = join(place, `${name}-${kind}-${by}`);
        await client(name, place, pull(registry.reference(image, by), directory));
        expect(await digestsIn(join(directory, below))).toEqual(expected);
      }
    });

    test(`${name} pulls an artifact`, async () => {
      const { subject, artifact } = contents;
      const directory = join(place, `${name}-artifact`);
      const reference = `${registry.host}/${registry.repository(subject)}@${artifact}`;
      await client(name, place, pull(reference, directory));
      const got = await digestsIn(join(directory, below));
      // oras brings what the artifact is about as well, regctl a list of its own making.
      expect(got).toEqual(expect.arrayContaining(await digestsBelow(subject, artifact)));
    });
  }

  test('oras and regctl find the artifact by what it is about, and take it along', async () => {
    const { subject, artifact } = contents;
    const reference = registry.reference(subject);
    const all = [
      ...new Set([...(await digestsBelow(subject)), ...(await digestsBelow(subject, artifact))]),
    ].sort();
    const filter = ['--artifact-type', ARTIFACT_TYPE];
    const discover = ['discover', '--plain-http', '--format', 'json', ...filter, reference];
    expect(await client('oras', place, discover)).toContain(artifact);
    const list = ['artifact', 'list', ...['--filter-artifact-type', ARTIFACT_TYPE], reference];
    expect(await client('regctl', place, list)).toContain(artifact);
    const copies = {
      oras: ['cp', '-r', '--no-tty', '--from-plain-http', reference, '--to-oci-layout'],
      regctl: ['image', 'copy', '--referrers', reference],
    };
    for (const name of ['oras', 'regctl'] as const) {
      const directory = join(place, `${name}-recursive`);
      const to = name === 'oras' ? `${directory}:1` : `ocidir://${directory}:1`;
      await client(name, place, [...copies[name], to]);
      expect(await digestsIn(join(directory, 'blobs/sha256'))).toEqual(expect.arrayContaining(all));
    }
  });

  test('crane and skopeo list the tags', async () => {
    const repository = `${registry.host}/${registry.repository(contents.oci)}`;
    expect(await client('crane', place, ['ls', '--insecure', repository])).toBe('1');
    const list = ['list-tags', '--tls-verify=false', `docker://${repository}`];
    expect(JSON.parse(await client('skopeo', place, list)).Tags).toEqual(['1']);
  });

  test('what is not there is an error that clients can tell', async () => {
    const reference = registry.reference(contents.oci).replace(/:1$/, ':2');
    const manifest = ['manifest', '--insecure', reference];
    await expect(client('crane', place, manifest)).rejects.toThrow('MANIFEST_UNKNOWN');
    const wrong = reference.replace(registry.secret, '0'.repeat(32));
    await expect(
      client('skopeo', place, ['inspect', '--tls-verify=false', `docker://${wrong}`]),
    ).rejects.toThrow(/manifest unknown|not found|404/i);
  });
});
