import type { V1Secret, V1Volume } from '@kubernetes/client-node';
import type { ApiClient } from '../kube/client.js';
import { isFault } from '../kube/error.js';
import { labelsFor, nameOf, type OpenRun, type Run, type RunPlace } from './run.js';

/** Key of the token in the run's Secret. */
export const TOKEN_KEY = 'token';
/** Where Pods that prove to know the token have it. */
export const TOKEN_MOUNT = '/jackal-token';
export const TOKEN_FILE = `${TOKEN_MOUNT}/${TOKEN_KEY}`;

/** Path of the run's token. */
export const tokenPath = ({ id, namespace }: RunPlace) =>
  `${secretsPath(namespace)}/${nameOf.token(id)}`;

const secretsPath = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

/**
 * Puts the run's token into the cluster: who knows it may bring bytes to the registry. Throws ApiError.
 */
export async function createToken(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner'>,
  signal: AbortSignal,
): Promise<void> {
  const secret: V1Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: nameOf.token(run.id),
      labels: labelsFor(run, 'token'),
      ownerReferences: [run.owner],
    },
    immutable: true,
    data: { [TOKEN_KEY]: Buffer.from(run.token).toString('base64') },
  };
  try {
    await client.create<V1Secret>(secretsPath(run.namespace), secret, { signal });
  } catch (error) {
    // An earlier attempt had succeeded unnoticed: nobody else knows the run's name.
    if (!isFault(error, 'exists')) {
      throw error;
    }
  }
}

/** Puts another token in the place of an earlier step's, which nobody needs any more. Throws ApiError. */
export async function replaceToken(
  client: ApiClient,
  run: Run & Pick<OpenRun, 'owner'>,
  signal: AbortSignal,
): Promise<void> {
  await client.delete(tokenPath(run), { signal });
  await createToken(client, run, signal);
}

/** The volume that carries the token, readable for whatever user a Pod runs as. */
export function tokenVolume({ id }: Pick<RunPlace, 'id'>): V1Volume {
  return { name: 'token', secret: { secretName: nameOf.token(id), defaultMode: 0o444 } };
}
