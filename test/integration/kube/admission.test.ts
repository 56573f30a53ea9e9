import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RequestOptions } from '../../../src/kube/client.js';
import { configMapsPath } from '../../../src/kube/configmaps.js';
import { type Connection, connect } from '../../../src/kube/connect.js';
import { type ApiError, isFault } from '../../../src/kube/error.js';
import { issue } from '../../cluster/machine/certificates.js';
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

/** Asks for a ConfigMap with this label; nothing is stored. */
async function create(label: string, options: RequestOptions): Promise<void> {
  const object = { metadata: { generateName: 'c-', labels: { [label]: 'yes' } } };
  const query = { dryRun: 'All' };
  await connection.client.create(configMapsPath('default'), object, { query, ...options });
}

/** Creates ConfigMaps with this label until the admission that picks it says no, and gives its words. */
async function refusalOf(label: string, patienceSeconds = 60): Promise<ApiError> {
  const refused = async () => {
    try {
      await create(label, { patienceSeconds });
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

/** Has ConfigMaps with this label go by a webhook of the same name. */
async function makeWebhook(name: string, clientConfig: object): Promise<void> {
  await connection.client.create(`${ADMISSION}/validatingwebhookconfigurations`, {
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.test`,
        clientConfig,
        rules: [{ ...rules, resources: ['configmaps'] }],
        objectSelector: { matchLabels: { [name]: 'yes' } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  } as object);
}

test('a webhook that nobody serves is named when patience is over', async () => {
  await makeWebhook('broken', { url: 'https://127.0.0.1:9/none' });
  const error = await refusalOf('broken', 1);
  expect(error).toMatchObject({ fault: 'webhook', status: 500 });
  expect(error.message).toMatch(
    /^The cluster's admission webhook "broken\.example\.test" failed, so the request POST \S+ was refused \(.*connection refused.*\); mend the webhook or except the namespace from it\.$/,
  );
});

test('a webhook that is back after it failed once ends nothing', async () => {
  const { directory, authority } = plane;
  await issue(directory, [{ file: 'hook', user: 'hook', addresses: ['IP:127.0.0.1'] }]);
  const files = ['hook.crt', 'hook.key'].map((file) => readFile(join(directory, file)));
  const [cert, key] = await Promise.all(files);
  let asked = 0;
  const server = createServer({ cert, key }, async (request, answer) => {
    const review = JSON.parse(await text(request));
    asked++;
    if (asked === 1) {
      answer.writeHead(503).end();
      return;
    }
    const response = { uid: review.request.uid, allowed: true };
    answer
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ ...review, response }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const { port } = server.address() as AddressInfo;
    const caBundle = authority.toString('base64');
    await makeWebhook('rolled', { url: `https://127.0.0.1:${port}/`, caBundle });
    const statuses = await until('the webhook to be asked', async () => {
      const attempts: (number | undefined)[] = [];
      await create('rolled', { onAttempt: ({ status }) => attempts.push(status) });
      return asked > 0 && attempts;
    });
    expect([statuses, asked]).toEqual([[500, 201], 2]);
  } finally {
    server.closeAllConnections();
    server.close();
    const path = `${ADMISSION}/validatingwebhookconfigurations/rolled`;
    await connection.client.delete(path);
  }
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
