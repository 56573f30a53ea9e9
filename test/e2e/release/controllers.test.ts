import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../cluster/until.js';
import { apply, kubectl, OF_TESTS, whyNoSite } from '../../helpers/site.js';
import { imageLine, ReleaseSteps } from './steps.js';

/* A release in a cluster that lets the user do more than the controllers, which are to make its Pods later. */

const onSite = whyNoSite() === undefined ? test : test.skip;

const POLICY = `${OF_TESTS}controllers`;
const API = 'admissionregistration.k8s.io/v1';
const OURS = { 'app.kubernetes.io/managed-by': 'jackal-inject' };

let barred: ReleaseSteps;

beforeAll(async () => {
  if (whyNoSite() === undefined) barred = await ReleaseSteps.create('barred');
});

afterEach(() => barred?.endLeft());

afterAll(() => barred?.jobs.close());

/** Whether a Pod of a run's is refused to a controller; the API server learns of policies by a watch. */
async function isRefused(): Promise<boolean> {
  const as = ['--as=system:controller:any', '--as-group=system:masters'];
  const labels = Object.entries(OURS).map(([key, value]) => `--labels=${key}=${value}`);
  const asked = ['run', 'probe', '--image=x', '--dry-run=server', ...labels, ...as];
  return await kubectl(barred.cluster, ...asked).then(
    () => false,
    (error) => String(error).includes(POLICY),
  );
}

onSite('a step ends before anything travels where controllers may not make its Pods', async () => {
  const { cluster } = barred;
  const metadata = { name: POLICY };
  const kinds = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
  const spec = {
    matchConstraints: {
      resourceRules: [{ ...kinds, operations: ['CREATE'] }],
      objectSelector: { matchLabels: OURS },
    },
    validations: [{ expression: "!request.userInfo.username.startsWith('system:')" }],
  };
  await apply(cluster, { apiVersion: API, kind: 'ValidatingAdmissionPolicy', metadata, spec });
  try {
    await apply(cluster, {
      apiVersion: API,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: POLICY, validationActions: ['Deny'] },
    });
    await until('the policy', isRefused);
    const main = await barred.step({ images: await imageLine('acme/barred:1', 300_000) });
    expect(main.exitCode).toBe(1);
    expect(main.errors).toEqual([
      expect.stringMatching(
        /^The cluster admits the release's Pods from the kubeconfig's user, but not from the controllers .*ValidatingAdmissionPolicy/,
      ),
    ]);
  } finally {
    const kinds = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
    await kubectl(cluster, 'delete', kinds, POLICY, '--ignore-not-found');
    await until('the end of the policy', async () => !(await isRefused()));
  }
});
