import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { type ApiError, isFault } from '../../../src/kube/error.js';
import { until } from '../../cluster/until.js';
import { type ControlPlane, startControlPlane } from './site/control-plane.js';

let plane: ControlPlane;
let connection: Connection;

beforeAll(async () => {
  plane = await startControlPlane();
  connection = await connect({ kubeconfig: plane.kubeconfig(), env: {} });
});

afterAll(async () => {
  connection?.client.close();
  await plane?.stop();
});

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Creates ConfigMaps with this label until the admission that picks it says no, and gives its words. */
async function refusalOf(label: string): Promise<ApiError> {
  const { client } = connection;
  const object = { metadata: { generateName: 'c-', labels: { [label]: 'yes' } } };
  const refused = async () => {
    try {
      await client.create(configMapsPath('default'), object, { query: { dryRun: 'All' } });
      return undefined;
    } catch (error) {
      if (isFault(error, 'webhook', 'policy')) return error;
      throw error;
    }
  };
  // The API server learns of new admission by a watch.
  return await until('the admission', refused);
}

const rules = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'] };

test('a webhook that nobody serves is named, after one attempt', async () => {
  await connection.client.create(`${ADMISSION}/validatingwebhookconfigurations`, {
    metadata: { name: 'broken' },
    webhooks: [
      {
        name: 'broken.example.test',
        clientConfig: { url: 'https://127.0.0.1:9/none' },
        rules: [{ ...rules, resources: ['configmaps'] }],
        objectSelector: { matchLabels: { broken: 'yes' } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  } as object);
  const error = await refusalOf('broken');
  expect(error).toMatchObject({ fault: 'webhook', status: 500, attempts: 1 });
  expect(error.message).toMatch(
    /^The cluster's admission webhook "broken\.example\.test" failed, so the request POST \S+ was refused \(.*connection refused.*\); mend the webhook or except the namespace from it\.$/,
  );
});

test.each([
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
  ['Invalid', 422],
])('a policy that refuses with the reason %s is a policy', async (reason, status) => {
  const { client } = connection;
  const name = reason.toLowerCase();
  const expression = `!has(object.metadata.labels) || !('${name}' in object.metadata.labels)`;
  await client.create(`${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: [{ ...rules, resources: ['configmaps'] }] },
      validations: [{ expression, message: 'we do not like it', reason }],
    },
  } as object);
  await client.create(`${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  } as object);
  const error = await refusalOf(name);
  expect(error).toMatchObject({ fault: 'policy', status, attempts: 1 });
  expect(error.message).toContain('we do not like it');
});
