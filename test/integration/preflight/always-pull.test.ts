import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { type Admitted, findAdmitted } from '../../../src/preflight/admission.js';
import { Bases } from '../../../src/registry/base.js';
import { registryPod } from '../../../src/registry/pod.js';
import type { BaseCandidate } from '../../../src/run/pod.js';
import { chunkPath } from '../../../src/run/pod.js';
import type { PodShape } from '../../../src/run/shape.js';
import { type ControlPlane, startControlPlane } from '../kube/site/control-plane.js';
import { leasedRun } from '../run/run-objects.js';

let plane: ControlPlane;
let admin: Connection;
const { signal } = new AbortController();

beforeAll(async () => {
  const flags = async () => ['--enable-admission-plugins=AlwaysPullImages'];
  plane = await startControlPlane({ flags });
  admin = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  admin?.client.close();
  await plane?.stop();
});

const NODE = {
  name: 'one',
  architecture: 'amd64',
  images: [{ names: ['r.test/pause:3'], bytes: 1 }],
};

/** What is admitted on a server that has every image pulled anew. */
async function admitted(image?: string) {
  const bases = await new Bases(admin.client, { image }, signal).among([NODE]);
  const run = await leasedRun(admin.client, { namespace: 'default' });
  const samples = {
    bases,
    registry: (shape: PodShape, base: BaseCandidate) =>
      registryPod({ ...run, shape }, base, 0, [chunkPath(0)], 1024),
    proofs: () => [],
  };
  const room = { proofs: [], diskBytes: 1, ranges: new Map(), limitsLeft: new Map() };
  return findAdmitted(admin.client, 'default', samples, room as never, { signal });
}

test('the admission plugin AlwaysPullImages is named with what to do', async () => {
  await expect(admitted()).rejects.toThrow(
    /^The cluster has every image pulled anew \(it makes imagePullPolicy Always of Never .* AlwaysPullImages .*\), so .* cannot start from r\.test\/pause:3, .*; set the input `injector-image` to /,
  );
});

test('an image that the user gave is admitted: it may be pulled anew', async () => {
  const { bases, pullsAnew } = (await admitted('r.test/own:1')) as Admitted;
  expect(pullsAnew).toBe(true);
  expect(bases[0]).toMatchObject({ image: 'r.test/own:1', pulled: true });
});
