import { Readable } from 'node:stream';
import type { ApiClient } from '../../../src/kube/client.js';
import { type Payload, payloadOf, pullableReference } from '../../../src/payload/payload.js';
import { Stages } from '../../../src/report/stages.js';
import { createLease } from '../../../src/run/lease.js';
import { findPlace } from '../../../src/run/namespace.js';
import { newRun, type OpenRun } from '../../../src/run/run.js';
import { USUAL_SHAPE } from '../../../src/run/shape.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { sha256 } from '../../unit/images/fixtures.js';
import { REGISTRY } from '../../unit/rewrite/images.js';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
/** A payload of one image `web`, whose manifest is this text. */
export function payloadWith(text: string, tag = '1') {
  const manifest = Buffer.from(text);
  const digest = `sha256:${sha256(manifest)}`;
  return payloadOf({
    images: [
      {
        ...{ given: `web:${tag}`, name: 'docker.io/library/web', tag, digestKept: true },
        ...{ platforms: ['linux/amd64'], referrers: [] },
        target: { mediaType, digest, size: manifest.length },
        manifests: [{ digest, mediaType, bytes: manifest }],
        blobs: [{ digest, size: manifest.length, open: () => Readable.from([manifest]) }],
      },
    ],
  });
}

/** What nodes pull for the image of a payload. */
export function pulledOf({ served }: Pick<Payload, 'served'>): string {
  return pullableReference(REGISTRY, served[0] as Payload['served'][number]);
}

/**
 * A run with a namespace of its own, and its job as far as the stage that rewrites names needs it.
 */
export async function preparedJob(
  client: ApiClient,
  about: Partial<OpenRun>,
  payload: Payload,
): Promise<{ job: RehearsedJob; run: OpenRun }> {
  // Before the namespace is made, as in a run: names are rewritten in what is not older.
  const since = Date.now();
  const { signal } = new AbortController();
  const { release } = about;
  const made = newRun(release === undefined ? {} : { release });
  await findPlace(client, made, signal);
  const owner = await createLease(client, made, 0, signal);
  const run: OpenRun = { ...made, registry: REGISTRY, owner, ...about };
  const job = {
    ...{ client, signal, shape: USUAL_SHAPE, log: new Stages() },
    inputs: { rewrite: 'policy', rewriteNamespaces: '', timeout: 600 },
    rewriteIn: { kind: 'own', namespace: 'default', since },
    laid: Promise.resolve({ payload }),
  };
  return { job: job as unknown as RehearsedJob, run };
}
