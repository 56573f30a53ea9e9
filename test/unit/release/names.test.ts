import { describe, expect, test } from '@jest/globals';
import { chooseCarrier } from '../../../src/carriers/choose.js';
import { Orders } from '../../../src/carriers/couriers/orders.js';
import { parseCommand, parseKeep, parseRelease } from '../../../src/host/input-values.js';
import { bytesWith, catalogWith, contentsIn, replacedBy } from '../../../src/payload/replaced.js';
import { placementFor } from '../../../src/preflight/affinity.js';
import { deadRuns } from '../../../src/run/dead-runs.js';
import {
  firstOfStep,
  knownDeliveries,
  labelsFor,
  nameOf,
  newRun,
  otherDeliveries,
  releaseId,
  removalAdvice,
} from '../../../src/run/run.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A catalog of these records. */
const catalog = (...records: string[]) =>
  ['jackal-catalog 1', `prefix ${'f'.repeat(32)}`, ...records, 'end', ''].join('\n');

describe('the name of a release', () => {
  test('gives each namespace an id of its own, the same each time', () => {
    expect(releaseId('web')).toMatch(/^[0-9a-f]{8}$/);
    expect(releaseId('web')).toBe(releaseId('web'));
    expect(new Set(['web', 'shop'].map((name) => releaseId(name))).size).toBe(2);
    expect(releaseId('web', 'team')).not.toBe(releaseId('web'));
  });

  test('is the same run in each step, held by another one', () => {
    const [one, other] = [newRun({ release: 'web' }), newRun({ release: 'web' })];
    expect([one.id, one.namespace]).toEqual([other.id, other.namespace]);
    expect(one.holder).not.toBe(other.holder);
    expect(one.token).not.toBe(other.token);
  });

  test('stands on its objects beside the delivery', () => {
    const run = { id: 'ab', release: 'web' };
    expect(labelsFor(run, 'lease')).not.toHaveProperty(['jackal-inject.dev/delivery']);
    expect(labelsFor({ ...run, delivery: 3 }, 'chunk')).toMatchObject({
      'jackal-inject.dev/release': 'web',
      'jackal-inject.dev/delivery': '3',
    });
    expect(labelsFor({ id: 'ab', delivery: 3 }, 'chunk')).not.toHaveProperty([
      'jackal-inject.dev/delivery',
    ]);
  });

  test.each(['Web', 'web_1', '-web', 'a'.repeat(64), 'web shop'])('is not %j', (name) => {
    expect(() => parseRelease(name)).toThrow(`The input \`release\` is "${name}"`);
  });
});

test('other deliveries are those that have a number, but for one', () => {
  expect(otherDeliveries('ab', 3).split(',').slice(-2)).toEqual([
    'jackal-inject.dev/delivery',
    'jackal-inject.dev/delivery!=3',
  ]);
});

test('a step knows of its own deliveries and of the one that was in use', () => {
  const kept = { delivery: 3, since: 0 };
  const numbers = (staying?: number) =>
    knownDeliveries({ id: 'ab', firstDelivery: 16, kept }, staying).split(' in ')[1];
  expect(numbers()).toBe('(3,16,17,18,19,20,21,22,23)');
  expect(numbers(3)).toBe('(16,17,18,19,20,21,22,23)');
  expect(numbers(17)).toBe('(3,16,18,19,20,21,22,23)');
});

test('deliveries belong to steps', () => {
  expect([0, 7, 8, 15, 16].map(firstOfStep)).toEqual([0, 0, 8, 8, 16]);
});

test.each(['team', newRun({ release: 'web' }).namespace])(
  'what a step has left in %s is for the next one, since a command would take what is in use',
  (namespace) => {
    const { id } = newRun({ release: 'web' });
    expect(removalAdvice({ id, namespace, release: 'web', policy: true })).toBe(
      'The next step with the release "web" takes the rest away.',
    );
  },
);

test('a release that is in use is never dead, one that never was is', () => {
  const lease = {
    namespace: 'a',
    expires: 1,
    configMapBytes: 0,
    created: 0,
    written: 0,
    isRenewed: false,
  };
  const leased = [
    { ...lease, id: 'used', kept: 0 },
    { ...lease, id: 'new' },
  ];
  const dead = deadRuns({ leased, namespaces: [], withPolicy: [] }, { now: 2 });
  expect(dead.map(({ id }) => id)).toEqual(['new']);
});

test('names of a release that is replaced for years fit a label, with what controllers put behind them', () => {
  const delivery = { id: 'abcd1234', delivery: 999_999 };
  const { namespace: _, lease, service, networkPolicy, token, policy, ...ofDelivery } = nameOf;
  const names = [
    ...[lease, service, networkPolicy, policy].map((name) => name(delivery.id)),
    token(delivery.id, delivery.delivery),
    ...Object.values(ofDelivery).map((name) => name(delivery, 9999 as never, 9999)),
  ];
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(63 - '-abcde'.length);
  expect(names.every((name) => name.startsWith('jackal-abcd1234'))).toBe(true);
  expect(new Set(Object.values(ofDelivery).map((name) => name(delivery, 1 as never, 2))).size).toBe(
    Object.values(ofDelivery).length,
  );
});

describe('inputs', () => {
  test('empty ones are those of a job', () => {
    expect([parseKeep(''), parseCommand('', '')]).toEqual(['job', 'inject']);
  });

  test('others are refused, and so is deleting without a name', () => {
    expect(() => parseKeep('ever')).toThrow('The input `keep` is "ever"; give job or none.');
    expect(() => parseCommand('remove', '')).toThrow('give inject or delete');
    expect(() => parseCommand('delete', '')).toThrow('needs the name of a release');
    expect(parseCommand('delete', 'web')).toBe('delete');
  });
});

describe('the catalog of a registry that takes another one’s place', () => {
  const own = catalog(
    'repository acme/web',
    `manifest ${digest('a')} 2 application/json`,
    `blob ${digest('b')} 3`,
    `tag acme/web latest ${digest('a')}`,
    'parcel all 1024',
    'chunk 0000/chunk 1024 00',
  );
  const before = catalog(
    'repository acme/web',
    'repository acme/old',
    `manifest ${digest('c')} 4 application/json`,
    `blob ${digest('b')} 3`,
    `tag acme/web latest ${digest('c')}`,
    `tag acme/web old ${digest('c')}`,
  );

  const blobs = catalog(`blob ${digest('b')} 3`, `manifest ${digest('c')} 4 application/json`);

  test('has what both have, each once, and a tag of both means its own image', () => {
    expect(catalogWith(own, before)).toBe(
      catalog(
        'repository acme/old',
        `manifest ${digest('c')} 4 application/json`,
        `tag acme/web old ${digest('c')}`,
        `replaced ${digest('c')}`,
        'repository acme/web',
        `manifest ${digest('a')} 2 application/json`,
        `blob ${digest('b')} 3`,
        `tag acme/web latest ${digest('a')}`,
        'parcel all 1024',
        'chunk 0000/chunk 1024 00',
      ),
    );
  });

  test('marks what nobody brings but the one before, however the two list it', () => {
    const manifest = catalog(`manifest ${digest('a')} 2 application/json`, `blob ${digest('b')} 3`);
    const blob = catalog(`blob ${digest('a')} 2`, `blob ${digest('c')} 4`);
    expect(catalogWith(manifest, blob)).toBe(
      catalog(
        `blob ${digest('a')} 2`,
        `blob ${digest('c')} 4`,
        `replaced ${digest('c')}`,
        `manifest ${digest('a')} 2 application/json`,
        `blob ${digest('b')} 3`,
      ),
    );
  });

  test('has no more of the one before than is counted on', () => {
    const header = Buffer.byteLength(catalog());
    const nothing = catalog('repository acme/web');
    expect(Buffer.byteLength(catalogWith(nothing, blobs))).toBe(
      Buffer.byteLength(nothing) + bytesWith(blobs) - header,
    );
  });

  test('is its own where there was none, and where nothing has changed', () => {
    expect(catalogWith(own, undefined)).toBe(own);
    expect(catalogWith(before, before)).toBe(before);
  });

  test('tells its contents', () => {
    expect([...contentsIn(own)]).toEqual([
      [digest('a'), 2],
      [digest('b'), 3],
    ]);
    expect([...contentsIn('')]).toEqual([]);
    const replaced = {
      contents: new Map([[digest('c'), 4]]),
      names: ['acme/web:latest', 'acme/web:old'],
    };
    expect(replacedBy(own, before)).toEqual(replaced);
    expect(replacedBy(own, undefined)).toEqual({ contents: new Map(), names: [] });
  });
});

test('what is to stay travels in ConfigMaps where only these outlive a Pod, as far as they may', () => {
  const facts = { bytes: 50e6, budget: 64e6, mayCourier: true, obstacle: undefined };
  const carrier = (more: object) =>
    chooseCarrier({ carrier: 'auto' }, { ...facts, ...more }).carrier;
  expect(carrier({})).toBe('stream');
  expect(carrier({ staysInConfigMaps: true })).toBe('configmap');
  expect(carrier({ staysInConfigMaps: true, bytes: 65e6 })).toBe('stream');
  // What couriers bring does not stay in ConfigMaps.
  const asked = (more: object) =>
    chooseCarrier({ carrier: 'configmap' }, { ...facts, ...more }).carrier;
  expect(asked({})).toBe('courier');
  expect(asked({ staysInConfigMaps: true })).toBe('configmap');
  expect(asked({ staysInConfigMaps: true, bytes: 65e6 })).toBe('courier');
});

test('couriers bring all but what is copied', () => {
  const entries = ['a', 'b', 'c'].map((letter) => ({ digest: digest(letter), size: 1 }));
  const orders = new Orders(entries as never);
  orders.demandAll(new Set([digest('a'), digest('c')]));
  expect(orders.isEmpty).toBe(false);
  expect(orders.take()?.digest).toBe(digest('b'));
  // It is not there before it is copied, and is brought when it cannot be.
  expect([orders.take(), orders.isEmpty]).toEqual([undefined, false]);
  orders.hasCome(digest('a'));
  orders.demandAll();
  expect(orders.take()?.digest).toBe(digest('c'));
  expect([orders.take(), orders.isEmpty]).toEqual([undefined, true]);
});

test('a Pod may be kept to some nodes', () => {
  const terms = (named: object) =>
    placementFor('amd64', undefined, named).affinity?.nodeAffinity
      ?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  expect(terms({ on: ['a', 'b'] })).toHaveLength(2);
  expect(terms({})?.[0]).not.toHaveProperty('matchFields');
  expect(terms({ notOn: ['c'] })?.[0]?.matchFields).toEqual([
    { key: 'metadata.name', operator: 'NotIn', values: ['c'] },
  ]);
});
