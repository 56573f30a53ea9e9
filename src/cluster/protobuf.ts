/**
 * ConfigMaps in `application/vnd.kubernetes.protobuf`, written by hand: raw bytes instead of
 * base64 in JSON, a quarter less to send and far less for the server to parse. Field numbers are
 * those of core/v1 and meta/v1 generated.proto; the envelope is that of apimachinery
 * runtime/serializer/protobuf: four magic bytes, then a runtime.Unknown.
 */

/** The media type of `encodeConfigMap`'s bytes. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** An object that owns another: its deletion deletes the other too. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** A ConfigMap to be created. */
export interface ConfigMapSpec {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: Owner;
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, Buffer>>;
  readonly immutable?: boolean;
}

/** Pieces of bytes in order: large values are passed through, never copied. */
type Pieces = readonly Buffer[];

const MAGIC = Buffer.from('k8s\0');
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** The body of a create request, in pieces. */
export function encodeConfigMap(spec: ConfigMapSpec): Pieces {
  const typeMeta = [...text(1, 'v1'), ...text(2, 'ConfigMap')];
  const configMap = [
    ...message(1, metadata(spec)),
    ...map(2, spec.data, (value) => Buffer.from(value)),
    ...map(3, spec.binaryData, (value) => value),
    ...flag(4, spec.immutable === true),
  ];
  return [MAGIC, ...message(1, typeMeta), ...message(2, configMap)];
}

/** The same object as JSON would carry it, for servers and proxies that refuse protobuf. */
export function configMapObject(spec: ConfigMapSpec): object {
  const { name, namespace, labels, annotations, owner, data, binaryData, immutable } = spec;
  const encoded = Object.entries(binaryData ?? {}).map(([key, bytes]) => [
    key,
    bytes.toString('base64'),
  ]);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels, annotations, ownerReferences: owner && [owner] },
    data,
    binaryData: binaryData && Object.fromEntries(encoded),
    immutable,
  };
}

function metadata({ name, namespace, labels, annotations, owner }: ConfigMapSpec): Pieces {
  return [
    ...text(1, name),
    ...text(3, namespace),
    ...map(11, labels, (value) => Buffer.from(value)),
    ...map(12, annotations, (value) => Buffer.from(value)),
    ...(owner === undefined ? [] : message(13, ownerReference(owner))),
  ];
}

function ownerReference({ apiVersion, kind, name, uid }: Owner): Pieces {
  return [...text(1, kind), ...text(3, name), ...text(4, uid), ...text(5, apiVersion)];
}

function map<Value>(
  field: number,
  entries: Readonly<Record<string, Value>> = {},
  bytesOf: (value: Value) => Buffer,
): Pieces {
  return Object.entries(entries).flatMap(([key, value]) =>
    message(field, [...text(1, key), ...message(2, [bytesOf(value)])]),
  );
}

function text(field: number, value: string): Pieces {
  return message(field, [Buffer.from(value)]);
}

function message(field: number, content: Pieces): Pieces {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  const head = [...varint((field << 3) | LENGTH_DELIMITED), ...varint(length)];
  return [Buffer.from(head), ...content];
}

function flag(field: number, value: boolean): Pieces {
  return value ? [Buffer.from([...varint((field << 3) | VARINT), 1])] : [];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
