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

/**
 * Bytes that one injector may have: it travels in a single ConfigMap. The project's own gate for
 * releases is tighter (512 KiB, in the crate's tests).
 */
export const INJECTOR_MAX_BYTES = CONFIGMAP_MAX_BYTES;

/**
 * Seconds after its main step after which what a run left behind may be taken away by anyone, and after
 * which its Pods end by themselves: the longest that a job may run on a GitHub-hosted runner (6 hours).
 */
export const RUN_LIFETIME_SECONDS = 6 * 3600;

/**
 * Seconds after which a run whose main step says nothing any more may be taken away by anyone: more
 * than twice `RETRY_PATIENCE_SECONDS`, so that no outage of the control plane that a run survives ends
 * its lease.
 */
export const RUN_LEASE_SECONDS = 300;

/** Seconds between two renewals of the lease: several may fail in a row. */
export const RUN_LEASE_RENEW_SECONDS = 60;

/** Memory limit of the registry's container; the injector's use does not grow with the payload. */
export const REGISTRY_MEMORY = '64Mi';

/** Images that the registry is tried on before the run gives up: each failed one costs a second. */
export const REGISTRY_BASES_MAX = 6;

/** Restarts of the registry after bad ends from which on nobody waits for the next: ours to choose. */
export const REGISTRY_CRASHES_MAX = 3;

/** Times that a run is done anew from the upload on because its registry's Pod was lost: ours to choose. */
export const REGISTRY_LOSSES_MAX = 1;

/** Bytes that the registry's store may take beyond the blobs themselves: names, partial files. */
export const REGISTRY_STORE_OVERHEAD_BYTES = 16 * MIB;

/*
 * Images (src/images).
 */

/**
 * Bytes of one manifest, index, config or table of an archive. The distribution spec asks registries
 * to take manifests of at least 4 MiB; containers/image refuses more for manifests and configs alike
 * (`iolimits.MaxManifestBodySize`, `MaxConfigBodySize`).
 */
export const DOCUMENT_MAX_BYTES = 4 * MIB;

/** Bytes of all manifests of one image, which are held in memory: ours to choose. */
export const DOCUMENTS_MAX_BYTES = 64 * MIB;

/** Levels of indexes above an image. BuildKit, Docker and oras write at most two; ours to choose. */
export const INDEX_MAX_DEPTH = 8;

/** Manifests and indexes read for one image: far above any real image, far below a stall. */
export const MANIFESTS_MAX = 1024;

/** Layers of one image. overlayfs takes 500 lower directories, Docker 127; ours to choose. */
export const LAYERS_MAX = 1024;

/** Entries of one archive: a 127-layer image of Docker 20.10 has 510. */
export const ARCHIVE_ENTRIES_MAX = 100_000;

/**
 * Characters of all paths and link targets of one archive, which are held in memory: 335 for each of
 * as many entries as there may be. Ours to choose.
 */
export const ARCHIVE_NAMES_MAX_CHARACTERS = 32 * MIB;

/** Symbolic links followed for one path of an archive: Linux' own bound (`MAXSYMLINKS`). */
export const ARCHIVE_LINKS_MAX = 40;

/** Bytes of one extended header of a tar: npm tar's own bound (`maxMetaEntrySize`). */
export const ARCHIVE_HEADER_MAX_BYTES = MIB;

/** Bytes that one compressed archive or layer may unfold to, so that a bomb ends: ours to choose. */
export const UNFOLDED_MAX_BYTES = 64 * 1024 * MIB;

/**
 * Window of a zstd frame from which on only one is decoded at a time: RFC 8878 (3.1.1.1.2) asks
 * decoders to take 8 MiB, libzstd's takes up to 128 MiB and as much memory. Four at once took 680 MB.
 */
export const ZSTD_WINDOW_BYTES = 8 * MIB;

/**
 * Uncompressed bytes in one independent frame. Level 3 of zstd looks back 2 MiB, so frames of 4 MiB
 * lose little, and eight in flight stay far below the memory budget.
 */
export const COMPRESSION_BLOCK_BYTES = 4 * MIB;

/** Bytes read at once from a file. */
export const READ_BYTES = MIB;

/**
 * Milliseconds that the Docker daemon may stay silent. Docker 20.10 writes all layers to its own disk
 * before the first byte of a save: 2.5 s for 500 MB here, minutes for large images on slow disks.
 */
export const DAEMON_SILENCE_MS = 600_000;

// Talking to the API server (src/cluster).

/**
 * Seconds after which one attempt at a request is given up. The API server bounds a create or
 * patch by 34 s (apiserver endpoints/handlers/rest.go, `requestTimeoutUpperBound`), so nothing
 * useful comes later.
 */
export const REQUEST_DEADLINE_SECONDS = 35;

/** Seconds for which a request is tried again and again; a control plane restart fits in. */
export const RETRY_PATIENCE_SECONDS = 120;

/**
 * Seconds for which an address that has never answered is tried: a wrong address in a kubeconfig
 * shall be said soon.
 */
export const FIRST_CONTACT_SECONDS = 10;

/** Milliseconds of the first pause between attempts, doubled each time up to the second value. */
export const RETRY_BASE_MILLISECONDS = 200;
export const RETRY_MAX_MILLISECONDS = 8_000;

/**
 * The longest `Retry-After` that is followed, in seconds: the most that API priority and fairness
 * asks for (apiserver util/flowcontrol/dropped_requests_tracker.go, `maxRetryAfter`).
 */
export const RETRY_AFTER_MAX_SECONDS = 32;

/**
 * Seconds after which the server is asked to end a watch, which is then opened again: load
 * balancers cut silent connections, the strictest after 60 s (AWS ELB), some without a word.
 */
export const WATCH_SECONDS = 50;

/** Seconds of silence after `WATCH_SECONDS` until a watch is taken for dead. */
export const WATCH_GRACE_SECONDS = 15;

/** Objects in one page of a list (client-go's pager uses the same, tools/pager `defaultPageSize`). */
export const LIST_PAGE = 500;

/** Seconds for which a token file is not read again (client-go transport/token_source.go: 1 min, 10 s leeway). */
export const TOKEN_FILE_SECONDS = 50;

/** Seconds before its expiry at which a credential is fetched anew (client-go keeps 10 s). */
export const CREDENTIAL_LEEWAY_SECONDS = 10;

/** Seconds that a credential plugin may run; it may ask a cloud's identity service. */
export const CREDENTIAL_PLUGIN_SECONDS = 60;

/** Deletes in flight at once: fewer than creates, for throttled control planes refuse deletes first. */
export const DELETE_CONCURRENCY = 4;

/**
 * Seconds for which Pods are tried again in a namespace without its `default` ServiceAccount; the
 * controller manager makes it within a second on an idle cluster.
 */
export const SERVICE_ACCOUNT_PATIENCE_SECONDS = 30;

/**
 * Seconds for which a node that cannot reach the registry is asked again with a new Pod. kube-proxy
 * programs a new Service within its sync period, one second by default (kube-proxy
 * `minSyncPeriod`), and more on clusters with many Services.
 */
export const ROUTE_PATIENCE_SECONDS = 45;

/** Times that a node is asked again after a failure that is not about the route. */
export const PROOF_RETRIES = 1;

/** Seconds that the post step takes at most before it says what is left. */
export const CLEANUP_TIMEOUT_SECONDS = 120;

/** Seconds after which what dead runs left is left to the next run: half of the post step's time. */
export const REMOVE_DEAD_SECONDS = 60;

// Uploading chunks at the pace of the control plane (src/cluster/pace.ts).

/**
 * Creates in flight at once up to which the first rounds double, and at most. Measured on two
 * cores: 51, 72, 84 and 69 MB/s for 1, 4, 8 and 16.
 */
export const UPLOAD_CONCURRENCY_START = 4;
export const UPLOAD_CONCURRENCY_MAX = 16;

/**
 * What each create in flight beyond the first must add, as a share of the speed of a lone one, for
 * yet another to be tried, and for it to be kept. Measured with two cores: 0.2, 0.13, 0.08 and 0.02
 * for 2, 4, 8 and 16 at once; with 20 % of one core: nothing, while others' requests waited 2.5
 * times as long with 4 at once as with 1.
 */
export const UPLOAD_GAIN_GROW = 0.1;
export const UPLOAD_GAIN_KEEP = 0.05;

/**
 * What each create beyond the first must add where little gets through: half of what it adds on a long
 * way. Measurements vary by as much on a control plane without CPU. Who adds as much is soon doubled.
 */
export const UPLOAD_GAIN_CLEAR = 0.5;

/**
 * Speed from which on a control plane has enough for all, so that the gain of more at once is not asked
 * for. Measured with two cores, which everything shared: raw 42, 43, 55 and 58 MB/s for 2, 4, 8 and 16 at
 * once, while the p95 of others' GETs was 48, 76, 103 and 121 ms.
 */
export const AMPLE_BYTES_PER_MILLISECOND = 16_000;

/**
 * By what factor the creates in flight and the chunks then grow with each round. Measured with 100 MB,
 * 14 rounds: 0.96 of the raw upper bound with 4, 0.91 with 2.
 */
export const UPLOAD_AMPLE_FACTOR = 4;

/** Answers in a round: alone, and at least with several in flight. */
export const UPLOAD_ROUND_ALONE = 2;
export const UPLOAD_ROUND_TOGETHER = 4;

/**
 * Rounds after which a lone create is measured again, first and ever after: the first creates of
 * all are slower, for connections and caches are cold.
 */
export const UPLOAD_ROUNDS_FIRST_CHECK = 6;
export const UPLOAD_ROUNDS_CHECK = 25;

/** Rounds alone after which a control plane that gained nothing from a second create is asked again. */
export const UPLOAD_ROUNDS_CONTENT = 8;

/** Rounds alone before a second create is tried for the first time where little gets through. */
export const UPLOAD_ROUNDS_STARVED = 3;

/** By how much a lone create's time may grow from one measurement to the next, as a factor. */
export const UPLOAD_LONE_EASE = 1.1;

/**
 * When to rest between creates (src/cluster/stalls.ts): below which speed of lone creates a rest is
 * tried, and by what factor it has to make them quicker. Measured with 20 % of one CPU and creates of
 * 128 KiB: 1.5 MB/s, 85 ms without and 9 ms with a rest; with two CPUs that other work kept busy as
 * well: above 10 MB/s.
 */
export const STARVED_BYTES_PER_MILLISECOND = 4_000;
export const STALL_FACTOR = 3;

/** Milliseconds in which a control group gets its share of CPU once (Linux, `cpu.max`). */
export const CPU_PERIOD_MILLISECONDS = 100;

/** What a quick create leaves of the rest. It makes up for a doubling with one stall in 24 creates. */
export const REST_EASE = 0.97;

/** Creates in a row after which a rest has not helped, and for how many creates there is none then. */
export const REST_VAIN = 16;
export const REST_WEARY = 64;

/** Milliseconds of a create from which on the control plane is slow: far inside its own 34 s. */
export const SLOW_CREATE_MILLISECONDS = 2_000;

/**
 * The smallest chunk, in bytes, that a slow control plane brings about. Measured with 20 % of one
 * CPU: 5.9, 10.7, 9.9 and 9.7 MB/s for 128, 256, 512 and 1015 KiB.
 */
export const CHUNK_MIN_BYTES = 128 * KIB;

/** Bytes by which chunks grow again with each round of quick creates. */
export const CHUNK_STEP_BYTES = 64 * KIB;

/**
 * Milliseconds after which an idle connection to the API server is closed here: load balancers
 * forget it after 60 s (AWS ELB), and a body sent on it then would wait for its deadline.
 */
export const IDLE_CONNECTION_MILLISECONDS = 45_000;

/** Milliseconds between two lines of progress. */
export const PROGRESS_MILLISECONDS = 1_000;

/** Access reviews in flight at once: a few connections that the upload uses again. */
export const ACCESS_REVIEW_CONCURRENCY = 6;

/**
 * ConfigMaps that one run may need. A Pod with 200 ConfigMap volumes takes 3.2 s to start
 * (measured), and a kubelet asks for 50 a second (`KubeAPIQPS`); 1000 are 20 s.
 */
export const CONFIGMAPS_PER_RUN_MAX = 1_000;
