/** Every limit that the action keeps, in one place: value, unit in the name, and where it comes from. */

/** Bytes in a kibibyte and a mebibyte. */
export const KIB = 1024;
export const MIB = 1024 * KIB;

/**
 * The most bytes one ConfigMap may carry in its values: Kubernetes' `MaxSecretSize`
 * (core/v1 types.go), checked by ValidateConfigMap on the decoded bytes.
 */
export const CONFIGMAP_MAX_BYTES = MIB;

/**
 * Bytes of parcel in one chunk ConfigMap. Measured with protobuf bodies, four at a time, on
 * Kubernetes 1.37: 46, 51, 66 and 43 MB/s for 256, 512, 768 and 1015 KiB.
 */
export const CHUNK_BYTES = 768 * KIB;

/** Chunk creates in flight at once. Measured as above: 54, 66 and 50 MB/s for 1, 4 and 8. */
export const CHUNK_CONCURRENCY = 4;

/**
 * Bytes of chunks that a run may hold in ConfigMaps at once. A control plane spends about eleven
 * bytes of memory on each byte of ConfigMap (measured on Kubernetes 1.37), and etcd's default
 * space quota is 2 GiB (etcd `DefaultQuotaBytes`).
 */
export const CONFIGMAP_BUDGET_BYTES = 256 * MIB;
