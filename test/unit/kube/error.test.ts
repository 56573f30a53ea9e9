import { expect, test } from '@jest/globals';
import { type ApiFault, apiErrorOf, isFault, unreachable } from '../../../src/kube/error.js';

const asked = { server: 'https://a', method: 'POST', path: '/api/v1/x', attempts: 1 };
const answer = (status: number, message: string, reason = '') =>
  apiErrorOf(asked, status, Buffer.from(JSON.stringify({ kind: 'Status', reason, message })));

test.each<[number, string, ApiFault, string]>([
  [401, 'Unauthorized', 'credentials', "refused the kubeconfig's credentials (401 Unauthorized)"],
  [
    403,
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    'credentials',
    'it sees an anonymous user',
  ],
  [
    403,
    'configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "team"',
    'permission',
    'The user "jane" may not create configmaps in the namespace "team"; grant it',
  ],
  [
    403,
    'roles.rbac.authorization.k8s.io is forbidden: User "jane" cannot get resource "roles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    'permission',
    'The user "jane" may not get roles.rbac.authorization.k8s.io in the cluster',
  ],
  [
    403,
    'configmaps "c" is forbidden: unable to create new content in namespace x because it is being terminated',
    'terminating',
    'The namespace is being deleted',
  ],
  [
    403,
    'configmaps "c" is forbidden: exceeded quota: q, requested: count/configmaps=1',
    'quota',
    'exceeded quota: q',
  ],
  [403, 'pods "p" is forbidden: not yet ready to handle request', 'busy', 'too busy'],
  [
    403,
    'pods "p" is forbidden: status unknown for quota: q, resources: pods',
    'quota',
    'status unknown for quota: q',
  ],
  [
    403,
    'pods "p" is forbidden: violates PodSecurity "restricted:latest"',
    'policy',
    'violates PodSecurity',
  ],
  [404, 'configmaps "c" not found', 'not-found', 'configmaps "c" not found'],
  [409, 'configmaps "c" already exists', 'exists', 'already exists'],
  [
    409,
    'Operation cannot be fulfilled on resourcequotas "q": the object has been modified',
    'conflict',
    'has been modified',
  ],
  [410, 'too old resource version', 'gone', 'too old'],
  [413, '', 'too-large', '`chunk-size`'],
  [500, 'etcdserver: request is too large', 'too-large', '`chunk-size`'],
  [500, 'etcdserver: mvcc: database space exceeded', 'space', 'no space left (etcdserver: mvcc'],
  [500, 'rpc error: desc = ETCD storage quota exceeded', 'space', 'left (rpc error: desc = ETCD'],
  [500, 'The OVHcloud storage quota has been reached', 'space', 'no space left (The OVHcloud'],
  [
    500,
    'Internal error occurred: failed to allocate a nodePort: range is full',
    'no-port',
    'no node port left (Internal error occurred: failed to allocate a nodePort: range is full), so',
  ],
  [429, 'etcdserver: throttle: too many requests', 'busy', 'too busy'],
  [
    500,
    'rpc error: code = ResourceExhausted desc = etcdserver: throttle: too many requests',
    'busy',
    'too busy',
  ],
  [
    500,
    'Internal error occurred: failed calling webhook "w.example": failed to call webhook: no endpoints',
    'webhook',
    'admission webhook "w.example" failed, so the request POST /api/v1/x was refused',
  ],
  [504, 'Too large resource version: 2, current: 1', 'gone', 'Too large'],
  [503, 'apiserver is shutting down', 'busy', 'too busy'],
  [422, 'is invalid: x', 'other', 'with 422: is invalid: x.'],
])('%i %s', (status, message, fault, words) => {
  const error = answer(status, message);
  expect(error).toMatchObject({ status, fault });
  expect(error.message).toContain(words);
  // One sentence for one line of a log.
  expect(error.message).toMatch(/^[^\n]*\.$/);
});

test('what was denied is told apart for the caller', () => {
  const message =
    'x is forbidden: User "u" cannot watch resource "pods" in API group "" in the namespace "n"';
  expect(answer(403, message, 'Forbidden')).toMatchObject({
    reason: 'Forbidden',
    denied: { user: 'u', verb: 'watch', resource: 'pods', group: '', namespace: 'n' },
  });
});

test("a proxy's page is cut short and made one line", () => {
  const error = apiErrorOf(
    asked,
    502,
    Buffer.from(`<html>\n<b>Bad\n Gateway</b>${'x'.repeat(9999)}`),
  );
  expect(error.message).toContain('with 502: <html> <b>Bad Gateway</b>');
  expect(error.message.length).toBeLessThan(500);
});

test('a server that cannot be reached', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 1.2.3.4:5'), {
    code: 'ECONNREFUSED',
  });
  const error = unreachable(asked, cause);
  expect(error.message).toContain(
    'The API server at https://a cannot be reached (connect ECONNREFUSED 1.2.3.4:5)',
  );
  expect(error.cause).toBe(cause);
  // Several addresses give an error that has no message of its own.
  const several = Object.assign(new AggregateError([cause]), { code: 'ECONNREFUSED' });
  expect(unreachable(asked, several).message).toContain('(ECONNREFUSED)');
  expect(isFault(error, 'busy', 'unreachable')).toBe(true);
  expect(isFault(error, 'busy')).toBe(false);
  expect(isFault(new Error('x'), 'unreachable')).toBe(false);
});
