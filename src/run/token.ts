import type { V1Secret, V1Volume } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { labelsFor, nameOf, type OpenRun, type Run, type RunPlace } from './run.js';

/** Key of the token in the run's Secret. */
const TOKEN_KEY = 'token';
/** Where Pods that prove to know the token have it. */
export const TOKEN_MOUNT = '/jackal-token';
export const TOKEN_FILE = `${TOKEN_MOUNT}/${TOKEN_KEY}`;

/** Path of the run's token; a release has one for each step. */
export const tokenPath = ({ id, namespace }: RunPlace, firstDelivery = 0) =>
  `${collection.secrets(namespace)}/${nameOf.token(id, firstDelivery)}`;

/**
 * Puts the run's token into the cluster: who knows it may bring bytes to the registry. Throws ApiError.
 */
export async function createToken(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner' | 'firstDelivery'>,
  signal: AbortSignal,
): Promise<void> {
  const secret: V1Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: nameOf.token(run.id, run.firstDelivery),
      labels: labelsFor(run, 'token'),
      ownerReferences: [run.owner],
    },
    immutable: true,
    data: { [TOKEN_KEY]: Buffer.from(run.token).toString('base64') },
  };
  try {
    await client.create<V1Secret>(collection.secrets(run.namespace), secret, { signal });
  } catch (error) {
    // An earlier attempt had succeeded unnoticed: nobody else knows the run's name.
    if (!isFault(error, 'exists')) {
      throw error;
    }
  }
}

/** The volume that carries the token, readable for whatever user a Pod runs as. */
export function tokenVolume({
  id,
  firstDelivery,
}: Pick<OpenRun, 'id' | 'firstDelivery'>): V1Volume {
  const secretName = nameOf.token(id, firstDelivery);
  return { name: 'token', secret: { secretName, defaultMode: 0o444 } };
}
