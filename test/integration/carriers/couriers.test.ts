import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { V1ConfigMap, V1Pod } from '@kubernetes/client-node';
import { Pace } from '../../../src/carriers/configmaps/pace.js';
import { type Bringing, bringByCouriers } from '../../../src/carriers/couriers/bring.js';
import { Orders } from '../../../src/carriers/couriers/orders.js';
import { Places } from '../../../src/carriers/couriers/places.js';
import { WatchedCouriers } from '../../../src/carriers/couriers/watched.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { configMapsPath, deleteConfigMaps } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { isFault } from '../../../src/kube/error.js';
import { collection } from '../../../src/kube/pods.js';
import { KIB } from '../../../src/lib/limits/units.js';
import { unlessAborted } from '../../../src/lib/waiting.js';
import type { ParcelEntry } from '../../../src/payload/parcel.js';
import { type Delivery, nameOf, selectorOf } from '../../../src/run/run.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { allIn, CREATING, playKubelets, RUNNING } from '../run/played-nodes.js';
import { configMapsIn, leasedRun, makeQuota } from '../run/run-objects.js';
import { holdCreates } from '../run/watched-client.js';

const CHUNK = 128 * KIB;
const WINDOW = 9 * CHUNK;
const SOON = { takeSeconds: 0.2, lookSeconds: 0.2, startSeconds: 1000 };
const LATE = { takeSeconds: 1000, lookSeconds: 1000, startSeconds: 1000 };
const BASES = [
  { node: 'one', architecture: 'amd64', image: 'pause:1' },
  { node: 'two', architecture: 'amd64', image: 'pause:1' },
];

let plane: ControlPlane;
let admin: Connection;
let delivery: Delivery;
let over: PromiseWithResolvers<void>;
/** What couriers have brought, by digest: each stretch at its offset. */
let brought: Map<string, Map<number, Buffer>>;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: true });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

beforeEach(async () => {
  delivery = await leasedRun(admin.client, { namespace: 'default' });
  over = Promise.withResolvers();
  brought = new Map();
});

function content(size: number, seed: number): ParcelEntry & { readonly bytes: Buffer } {
  const bytes = Buffer.alloc(size, `content ${seed} `);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { digest, size, bytes, open: () => Readable.from([bytes]) };
}

const get = (name: string) =>
  admin.client.get<V1ConfigMap>(`${configMapsPath(delivery.namespace)}/${name}`);

/** Does what a courier does with the mounts of its Pod, to the bytes that were brought. */
async function carry(pod: V1Pod): Promise<void> {
  const volume = (name: string) => pod.spec?.volumes?.find((one) => one.name === name);
  const files = volume('chunks')?.projected?.sources?.map(({ configMap }) => configMap) ?? [];
  const plan = (await get(volume('plan')?.configMap?.name as string)).data?.plan ?? '';
  // The one that says that nothing more comes brings nothing.
  for (const line of plan
    .split('\n')
    .slice(1, -2)
    .filter((each) => each !== 'last')) {
    const [, digest = '', , offset, path = '', length, sha256] = line.split(' ');
    const file = files.find((one) => one?.items?.[0]?.path === path);
    const chunk = await get(file?.name as string);
    const bytes = Buffer.from(chunk.binaryData?.[file?.items?.[0]?.key ?? ''] ?? '', 'base64');
    expect([String(bytes.length), createHash('sha256').update(bytes).digest('hex')]).toEqual([
      length,
      sha256,
    ]);
    const stretches = brought.get(digest) ?? new Map<number, Buffer>();
    brought.set(digest, stretches.set(Number(offset), bytes));
  }
}

/** The bytes of a content as far as they were brought. */
function broughtOf({ digest }: ParcelEntry): Buffer {
  const stretches = [...(brought.get(digest) ?? [])].sort(([one], [other]) => one - other);
  return Buffer.concat(stretches.map(([, bytes]) => bytes));
}

const DELIVERED = { phase: 'Succeeded' };
const fatal = (code: string) => ({
  terminated: { exitCode: 18, message: `jackal fatal code=${code} exit=18 message=Told so.` },
});

/** Brings what `orders` says, while `play` says what kubelets would, and until it calls `over`. */
async function bring(
  orders: Orders,
  play: (pod: V1Pod) => object | undefined | Promise<object | undefined>,
  more: Partial<Bringing> = {},
  client = admin.client,
) {
  const ended = new AbortController();
  const kubelets = playKubelets(admin.client, delivery, play, ended);
  const warnings: string[] = [];
  try {
    const outcome = await bringByCouriers(
      client,
      {
        ...{ delivery, orders, over: over.promise, to: '10.0.0.9:5001' },
        window: { bytes: WINDOW, count: Number.POSITIVE_INFINITY },
        pace: new Pace({ chunkBytes: CHUNK, concurrency: 2 }),
        places: new Places(BASES),
        watched: new WatchedCouriers(LATE),
        nodeTrouble: async () => undefined,
        warn: (sentence) => warnings.push(sentence),
        ...more,
      },
      ended.signal,
    );
    return { ...outcome, warnings };
  } finally {
    ended.abort();
    await kubelets;
  }
}

const left = async () => [
  ...(await configMapsIn(admin.client, delivery.namespace, selectorOf(delivery.id))),
  ...(await podsLeft()),
];

async function podsLeft(): Promise<string[]> {
  const query = { labelSelector: selectorOf(delivery.id) };
  const { items } = await admin.client.list<V1Pod>(collection.pods(delivery.namespace), { query });
  // No kubelet is there that would end the others.
  const staying = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  return staying.flatMap(({ metadata }) => metadata?.name ?? []);
}

/** Says that it is over when all of these were brought. */
function overWhen(...contents: readonly ParcelEntry[]): void {
  if (contents.every((one) => broughtOf(one).length === one.size)) over.resolve();
}

test('what is ordered comes whole, in a window, on all nodes, and nothing of it stays', async () => {
  const [first, second, third, unasked] = [20.5, 1.25, 7, 9].map((chunks, seed) =>
    content(chunks * CHUNK, seed),
  ) as [ReturnType<typeof content>, ...ReturnType<typeof content>[]];
  const all = [first, second, third] as ReturnType<typeof content>[];
  const orders = new Orders([...all, unasked as ParcelEntry]);
  for (const { digest } of all) orders.demand(digest);
  const nodes = new Set<string | undefined>();
  const most: number[] = [];
  const outcome = await bring(orders, async (pod) => {
    nodes.add(pod.spec?.nodeName);
    const { items } = await admin.client.list<V1ConfigMap>(configMapsPath(delivery.namespace), {
      query: { labelSelector: selectorOf(delivery.id, 'chunk') },
    });
    const sizes = items.map(({ binaryData }) => Buffer.from(binaryData?.chunk ?? '', 'base64'));
    most.push(sizes.reduce((sum, { length }) => sum + length, 0));
    await carry(pod);
    overWhen(...all);
    return DELIVERED;
  });
  expect(all.map((one) => broughtOf(one).equals(one.bytes))).toEqual([true, true, true]);
  expect(broughtOf(unasked as ParcelEntry).length).toBe(0);
  expect(outcome.bytesSent).toBe(28.75 * CHUNK);
  expect(Math.max(...most)).toBeLessThanOrEqual(WINDOW);
  expect(most.length).toBeGreaterThanOrEqual(28.75 / 4);
  expect(nodes).toEqual(new Set(['one', 'two']));
  // But for the word that what nobody asked for does not come.
  const last = [/-courier-\d+-0$/, /-plan-\d+$/].map((name) => expect.stringMatching(name));
  expect([outcome.leftBytes, outcome.warnings, (await left()).sort()]).toEqual([0, [], last]);
});

test('of many small contents no more are there at once than may be', async () => {
  const count = 7;
  const all = Array.from({ length: 20 }, (_, seed) => content(1000, seed));
  const orders = new Orders(all);
  orders.demandAll();
  const seen: number[] = [];
  const play = async (pod: V1Pod) => {
    const query = { labelSelector: selectorOf(delivery.id, 'chunk') };
    const path = configMapsPath(delivery.namespace);
    const { items } = await admin.client.list<V1ConfigMap>(path, { query });
    seen.push(items.length);
    await carry(pod);
    overWhen(...all);
    return DELIVERED;
  };
  const { bytesSent } = await bring(orders, play, { window: { bytes: WINDOW, count } });
  expect(bytesSent).toBe(20_000);
  expect(Math.max(...seen)).toBeLessThanOrEqual(count);
});

test('a chunk that a quota refuses is tried again until it counts what was deleted no more', async () => {
  const namespace = 'twelve-at-once';
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  await makeQuota(admin.client, namespace, 'twelve', { configmaps: '12' });
  delivery = await leasedRun(admin.client, { namespace });
  const others: string[] = [];
  const fill = async () => {
    for (;;) {
      const name = `other-${others.length}`;
      await admin.client.create(configMapsPath(namespace), { metadata: { name } });
      others.push(name);
    }
  };
  await expect(fill()).rejects.toThrow(/exceeded quota/);
  const request: ApiClient['request'] = async (asked) => {
    try {
      return await admin.client.request(asked);
    } catch (error) {
      if (isFault(error, 'quota')) {
        await deleteConfigMaps(admin.client, namespace, others.splice(0));
      }
      throw error;
    }
  };
  const client: ApiClient = Object.create(admin.client, { request: { value: request } });
  const one = content(9 * CHUNK, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const play = async (pod: V1Pod) => {
    await carry(pod);
    overWhen(one);
    return DELIVERED;
  };
  const window = { bytes: WINDOW, count: 3 };
  await bring(orders, play, { window, quotaSeconds: 300 }, client);
  expect(broughtOf(one)).toEqual(one.bytes);
});

test('what is ordered later comes later', async () => {
  const [early, late] = [content(1000, 1), content(1000, 2)];
  const orders = new Orders([early, late]);
  orders.demand(early.digest);
  await bring(orders, async (pod) => {
    await carry(pod);
    orders.demand(late.digest);
    overWhen(early, late);
    return DELIVERED;
  });
  expect(broughtOf(late)).toEqual(late.bytes);
});

test.each<[string, (pod: V1Pod) => Promise<object | undefined>]>([
  [
    'is deleted',
    async ({ metadata }) => {
      const path = `${collection.pods(delivery.namespace)}/${metadata?.name}`;
      await admin.client.delete(path, { gracePeriodSeconds: 0 });
      return undefined;
    },
  ],
  ['is evicted', async () => ({ phase: 'Failed', reason: 'Evicted' })],
  ['does not start', async (pod) => allIn(pod, { waiting: { reason: 'ErrImageNeverPull' } })],
])('a courier that %s is followed by another one', async (_, end) => {
  const one = content(1000, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const tried: (string | undefined)[] = [];
  await bring(orders, async (pod) => {
    tried.push(pod.metadata?.name);
    if (tried.length === 1) return await end(pod);
    await carry(pod);
    over.resolve();
    return DELIVERED;
  });
  expect(tried).toEqual([0, 1].map((attempt) => nameOf.courier(delivery, 0, attempt)));
  expect(await left()).toEqual([]);
});

test('a kubelet that does not take or start a courier, and a node that is down, are passed over', async () => {
  const one = content(1000, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const tried: (string | undefined)[] = [];
  const bases = ['one', 'two', 'three', 'four'].map((node) => ({
    ...BASES[0],
    node,
  })) as typeof BASES;
  // The second and the third one's kubelets have taken it before anybody waits for that.
  const client = holdCreates(admin.client, ({ spec, status }) => {
    const turn = tried.indexOf(spec?.nodeName);
    return turn >= 0 && (![1, 2].includes(turn) || status?.startTime !== undefined);
  });
  const asked: string[] = [];
  await bring(
    orders,
    async (pod) => {
      tried.push(pod.spec?.nodeName);
      if (tried.length === 1) return undefined;
      if (tried.length === 2) return allIn(pod, RUNNING);
      if (tried.length === 3) return allIn(pod, CREATING);
      over.resolve();
      return DELIVERED;
    },
    {
      places: new Places(bases),
      watched: new WatchedCouriers({ ...SOON, startSeconds: 0.2 }),
      nodeTrouble: async (node) => {
        asked.push(node);
        return node === tried[1] ? 'is not Ready' : undefined;
      },
    },
    client,
  );
  expect(asked).toContain(tried[1]);
  expect(new Set(tried)).toEqual(new Set(bases.map(({ node }) => node)));
});

test('a courier that is gone before anybody saw it is followed by another one', async () => {
  const one = content(1000, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const gone = Promise.withResolvers<void>();
  const list: ApiClient['list'] = async (path, options) => {
    await gone.promise;
    return admin.client.list(path, options);
  };
  const seesLate: ApiClient = Object.create(admin.client, { list: { value: list } });
  const tried: (string | undefined)[] = [];
  await bring(
    orders,
    async (pod) => {
      tried.push(pod.metadata?.name);
      if (tried.length === 1) {
        const path = `${collection.pods(delivery.namespace)}/${pod.metadata?.name}`;
        await admin.client.delete(path, { gracePeriodSeconds: 0 });
        gone.resolve();
        return undefined;
      }
      await carry(pod);
      over.resolve();
      return DELIVERED;
    },
    { places: new Places(BASES.slice(0, 1)), watched: new WatchedCouriers(SOON) },
    seesLate,
  );
  expect(tried).toEqual([0, 1].map((attempt) => nameOf.courier(delivery, 0, attempt)));
});

test('a courier of which the watch does not tell is judged by what it does', async () => {
  const orders = new Orders([content(1000, 1)]);
  orders.demandAll();
  const list: ApiClient['list'] = (_, options) =>
    unlessAborted(new Promise<never>(() => undefined), options?.signal as AbortSignal);
  const seesNothing: ApiClient = Object.create(admin.client, { list: { value: list } });
  const tried: (string | undefined)[] = [];
  await bring(
    orders,
    (pod) => {
      tried.push(pod.spec?.nodeName);
      return allIn(pod, RUNNING);
    },
    {
      watched: new WatchedCouriers(SOON),
      nodeTrouble: async () => {
        over.resolve();
        return undefined;
      },
    },
    holdCreates(seesNothing, ({ status }) => status?.startTime !== undefined),
  );
  expect(tried).toHaveLength(1);
});

test('couriers that never reach the registry are no way, and the sentence says so', async () => {
  const orders = new Orders([content(1000, 1)]);
  orders.demandAll();
  await expect(bring(orders, (pod) => allIn(pod, fatal('not-reached')))).rejects.toMatchObject({
    trouble: 'failing',
    message: "Courier Pods do not reach port 5001 of the registry's Pod: Told so.",
  });
});

test('one that reached the registry and waited there in vain is followed by another one', async () => {
  const one = content(1000, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const ends = ['not-delivered', 'not-reached'];
  await bring(orders, async (pod) => {
    const code = ends.shift();
    if (code !== undefined) return allIn(pod, fatal(code));
    await carry(pod);
    over.resolve();
    return DELIVERED;
  });
  expect(broughtOf(one)).toEqual(one.bytes);
});

test('one that gives up when others have delivered is followed by another one', async () => {
  const [early, late] = [content(1000, 1), content(1000, 2)];
  const orders = new Orders([early, late]);
  orders.demand(early.digest);
  const isFollowed = Promise.withResolvers<void>();
  // A courier's Pod goes when its end was seen: from then on the registry is known to be reached.
  const remove: ApiClient['delete'] = async (path, options) => {
    if (path.endsWith(nameOf.courier(delivery, 0, 0))) {
      orders.demand(late.digest);
      await unlessAborted(isFollowed.promise, options?.signal as AbortSignal);
    }
    return await admin.client.delete(path, options);
  };
  const deletesLate: ApiClient = Object.create(admin.client, { delete: { value: remove } });
  let tries = 0;
  await bring(
    orders,
    async (pod) => {
      tries++;
      if (tries === 2) return allIn(pod, fatal('not-reached'));
      if (tries === 3) isFollowed.resolve();
      await carry(pod);
      overWhen(early, late);
      return DELIVERED;
    },
    {},
    deletesLate,
  );
  expect(tries).toBe(3);
});

test('one that gives up before an earlier one has ended is followed by another one', async () => {
  const one = content(6 * CHUNK, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const gaveUp = Promise.withResolvers<void>();
  const remove: ApiClient['delete'] = async (path, options) => {
    const wasThere = await admin.client.delete(path, options);
    if (path.endsWith(nameOf.courier(delivery, 1, 0))) gaveUp.resolve();
    return wasThere;
  };
  const seesEnds: ApiClient = Object.create(admin.client, { delete: { value: remove } });
  const tried: (string | undefined)[] = [];
  await bring(
    orders,
    async (pod) => {
      const name = pod.metadata?.name;
      tried.push(name);
      if (name === nameOf.courier(delivery, 1, 0)) return allIn(pod, fatal('not-reached'));
      await gaveUp.promise;
      await carry(pod);
      overWhen(one);
      return DELIVERED;
    },
    {},
    seesEnds,
  );
  expect(broughtOf(one).equals(one.bytes)).toBe(true);
  expect(tried).toContain(nameOf.courier(delivery, 1, 1));
});

test.each([
  ['blob-wrong', { trouble: 'content', message: 'A courier Pod failed: Told so.' }],
  ['chunk-wrong', { name: 'ActionError', message: 'A courier Pod failed: Told so.' }],
])('a courier that ends with %s ends the work', async (code, error) => {
  const orders = new Orders([content(1000, 1)]);
  orders.demandAll();
  await expect(bring(orders, (pod) => allIn(pod, fatal(code)))).rejects.toMatchObject(error);
});

test('where no place is left that is an error with what each failed with', async () => {
  const orders = new Orders([content(1000, 1)]);
  orders.demandAll();
  const refused = { waiting: { reason: 'ErrImageNeverPull', message: 'not there' } };
  await expect(bring(orders, (pod) => allIn(pod, refused))).rejects.toMatchObject({
    trouble: 'failing',
    message:
      'No courier Pod could bring its batch to the registry (pause:1 on one: ErrImageNeverPull: not there; pause:1 on two: ErrImageNeverPull: not there); let any Pod run there once, so that its image is there, or set the input `injector-image` to an image that the nodes can pull.',
  });
});

test('when nobody waits any more, what is under way is taken away', async () => {
  const orders = new Orders([content(6 * CHUNK, 1)]);
  orders.demandAll();
  const { leftBytes } = await bring(orders, () => {
    over.resolve();
    return undefined;
  });
  expect(leftBytes).toBe(0);
  expect(await configMapsIn(admin.client, delivery.namespace, selectorOf(delivery.id))).toEqual([]);
});

test('the last one says that what nobody asked for does not come, and is not waited for', async () => {
  const [asked, other] = [content(CHUNK, 1), content(CHUNK, 2)];
  const orders = new Orders([asked, other]);
  orders.demand(asked.digest);
  await bring(orders, async (pod) => {
    await carry(pod);
    overWhen(asked);
    return DELIVERED;
  });
  const last = [nameOf.courier(delivery, 1, 0), nameOf.plan(delivery, 1)];
  expect((await left()).sort()).toEqual(last.sort());
  expect((await get(nameOf.plan(delivery, 1))).data?.plan).toBe('jackal-plan 1\nlast\nend\n');
});

test('a source that gives nothing and cannot be stopped does not hold up the end', async () => {
  const yields = Promise.withResolvers<void>();
  const pieces = async function* () {
    over.resolve();
    await yields.promise;
    yield Buffer.alloc(1);
  };
  const orders = new Orders([{ ...content(1000, 1), open: () => Readable.from(pieces()) }]);
  orders.demandAll();
  let leftBytes: number | undefined;
  const bringing = bring(orders, () => undefined).then((outcome) => {
    leftBytes = outcome.leftBytes;
  });
  try {
    await until('the end of the work', () => leftBytes !== undefined);
    expect(leftBytes).toBe(0);
  } finally {
    yields.resolve();
    await bringing;
  }
});

test('a refused chunk ends the work also while nothing else is ordered', async () => {
  const namespace = 'few';
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  await makeQuota(admin.client, namespace, 'none', { configmaps: '0' });
  delivery = await leasedRun(admin.client, { namespace });
  const orders = new Orders([content(1000, 1)]);
  orders.demandAll();
  const bringing = bring(orders, () => undefined, { quotaSeconds: 0 });
  await expect(bringing).rejects.toThrow(/exceeded quota/);
});

test('a chunk that fails is told of as such while a courier and another chunk are under way', async () => {
  const [early, late] = [content(1000, 1), content(2 * CHUNK, 2)];
  const orders = new Orders([early, late]);
  orders.demand(early.digest);
  const failure = new Error('No other one is taken.');
  let posts = 0;
  const request: ApiClient['request'] = async (asked) => {
    const isLate = orders.isEmpty && asked.path === configMapsPath(delivery.namespace);
    if (!isLate) return await admin.client.request(asked);
    if (++posts > 1) throw failure;
    // It takes its time to end.
    await once(asked.signal as AbortSignal, 'abort');
    await nextTurn();
    throw asked.signal?.reason;
  };
  const client: ApiClient = Object.create(admin.client, { request: { value: request } });
  const play = () => {
    orders.demand(late.digest);
    return undefined;
  };
  await expect(bring(orders, play, {}, client)).rejects.toBe(failure);
});

test('where a quota has room for one courier, they come in the order of their batches', async () => {
  const namespace = 'one-place';
  await admin.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
  await makeQuota(admin.client, namespace, 'one', { pods: '1' });
  delivery = await leasedRun(admin.client, { namespace });
  const one = content(15 * CHUNK, 1);
  const orders = new Orders([one]);
  orders.demandAll();
  const came: (string | undefined)[] = [];
  await bring(orders, async (pod) => {
    came.push(pod.metadata?.name);
    const before = broughtOf(one).length;
    await carry(pod);
    // Its courier waits for the bytes before those that it has.
    if (!one.bytes.subarray(0, broughtOf(one).length).equals(broughtOf(one))) return undefined;
    expect(broughtOf(one).length).toBeGreaterThan(before);
    overWhen(one);
    return DELIVERED;
  });
  expect(came).toEqual(came.map((_, batch) => nameOf.courier(delivery, batch, 0)));
  expect(broughtOf(one)).toEqual(one.bytes);
});
