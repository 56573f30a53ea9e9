import { isDeepStrictEqual } from 'node:util';
import { type ApiClient, type ApiObject, AS_REMEMBERED } from '../../kube/client.js';
import { isFault } from '../../kube/error.js';

/** A collection of what holds data and nothing else. */
export type DataCollection = 'configmaps' | 'secrets';

/** A ConfigMap or a Secret. */
type DataObject = ApiObject & {
  readonly metadata?: { readonly namespace?: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
};

/**
 * Whether what has this name in a namespace is there in another one, too, with the same content, as where a tool copies
 * it into every namespace: with such a copy nothing is lost. False where the user may not see the other ones. An answer
 * from the API server's memory will do, for which it reads no etcd. Throws ApiError.
 */
export async function isCopy(
  client: ApiClient,
  resource: DataCollection,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const query = { ...AS_REMEMBERED, fieldSelector: `metadata.name=${name}` };
  try {
    const { items } = await client.list<DataObject>(`/api/v1/${resource}`, { query, signal });
    const own = items.find(({ metadata }) => metadata?.namespace === namespace);
    const others = items.filter((one) => one !== own);
    return own !== undefined && others.some((one) => isDeepStrictEqual(dataOf(one), dataOf(own)));
  } catch (error) {
    if (isFault(error, 'permission')) return false;
    throw error;
  }
}

const dataOf = ({ type, data, binaryData }: DataObject) => ({ type, data, binaryData });
