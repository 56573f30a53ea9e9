import { expect, test } from '@jest/globals';
import type { RouteName } from '../../../src/host/input-values.js';
import { Routes } from '../../../src/routes/route.js';
import type { RehearsedJob } from '../../../src/stages/job.js';
import { overRoutes } from '../../../src/stages/prove/routes.js';

test.each<[readonly [RouteName, ...RouteName[]], boolean]>([
  [['nodeport', 'hostport'], false],
  [['nodeport'], true],
])('a proof over %j hears whether its route is the last one', async (routes, isLast) => {
  const inputs = { route: 'auto' };
  const job = {
    inputs,
    proxyMode: Promise.resolve(undefined),
    nodes: [],
    signal: new AbortController().signal,
  } as unknown as RehearsedJob;
  const delivery = { registry: '127.0.0.1:30000/a' } as Parameters<typeof overRoutes>[1];
  const ends = { routes: new Routes({ routes, reason: '' }) } as Parameters<typeof overRoutes>[2];
  expect(await overRoutes(job, delivery, ends, async ({ isLastRoute }) => isLastRoute)).toBe(
    isLast,
  );
});
