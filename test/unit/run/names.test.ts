import { expect, test } from '@jest/globals';
import { nameOf } from '../../../src/run/run.js';

/** What a run has once, whatever its deliveries; relays take over the Pods of an earlier delivery. */
const OF_A_RUN = ['namespace', 'lease', 'service', 'networkPolicy', 'token', 'policy', 'relays'];

/** The first of each kind of name that a delivery has, by kind. */
function namesOf(delivery: number): Map<string, string> {
  const by = { id: '0123abcd', delivery };
  type Name = (by: object, first: unknown, second: number) => string;
  const own = Object.entries(nameOf).filter(([kind]) => !OF_A_RUN.includes(kind));
  const parted = ['injector', 'rehearsedProofs', 'proofs'];
  return new Map(
    own.map(([kind, name]) => [kind, (name as Name)(by, parted.includes(kind) ? 'amd64' : 0, 0)]),
  );
}

// Kubelets keep immutable ConfigMaps by name: one of the same name with other bytes would reach no Pod.
test('no two objects of a run have the same name, whichever delivery they are of', () => {
  const names = [0, 1, 10, 100].flatMap((delivery) => [...namesOf(delivery).values()]);
  expect(names.length).toBeGreaterThan(4 * 10);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
