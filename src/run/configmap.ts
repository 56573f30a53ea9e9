import { createHash } from 'node:crypto';
import { type ApiClient, type ApiObject, PARTIAL_OBJECT } from '../kube/client.js';
import { type CreateOptions, configMapsPath, createConfigMap } from '../kube/configmaps.js';
import { isFault } from '../kube/error.js';
import type { ConfigMapSpec } from '../kube/protobuf.js';
import { ActionError } from '../lib/errors.js';
import type { Pieces } from '../lib/protobuf.js';
import { type Labelled, labelsFor, type OpenRun, type Role } from './run.js';

/** The annotation that tells what a ConfigMap holds, so that a repeated create can be recognised. */
const CONTENT_ANNOTATION = 'jackal-inject.dev/sha256';

/** An immutable ConfigMap of a run's, or of one of its deliveries, that is there for a role. */
export function configMapOf(
  run: Labelled & Pick<OpenRun, 'namespace' | 'owner'>,
  role: Role,
  content: Pick<ConfigMapSpec, 'name' | 'data' | 'binaryData'>,
): ConfigMapSpec {
  const { namespace, owner } = run;
  return { ...content, namespace, owner, labels: labelsFor(run, role), immutable: true };
}

/** How to put: `sha256` (hex) spares hashing the content again. */
export interface PutOptions extends CreateOptions {
  readonly sha256?: string;
}

/**
 * Puts a ConfigMap of a run into the cluster. When one of that name is there with the same content, an
 * earlier attempt had succeeded unnoticed and nothing is left to do; with other content it is an
 * ActionError. Returns whether this create was the one that did it.
 */
export async function putConfigMap(
  client: ApiClient,
  spec: ConfigMapSpec,
  options: PutOptions = {},
): Promise<boolean> {
  const sha256 = options.sha256 ?? contentHash(spec);
  const annotations = { ...spec.annotations, [CONTENT_ANNOTATION]: sha256 };
  try {
    await createConfigMap(client, { ...spec, annotations }, options);
    return true;
  } catch (error) {
    // A quota may count already what an attempt brought there unnoticed.
    const mayBeThere = isFault(error, 'exists') || (isFault(error, 'quota') && error.attempts > 1);
    const path = `${configMapsPath(spec.namespace)}/${spec.name}`;
    const asked = { accept: PARTIAL_OBJECT, signal: options.signal };
    const there = mayBeThere ? await client.find<ApiObject>(path, asked) : undefined;
    if (there === undefined) {
      throw error;
    }
    if (there.metadata?.annotations?.[CONTENT_ANNOTATION] !== sha256) {
      throw new ActionError(
        `The ConfigMap "${spec.name}" in the namespace "${spec.namespace}" is there already with other content; delete it or use another namespace.`,
        { cause: error },
      );
    }
    return false;
  }
}

/** SHA-256 (hex) of a ConfigMap's keys and values, in an order of its own. */
function contentHash({ data = {}, binaryData = {} }: ConfigMapSpec): string {
  const hash = createHash('sha256');
  const values = new Map<string, Pieces>(Object.entries(binaryData));
  for (const [key, value] of Object.entries(data)) {
    values.set(key, [Buffer.from(value)]);
  }
  for (const key of [...values.keys()].sort()) {
    const bytes = Buffer.concat(values.get(key) ?? []);
    hash.update(`${key}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
