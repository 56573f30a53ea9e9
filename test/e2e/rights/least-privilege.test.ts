import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { site, whyNoSite } from '../../helpers/site.js';
import {
  NAMESPACE,
  OWN_NAMESPACE,
  RELEASE_OF_ITS_OWN,
  ROLE_ALONE,
  Users,
  WITH_NODES,
} from '../kit/users.js';

/*
 * Users who lack all rights that may be missing. Those who lack one each are in the matrix.
 */

const onSite = whyNoSite() === undefined ? test : test.skip;

let users: Users;

beforeAll(async () => {
  if (whyNoSite() === undefined) users = await Users.create((await site()).cluster);
});

afterEach(async () => {
  await users?.runner.endLeft();
});

afterAll(() => users?.close());

onSite('a Role with nothing that may be missing, and no right outside of it', async () => {
  await users.job(ROLE_ALONE, {}, ({ log }) => {
    expect(log).toContain('nodes that nobody may list');
    expect(log).toMatch(/every image runs on node[12], node[12]/);
  });
});

onSite('the list of the nodes, and nothing else that may be missing', async () => {
  await users.job(WITH_NODES);
});

onSite('a namespace for each run, and nothing that may be missing', async () => {
  await users.job(OWN_NAMESPACE, {}, ({ log }) => {
    expect(log).toContain(
      "Names of images are not rewritten by the cluster, for the kubeconfig's user may not create mutatingadmissionpolicies in the cluster, which the README's ClusterRole grants: use the outputs `images`,",
    );
  });
});

onSite('a release in a namespace of its own, and nothing that may be missing', async () => {
  await users.release(RELEASE_OF_ITS_OWN);
});

onSite(
  'who asks for a policy and may not make one is told before anything is written',
  async () => {
    const inputs = { ...(await users.inputsOf(OWN_NAMESPACE)), rewrite: 'policy' };
    const main = await users.runner.run({ inputs });
    expect([main.exitCode, main.errors]).toEqual([
      1,
      [
        "The input `rewrite` is policy, and the kubeconfig's user may not create mutatingadmissionpolicies in the cluster, which the README's ClusterRole grants; set it to auto, which goes on without one, where that cannot be mended.",
      ],
    ]);
    await users.expectNothingDone();
  },
);

onSite("without rights for namespaces the context's own one is named, and not used", async () => {
  const main = await users.runner.run({ inputs: await users.inputsOf(ROLE_ALONE, NAMESPACE) });
  expect(main.exitCode).toBe(1);
  expect(main.errors).toHaveLength(1);
  expect(main.errors[0]).toMatch(
    /create, get, list, delete namespaces in the cluster.*or name a namespace that is there with the input `namespace` \(the context's own is "least-privilege"\), for which fewer rights are enough\.$/,
  );
  await users.expectNothingDone();
});

onSite('without the nodes and without DaemonSets, the sentence names both', async () => {
  const nobody = { ...ROLE_ALONE, name: 'least-nobody' };
  const inputs = { ...(await users.inputsOf(nobody)), namespace: NAMESPACE };
  const main = await users.runner.run({ inputs });
  expect(main.errors[0]).toMatch(
    /delete daemonsets in the namespace .*\(or list nodes in the cluster\)/,
  );
  await users.expectNothingDone();
});
