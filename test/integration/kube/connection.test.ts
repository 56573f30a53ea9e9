import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { connect } from '../../../src/kube/connect.js';
import { causesOf } from '../../../src/lib/errors.js';
import { RETRY_PATIENCE_SECONDS } from '../../../src/lib/limits/kube.js';
import {
  ADMIN_TOKEN,
  type ControlPlane,
  NOBODY_TOKEN,
  startControlPlane,
} from './site/control-plane.js';
import { startConnectProxy, startSocksProxy } from './site/proxies.js';
import { whoAmI } from './site/who-am-i.js';

let plane: ControlPlane;
let directory: string;

beforeAll(async () => {
  plane = await startControlPlane();
  directory = await mkdtemp(path.join(tmpdir(), 'jackal-connection-'));
});

afterEach(() => {
  jest.restoreAllMocks();
});

afterAll(async () => {
  await plane?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function connected(kubeconfig: string, env: Record<string, string> = {}) {
  const connection = await connect({ kubeconfig, env });
  const user = await whoAmI(connection);
  connection.client.close();
  return { user, version: connection.version, context: connection.context };
}

test('a client certificate in the kubeconfig, given as content', async () => {
  expect(await connected(plane.kubeconfig())).toEqual({
    user: 'admin',
    version: 'v1.37.2',
    context: 'plane',
  });
});

test('files relative to the kubeconfig, found by KUBECONFIG and by HOME', async () => {
  const user = { 'client-certificate': 'admin.crt', 'client-key': 'admin.key' };
  const cluster = { 'certificate-authority-data': undefined, 'certificate-authority': 'ca.crt' };
  const file = path.join(plane.directory, 'files.kubeconfig');
  await writeFile(file, plane.kubeconfig({ user, cluster }));
  const missing = path.join(directory, 'not-there');
  const byVariable = await connect({ env: { KUBECONFIG: `${missing}:${file}` } });
  expect(await whoAmI(byVariable)).toBe('admin');
  byVariable.client.close();
});

test('a name and a server name that only tls-server-name makes match', async () => {
  const user = { token: ADMIN_TOKEN };
  const server = plane.server.replace('127.0.0.1', 'localhost');
  await expect(connected(plane.kubeconfig({ user, server }))).rejects.toThrow(
    /^The certificate of the API server at \S+ is not trusted \(Hostname.*altnames.*\); see /,
  );
  const cluster = { 'tls-server-name': 'plane.test' };
  expect((await connected(plane.kubeconfig({ user, server, cluster }))).user).toBe('admin');
});

test('an unknown authority, unless verification is off', async () => {
  const user = { token: ADMIN_TOKEN };
  const cluster = { 'certificate-authority-data': undefined };
  await expect(connected(plane.kubeconfig({ user, cluster }))).rejects.toThrow(
    /^The certificate of the API server at \S+ is not trusted \([a-z- ]*certificate[a-z ]*\); see /,
  );
  const insecure = { ...cluster, 'insecure-skip-tls-verify': true };
  expect((await connected(plane.kubeconfig({ user, cluster: insecure }))).user).toBe('admin');
});

test('a token file that is rotated while the connection stands', async () => {
  const tokenFile = path.join(directory, 'token');
  await writeFile(tokenFile, `${NOBODY_TOKEN}\n`);
  const connection = await connect({
    kubeconfig: plane.kubeconfig({ user: { tokenFile } }),
    env: {},
  });
  expect(await whoAmI(connection)).toBe('nobody');
  await writeFile(tokenFile, ADMIN_TOKEN);
  // For a minute the token that was read is taken as good; then the file is read again.
  expect(await whoAmI(connection)).toBe('nobody');
  const later = Date.now() + 60_000;
  jest.spyOn(Date, 'now').mockReturnValue(later);
  expect(await whoAmI(connection)).toBe('admin');
  connection.client.close();
});

test('impersonation', async () => {
  const user = { token: ADMIN_TOKEN, as: 'jane', 'as-groups': ['one', 'two'] };
  expect((await connected(plane.kubeconfig({ user }))).user).toBe('jane');
});

/** A credential plugin that counts its runs and prints the tokens of a file, one a run. */
async function plugin(tokens: readonly { token: string; seconds?: number }[]) {
  const runs = path.join(directory, 'runs');
  const script = path.join(directory, 'plugin.mjs');
  await writeFile(runs, '');
  await writeFile(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
    const tokens = ${JSON.stringify(tokens)};
    appendFileSync(${JSON.stringify(runs)}, 'x');
    const run = readFileSync(${JSON.stringify(runs)}, 'utf8').length - 1;
    const { token, seconds } = tokens[Math.min(run, tokens.length - 1)];
    const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const expirationTimestamp = seconds && new Date(Date.now() + seconds * 1000).toISOString();
    console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token, expirationTimestamp } }));`,
  );
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [script],
    env: [{ name: 'NODE_OPTIONS', value: '' }],
  };
  return { user: { exec }, runs: async () => (await readFile(runs, 'utf8')).length };
}

test('a credential plugin runs once for many requests, and again when the token expires', async () => {
  // The first token counts as expired at once, being within the leeway.
  const { user, runs } = await plugin([
    { token: NOBODY_TOKEN, seconds: 5 },
    { token: ADMIN_TOKEN },
  ]);
  const connection = await connect({ kubeconfig: plane.kubeconfig({ user }), env: {} });
  expect(await runs()).toBe(1);
  const users = await Promise.all(Array.from({ length: 5 }, () => whoAmI(connection)));
  expect(users).toEqual(Array(5).fill('admin'));
  expect(await runs()).toBe(2);
  connection.client.close();
});

test('a token that the server refuses is fetched anew from the plugin, once', async () => {
  const { user, runs } = await plugin([{ token: 'stale' }, { token: ADMIN_TOKEN }]);
  expect((await connected(plane.kubeconfig({ user }))).user).toBe('admin');
  expect(await runs()).toBe(2);
  const refused = await plugin([{ token: 'stale' }]);
  await expect(connected(plane.kubeconfig({ user: refused.user }))).rejects.toThrow('401');
  expect(await refused.runs()).toBe(2);
});

/** A plugin that prints this to stderr and fails. */
const failing = (said: string) => ({
  command: '/bin/sh',
  args: ['-c', 'printf %s "$SAID" >&2; exit 1'],
  env: [{ name: 'SAID', value: said }],
});

/** As gke-gcloud-auth-plugin wraps what gcloud says. */
const OF_GCLOUD = `F0817 16:03:11.318203   24358 cred.go:150] print credential failed with error: failed to retrieve access token: failure while executing gcloud, with args [config config-helper --format=json]: exit status 1 (err: ERROR: (gcloud.config.config-helper) You do not currently have an active account selected.
Please run:

  $ gcloud auth login

to obtain new credentials.
)`;
const OF_PYTHON = `Traceback (most recent call last):
  File "/usr/lib/errors.py", line 3, in load
    raise ConfigParseError(path)
awscli.ConfigParseError: Unable to parse config file`;

test.each([
  [
    'failed \\(print credential .* \\(err: ERROR: .* active account selected\\.\\); make',
    failing(OF_GCLOUD),
  ],
  ['failed \\(awscli.ConfigParseError: Unable to parse config file\\)', failing(OF_PYTHON)],
  ['failed \\(Log in anew\\.\\)', failing('Well,\nLog in anew.\n---\n')],
  ['failed \\(it said nothing\\)', failing(')\n')],
  ['failed \\(EACCES\\)', { command: '/etc/passwd' }],
  ['is not installed', { command: 'no-such-plugin-anywhere', installHint: 'get it\nhere' }],
  ['failed \\(no login\\)', { command: '/bin/sh', args: ['-c', 'echo no login >&2; exit 3'] }],
  ['printed no ExecCredential', { command: '/bin/echo', args: ['{"token": "verysecret"}'] }],
])('a credential plugin that %s', async (words, exec) => {
  const refused = connect({ kubeconfig: plane.kubeconfig({ user: { exec } }), env: process.env });
  await expect(refused).rejects.toThrow(new RegExp(words));
  await refused.catch((error: Error) => {
    expect([error.message, ...causesOf(error)].join()).not.toContain('verysecret');
  });
});

test('HTTP and SOCKS proxies, named by the kubeconfig', async () => {
  const user = { token: ADMIN_TOKEN };
  for (const proxy of [
    await startConnectProxy(),
    await startConnectProxy('me:secret'),
    await startSocksProxy(),
    await startSocksProxy({ login: ['me', 'secret'] }),
  ]) {
    const cluster = { 'proxy-url': proxy.address };
    expect((await connected(plane.kubeconfig({ user, cluster }))).user).toBe('admin');
    // Both requests went through one kept tunnel.
    expect(proxy.tunnels()).toBe(1);
    await proxy.close();
  }
});

test('a proxy that refuses is named, without its password', async () => {
  const proxy = await startConnectProxy('me:secret');
  const cluster = { 'proxy-url': proxy.address.replace('secret', 'wrongword') };
  const refused = connected(plane.kubeconfig({ cluster }));
  await expect(refused).rejects.toThrow(
    /the proxy 127\.0\.0\.1:\d+ refused the connection: status 407/,
  );
  await refused.catch((error: Error) => expect(error.message).not.toContain('wrongword'));
  await proxy.close();
});

test('a server that is not there is named long before the patience with a known one is over', async () => {
  const started = performance.now();
  await expect(connected(plane.kubeconfig({ server: 'https://127.0.0.1:1' }))).rejects.toThrow(
    'The API server at https://127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1)',
  );
  expect(performance.now() - started).toBeLessThan(500 * RETRY_PATIENCE_SECONDS);
});

test('credentials that the server refuses', async () => {
  await expect(connected(plane.kubeconfig({ user: { token: 'wrong' } }))).rejects.toThrow(
    `The API server at ${plane.server} refused the kubeconfig's credentials (401 Unauthorized)`,
  );
});

test('a right that is missing is named with verb, resource and namespace', async () => {
  const kubeconfig = plane.kubeconfig({ user: { token: NOBODY_TOKEN } });
  const { client } = await connect({ kubeconfig, env: {} });
  await expect(client.create('/api/v1/namespaces/default/pods', {})).rejects.toThrow(
    'The user "nobody" may not create pods in the namespace "default"',
  );
  await expect(client.list('/api/v1/nodes')).rejects.toThrow(
    'The user "nobody" may not list nodes in the cluster',
  );
  client.close();
});
