import { beforeEach, describe, expect, test } from '@jest/globals';
import { catalogText } from '../../../../src/payload/catalog.js';
import {
  CONFIG,
  Layout,
  MANIFEST,
  refusal,
  type TestDescriptor,
  workplace,
  writeDirectory,
  writeTar,
} from '../fixtures.js';
import { AMD, ARM, PLAIN, readAll, without } from './helpers.js';

let place = '';
beforeEach(async () => {
  place = await workplace();
});

const SIGNATURE = 'application/vnd.dev.cosign.simplesigning.v1+json';

/** What cosign writes beside an image: an ordinary config, and a layer that is none. */
function beside(layout: Layout, mediaType: string, config = CONFIG): TestDescriptor {
  const payload = layout.blob(Buffer.from(`{"of":"${mediaType}"}`), mediaType);
  const rootfs = { type: 'layers', diff_ids: [payload.digest] };
  const about = layout.json({ architecture: '', os: '', config: {}, rootfs }, config);
  return layout.json(
    { schemaVersion: 2, mediaType: MANIFEST, config: about, layers: [payload] },
    MANIFEST,
  );
}

function artifact(layout: Layout, type: string, layer = 'application/octet-stream') {
  const config = layout.json({ name: type }, type);
  const layers = [layout.blob(Buffer.from(type), layer)];
  return layout.json({ schemaVersion: 2, mediaType: MANIFEST, config, layers }, MANIFEST);
}

describe('what lies beside an image and is about it', () => {
  const kinds = ['sigs', 'atts', 'sboms'];

  test.each([
    ...kinds.map((kind) => [`the annotation kind ${kind}`, 'text/plain', kind] as const),
    ['a signature of cosign', SIGNATURE, undefined],
    ['an attestation', 'application/vnd.dsse.envelope.v1+json', undefined],
    ['a statement of in-toto', 'application/vnd.in-toto+json', undefined],
    ['a bundle of sigstore', 'application/vnd.dev.sigstore.bundle.v0.3+json', undefined],
    ['an SBOM by SPDX', 'text/spdx+json', undefined],
    ['an SBOM by SPDX, as text', 'text/spdx', undefined],
    ['an SBOM by CycloneDX', 'application/vnd.cyclonedx+json', undefined],
    ['an SBOM by Syft', 'application/vnd.syft+json', undefined],
    ['a signature of Notary', 'application/jose+json', undefined],
  ])('%s', async (_, mediaType, kind) => {
    const layout = new Layout();
    const image = without(layout.image([PLAIN]), 'platform');
    const annotations = { kind: 'dev.cosignproject.cosign/image' };
    layout.listed.push({ ...image, ...(kind === undefined ? {} : { annotations }) });
    const about = beside(layout, mediaType);
    const told = { annotations: { kind: `dev.cosignproject.cosign/${kind}` } };
    layout.listed.push({ ...about, ...(kind === undefined ? {} : told) });
    for (const source of [
      await writeTar(place, layout.entries()),
      await writeDirectory(place, layout.entries()),
    ]) {
      const { images } = await readAll(place, source);
      expect(images.map(({ target }) => target.digest)).toEqual([image.digest]);
    }
  });

  test('beside an index, and among the manifests of one', async () => {
    const layout = new Layout();
    const signature = beside(layout, SIGNATURE);
    const index = layout.index([
      layout.image([PLAIN]),
      layout.image([PLAIN], { platform: ARM }),
      signature,
      { ...beside(layout, 'application/vnd.dsse.envelope.v1+json'), platform: AMD },
      { ...artifact(layout, 'application/vnd.cncf.helm.config.v1+json'), platform: AMD },
    ]);
    layout.list(index).list(beside(layout, 'text/spdx+json'));
    const { images } = await readAll(place, await writeTar(place, layout.entries()));
    expect(images.map(({ target }) => target.digest)).toEqual([index.digest]);
    expect(images[0]?.manifests).toHaveLength(2);
  });

  test('beside the images of an index.json that is the index itself', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN])).list(layout.image([PLAIN], { platform: ARM }));
    layout.list(beside(layout, SIGNATURE));
    const { images } = await readAll(place, await writeTar(place, layout.entries()));
    expect(images).toHaveLength(1);
    expect(images[0]?.manifests).toHaveLength(2);
  });
});

describe('artifacts in a whole archive', () => {
  const CHART = 'application/vnd.cncf.helm.config.v1+json';

  test('are left out with a line of the log, by name or without', async () => {
    for (const name of ['r.io/chart:1', undefined]) {
      const layout = new Layout();
      const image = layout.image([PLAIN]);
      layout.list(image, 'r.io/web:1').list(artifact(layout, CHART), name);
      const { images, notices } = await readAll(place, await writeTar(place, layout.entries()));
      expect(images.map(({ target }) => target.digest)).toEqual([image.digest]);
      expect(notices).toEqual([expect.stringContaining(`is an artifact of type ${CHART}`)]);
      expect(notices[0]).toContain('is left out');
    }
  });

  test('so is an index of nothing but artifacts, and what is no manifest at all', async () => {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const parts = [artifact(layout, CHART), artifact(layout, 'application/vnd.test')];
    layout.list(image, 'r.io/web:1').list(layout.index(parts), 'r.io/charts:1');
    layout.list(layout.blob(Buffer.from('<xml/>'), 'application/xml'), 'r.io/notes:1');
    const { images, notices } = await readAll(place, await writeTar(place, layout.entries()));
    expect(images.map(({ target }) => target.digest)).toEqual([image.digest]);
    expect(notices).toHaveLength(2);
  });

  test('are refused when they are what was asked for, and when there is nothing else', async () => {
    const layout = new Layout();
    layout.list(layout.image([PLAIN]), 'web').list(artifact(layout, CHART), 'chart');
    const directory = await writeDirectory(place, layout.entries());
    expect(await refusal(place, [`oci:${directory}:chart`])).toContain(`artifact of type ${CHART}`);
    for (const name of ['chart', undefined]) {
      const alone = new Layout();
      alone.list(artifact(alone, CHART), name);
      expect(await refusal(place, [await writeTar(place, alone.entries())])).toContain(
        `artifact of type ${CHART}`,
      );
    }
  });
});

test.each<[string, (layout: Layout, subject: TestDescriptor) => TestDescriptor]>([
  ['an index', (layout, subject) => layout.index([], { subject })],
  [
    'a manifest without a config',
    (layout, subject) =>
      layout.json({ schemaVersion: 2, mediaType: MANIFEST, layers: [], subject }, MANIFEST),
  ],
  [
    'a manifest with a layer of another digest than sha256',
    (layout, subject) => {
      const config = layout.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
      const layers = [{ ...config, digest: `sha512:${'0'.repeat(128)}` }];
      const manifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers, subject };
      return layout.json(manifest, MANIFEST);
    },
  ],
])('%s about an image that has no content of its own is left out', async (_, about) => {
  const layout = new Layout();
  const image = layout.image([PLAIN]);
  layout.list(image, 'r.io/web:1').list(about(layout, without(image, 'platform')));
  const { images } = await readAll(place, await writeTar(place, layout.entries()));
  expect(images.map(({ target }) => target.digest)).toEqual([image.digest]);
  expect(images[0]?.manifests).toHaveLength(1);
  expect(images[0]?.referrers).toEqual([]);
});

describe('artifacts about an image whose fields are not what they should be', () => {
  const TYPE = 'application/vnd.example';
  const LINE = `\nblob sha256:${'0'.repeat(64)} 7`;

  /** An image with one artifact about it, and the lines of the catalog for both. */
  async function catalogOf(more: (image: TestDescriptor) => object) {
    const layout = new Layout();
    const image = layout.image([PLAIN]);
    const config = layout.blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const about = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [], ...more(image) };
    const annotations = { 'vnd.docker.reference.digest': image.digest };
    layout.list(image, 'r.io/web:1');
    layout.listed.push({ ...layout.json(about, MANIFEST), annotations });
    const { images, notices } = await readAll(place, await writeTar(place, layout.entries()));
    const served = images.map((one) => ({ image: one, repository: 'web' }));
    return { text: catalogText('f'.repeat(32), served, []), images, notices };
  }

  test.each([
    ['a line break in the artifact type', `${TYPE}${LINE}`],
    ['a space', 'two words/x'],
    ['parameters', 'text/plain; charset=utf-8'],
    ['no slash', 'sbom'],
    ['300 characters', `a/${'b'.repeat(300)}`],
  ])('%s', async (_, artifactType) => {
    const { text, images, notices } = await catalogOf((subject) => ({ artifactType, subject }));
    expect(text).not.toContain('blob sha256:0000');
    expect(images[0]?.referrers).toEqual([]);
    expect(notices).toEqual([expect.stringContaining('is left out')]);
    expect(notices.join('')).not.toContain('\n');
  });

  test('a subject with a line break beside a reference that is right', async () => {
    const { text } = await catalogOf((image) => ({
      artifactType: TYPE,
      subject: { ...image, digest: `${image.digest}${LINE}` },
    }));
    expect(text).not.toContain('blob sha256:0000');
  });

  test('annotations with control characters, and annotations that are none', async () => {
    const annotations = { note: 'a\u0085b\u007f\u2028c\nd', number: 7, list: ['x'] };
    const { text, images } = await catalogOf((subject) => ({
      artifactType: TYPE,
      subject,
      annotations,
    }));
    expect(text.split('\n').filter((line) => line.startsWith('referrer '))).toHaveLength(1);
    // The injector refuses a catalog with any of these.
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(images[0]?.referrers[0]?.descriptor ?? '').annotations).toEqual({
      note: annotations.note,
    });
    const list = await catalogOf((subject) => ({ artifactType: TYPE, subject, annotations: [1] }));
    expect(JSON.parse(list.images[0]?.referrers[0]?.descriptor ?? '')).not.toHaveProperty(
      'annotations',
    );
  });
});
