import { GIB, KIB, MIB } from './units.js';

/** Limits of the upload and of what lies in ConfigMaps: value, unit in the name, and where it comes from. */

/**
 * The most bytes one ConfigMap may carry in its values: Kubernetes' `MaxSecretSize`
 * (core/v1 types.go), checked by ValidateConfigMap on the decoded bytes.
 */
export const CONFIGMAP_MAX_BYTES = MIB;

/**
 * The most bytes that the catalog may have: what the injector reads (`LARGEST_CATALOG`), and the bytes of
 * it in one ConfigMap.
 */
export const CATALOG_MAX_BYTES = 8 * MIB;
export const CATALOG_PART_BYTES = 512 * KIB;

/**
 * Bytes of parcel in one chunk ConfigMap. Measured with protobuf bodies, four at a time, on
 * Kubernetes 1.37: 46, 51, 66 and 43 MB/s for 256, 512, 768 and 1015 KiB.
 */
export const CHUNK_BYTES = 768 * KIB;

/**
 * Bytes from which on `carrier: auto` streams through the API server. Measured with two nodes, seconds of the whole step
 * from a Docker daemon by ConfigMaps, through the API server and straight: 2.7, 2.7 and 2.8 for 1 MB; 3.2, 2.6 and 2.9
 * for 10 MB; and in another run 4.4 and 3.2 by the first two for 20 MB.
 */
export const STREAM_FROM_BYTES = 16 * MIB;

/**
 * Milliseconds for which less than that may be under way in ConfigMaps where the way was measured; what takes longer is
 * streamed, since nodes pull while it comes. Measured with two nodes, seconds of the whole step by ConfigMaps and by a
 * stream: 14.8 and 10.3 for 10 MB over 20 Mbit/s.
 */
export const STREAM_FROM_MILLISECONDS = 500;

/**
 * The largest content that travels in the parcel although couriers bring the rest: manifests, configs and
 * tiny layers, which cost less there than a question of their own. Ours to choose.
 */
export const PARCEL_CONTENT_MAX_BYTES = 32 * KIB;

/**
 * How much larger than that what a daemon says of its images has to be for the stream to be begun while they
 * are read: their layers may be compressed, or shared.
 */
export const EARLY_FACTOR = 2;

/**
 * Milliseconds for a connection to a node's own address, which shows that the runner is on the cluster's
 * network: many times what a local network takes. A wrong guess costs speed, no more.
 */
export const REACH_MILLISECONDS = 300;

/**
 * Milliseconds for which a runner on the nodes' network looks whether the registry's port opens on a node before
 * that is to pull: kube-proxy programs a Service's endpoints within its `minSyncPeriod` of a second. A pull
 * that comes before is refused, and its Pod has to be made anew.
 */
export const ROUTE_OPEN_MILLISECONDS = 1_000;

/**
 * Milliseconds for which a proof Pod may be there before that port is open, and behind which it is taken back: its kubelet
 * makes a sandbox before it pulls. Measured on two busy cores: 0.5 s from the Pod to the pull, and the port open 0.2 to
 * 0.4 s after the Pod. Where the pull is quicker it is refused, and the Pod comes anew with the open port all the same.
 */
export const EARLY_POD_MILLISECONDS = 450;

/** Nodes whose addresses are tried for that: one that answers is enough, and one may be down. */
export const REACH_NODES_MAX = 3;

/** The port on which kubelets listen (kubelet `--port`), which nodes have open for the API server. */
export const KUBELET_PORT = 10250;

/** Bytes of a request whose way to the API server is timed: five times what a first flight of TCP has. */
export const SPEED_PROBE_BYTES = 512 * KIB;

/** Times that it is asked, and at most where the way looks slow and no two times of it agree. Ours to choose. */
export const SPEED_ROUNDS = 2;
export const SPEED_ROUNDS_MAX = 5;

/** By what factor two times differ at most that agree: on a way that is slow the way is nearly all of each. */
export const SPEED_AGREED_FACTOR = 1.25;

/**
 * Bytes from which on the way is measured for `carrier: auto` alone: twice what the two large questions send. Of less, either
 * carrier takes about as long as the answer.
 */
export const SPEED_ASKED_FROM_BYTES = 2 * MIB;

/**
 * Speed of a way up to which layers are compressed for it, in bytes a second. Measured with images of a Docker daemon on two
 * cores by the API server, half compressible, medians of seconds of the whole step with zstd and without: 14.6 and 12.6 on
 * one machine (500 MB), 4.9 and 4.6 over 1 Gbit/s (100 MB), 8.6 and 8.8 over 400 Mbit/s (200 MB). What is compressed is
 * read to its end before its digests are known, and with them what nodes may ask for; what is not goes while it is read.
 */
export const COMPRESS_BELOW_BYTES_PER_SECOND = 50e6;

/**
 * The same on the nodes' own network, where the stream goes straight and has more than what the API server takes.
 * Measured over ways of 1 Gbit/s (4.1 s without zstd, 4.7 with it, 100 MB) and of 100 Mbit/s (7.9 and 6.5 s, 50 MB);
 * the question finds 23 to 170 MB/s on busy networks that are quicker than the first, and 10 to 11 on the second.
 */
export const COMPRESS_NEAR_BELOW_BYTES_PER_SECOND = 16e6;

/**
 * Bytes a second up to which a way is taken for slow only when two questions agree. A machine that stood still for 35 ms in
 * both made the nodes' own network look so: 500 MB took 25.7 s with zstd, where 11.5 are usual.
 */
export const SPEED_SLOW_BYTES_PER_SECOND = COMPRESS_NEAR_BELOW_BYTES_PER_SECOND;

/** The same below which no two need agree: a machine would have stood still for 130 ms in each, and asking takes long. */
export const SPEED_SURELY_SLOW_BYTES_PER_SECOND = SPEED_SLOW_BYTES_PER_SECOND / 4;

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
 * When to rest between creates (src/carriers/configmaps/stalls.ts): below which speed of lone creates a rest is
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

/** Milliseconds between two lines of progress. */
export const PROGRESS_MILLISECONDS = 1_000;

/**
 * ConfigMaps that one run may need. A Pod with 200 ConfigMap volumes takes 3.2 s to start
 * (measured), and a kubelet asks for 50 a second (`KubeAPIQPS`); 1000 are 20 s.
 */
export const CONFIGMAPS_PER_RUN_MAX = 1_000;

/**
 * Bytes of the control plane's database beyond which nothing is put into ConfigMaps. etcd is read-only from 2 GiB
 * of file on where nobody has set it otherwise (`quota-backend-bytes`), which nothing tells, and what is deleted is given back only by the
 * compaction every five minutes (kube-apiserver `--etcd-compaction-interval`).
 */
export const DATABASE_MAX_BYTES = 1.5 * GIB;

/** Seconds that the question for the database's size may take: the answer is a courtesy. */
export const DATABASE_ASK_SECONDS = 5;
