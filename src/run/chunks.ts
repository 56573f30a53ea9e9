import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';

/** Key of the bytes in a chunk's ConfigMap. */
export const CHUNK_KEY = 'chunk';
/** Where a Pod that reads chunks has them. */
export const CHUNKS_MOUNT = '/jackal-chunks';

/** The path of a chunk below the chunks directory: its volume's mount and the ConfigMap's key. */
export function chunkPath(index: number): string {
  return `${directoryOf(index)}/${CHUNK_KEY}`;
}

/** Volumes of chunks, by the names of their ConfigMaps, and where each is mounted: at the `chunkPath` of its place. */
export function chunkVolumes(names: readonly string[]): {
  readonly volumes: V1Volume[];
  readonly mounts: V1VolumeMount[];
} {
  return {
    volumes: names.map((name, index) => ({ name: `chunk-${index}`, configMap: { name } })),
    mounts: names.map((_, index) => ({
      name: `chunk-${index}`,
      mountPath: `${CHUNKS_MOUNT}/${directoryOf(index)}`,
      readOnly: true,
    })),
  };
}

function directoryOf(index: number): string {
  return index.toString().padStart(4, '0');
}
