import { beforeEach, expect, test } from '@jest/globals';
import type { V1Pod } from '@kubernetes/client-node';
import { Line } from '../../../src/carriers/couriers/line.js';
import type { ApiClient } from '../../../src/kube/client.js';
import { ApiError } from '../../../src/kube/error.js';
import { until } from '../../cluster/until.js';

const { signal } = new AbortController();
const REFUSED = { fault: 'quota', status: 403 } as const;
/** How many more Pods the quota lets in. */
let places: number;
let refusals: number;
let made: string[];
let client: ApiClient;

beforeEach(() => {
  [places, refusals, made] = [0, 0, []];
  const create = async (_: string, pod: V1Pod) => {
    if (places === 0) {
      refusals++;
      throw new ApiError('No place.', REFUSED);
    }
    places--;
    made.push(pod.metadata?.name as string);
    return pod;
  };
  client = { create } as unknown as ApiClient;
});

const make = (line: Line, batch: number, name = `${batch}`) =>
  line.make(batch, 'default', { metadata: { name } }, signal);

test('Pods come in the order of their batches, whoever asks first', async () => {
  const line = new Line(client);
  places = 3;
  for (const batch of [0, 1, 2]) line.join(batch);
  await Promise.all([make(line, 2), make(line, 1), make(line, 0)]);
  expect(made).toEqual(['0', '1', '2']);
});

test('one whose Pod was lost comes before a later one that waits for a place', async () => {
  const line = new Line(client);
  places = 1;
  for (const batch of [0, 1]) line.join(batch);
  await make(line, 0);
  const later = make(line, 1);
  await until('a refusal', () => refusals > 0);
  line.join(0);
  line.gone('0');
  const again = make(line, 0, '0-again');
  places = 1;
  await again;
  expect(made).toEqual(['0', '0-again']);
  places = 1;
  await later;
  expect(made).toEqual(['0', '0-again', '1']);
});

test('a quota is waited for as long as another courier has a place, and no longer than bearable without', async () => {
  const line = new Line(client, 0);
  places = 1;
  for (const batch of [0, 1]) line.join(batch);
  await make(line, 0);
  const later = make(line, 1);
  later.catch(() => undefined);
  await until('some refusals', () => refusals > 2);
  line.gone('0');
  await expect(later).rejects.toThrow('No place.');
});
