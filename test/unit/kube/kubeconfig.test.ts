import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  absoluteFiles,
  hasLinesOfBraces,
  loadKubeconfig,
} from '../../../src/kube/login/kubeconfig.js';
import { causesOf } from '../../../src/lib/errors.js';

const CONFIG = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- { name: red, cluster: { server: "https://red.example", certificate-authority: red.crt } }
- { name: blue, cluster: { server: "https://blue.example" } }
users:
- name: jane
  user: { token: verysecret, client-key: keys/jane.key }
- name: plugged
  user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./bin/plugin } }
contexts:
- { name: one, context: { cluster: red, user: jane, namespace: team } }
- { name: two, context: { cluster: blue, user: plugged } }
- { name: lost, context: { cluster: gone, user: jane } }
- { name: nobody, context: { cluster: red, user: gone } }
`;

let home: string;
let file: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'jackal-kubeconfig-'));
  file = path.join(home, 'config.yaml');
  await writeFile(file, CONFIG);
});

afterAll(() => rm(home, { recursive: true, force: true }));

test('the current context, with files beside the kubeconfig', async () => {
  expect(await loadKubeconfig(file, undefined, {})).toEqual({
    context: 'one',
    namespace: 'team',
    cluster: { server: 'https://red.example', 'certificate-authority': path.join(home, 'red.crt') },
    user: { token: 'verysecret', 'client-key': path.join(home, 'keys/jane.key') },
  });
});

test('another context, with a plugin beside the kubeconfig', async () => {
  const { cluster, user } = await loadKubeconfig(file, 'two', {});
  expect(cluster.server).toBe('https://blue.example');
  expect(user.exec?.command).toBe(path.join(home, 'bin/plugin'));
});

test('content in place of a path, as YAML, JSON and base64', async () => {
  const json = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'https://json.example' } }],
    contexts: [{ name: 'only', context: { cluster: 'c' } }],
  });
  // The only context is taken when none is current.
  expect((await loadKubeconfig(json, undefined, {})).cluster.server).toBe('https://json.example');
  expect((await loadKubeconfig(CONFIG, undefined, {})).context).toBe('one');
  const base64 = Buffer.from(CONFIG).toString('base64');
  expect((await loadKubeconfig(base64, undefined, {})).context).toBe('one');
});

const BASE64 = Buffer.from(CONFIG).toString('base64');

/** As the command `base64` prints it: lines of so many characters. */
const wrapped = (width: number, ending = '\n') =>
  `${BASE64.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${ending}`)}${ending}`;

test.each([
  ['lines of 76, as GNU base64 makes them', wrapped(76)],
  ['lines of 64, as OpenSSL makes them', wrapped(64)],
  ['line breaks of Windows', wrapped(76, '\r\n')],
  ['indented lines', wrapped(76, '\n  ')],
  ['an empty line before', `\n${BASE64}\n`],
  ['the alphabet for URLs', Buffer.from(CONFIG).toString('base64url')],
])('base64 with %s', async (_, given) => {
  expect((await loadKubeconfig(given, undefined, {})).context).toBe('one');
});

test('the order of places: input, KUBECONFIG, home', async () => {
  await mkdir(path.join(home, '.kube'), { recursive: true });
  await writeFile(
    path.join(home, '.kube/config'),
    CONFIG.replace('current-context: one', 'current-context: two'),
  );
  const env = { HOME: home, KUBECONFIG: file };
  expect((await loadKubeconfig('~/.kube/config', undefined, env)).context).toBe('two');
  expect((await loadKubeconfig('', undefined, env)).context).toBe('one');
  expect((await loadKubeconfig(undefined, undefined, { HOME: home })).context).toBe('two');
});

test('several files of KUBECONFIG: what comes first wins, what is missing is passed over', async () => {
  const second = path.join(home, 'second.yaml');
  await writeFile(
    second,
    CONFIG.replaceAll('red.example', 'other.example').replaceAll('two', 'three'),
  );
  const env = { KUBECONFIG: [path.join(home, 'missing'), file, second].join(':') };
  expect((await loadKubeconfig(undefined, 'one', env)).cluster.server).toBe('https://red.example');
  expect((await loadKubeconfig(undefined, 'three', env)).cluster.server).toBe(
    'https://blue.example',
  );
});

/** What a list of files may be made of, none of which is a kubeconfig by itself. */
const PARTS = {
  'cluster.yaml': `
clusters: [{ name: c, cluster: { server: "https://parts.example" } }]
contexts: [{ name: x, context: { cluster: c, user: u } }, { name: y, context: { cluster: c } }]
`,
  'user.yaml': 'apiVersion: v1\nkind: Config\nusers: [{ name: u, user: { token: verysecret } }]\n',
  'current.yaml': 'current-context: x\n',
  'empty.yaml': '',
  'comment.yaml': '# nothing yet\n',
};

/** KUBECONFIG with some of them. */
async function listed(...names: readonly (keyof typeof PARTS)[]) {
  const files = names.map((name) => path.join(home, name));
  await Promise.all(names.map((name, index) => writeFile(files[index] as string, PARTS[name])));
  return { KUBECONFIG: files.join(path.delimiter) };
}

test.each([
  [['cluster.yaml', 'user.yaml', 'current.yaml']],
  [['current.yaml', 'cluster.yaml', 'user.yaml']],
  [['empty.yaml', 'comment.yaml', 'current.yaml', 'user.yaml', 'cluster.yaml']],
] as const)(
  'several files of KUBECONFIG make one kubeconfig, as with kubectl: %s',
  async (names) => {
    expect(await loadKubeconfig(undefined, undefined, await listed(...names))).toEqual({
      context: 'x',
      cluster: { server: 'https://parts.example' },
      user: { token: 'verysecret' },
    });
  },
);

test('only files that have no clusters and contexts all together are malformed', async () => {
  const without = loadKubeconfig(undefined, undefined, await listed('empty.yaml', 'user.yaml'));
  await expect(without).rejects.toThrow(
    'The kubeconfig is malformed: it has no clusters and contexts; give',
  );
  const one = loadKubeconfig(undefined, undefined, await listed('empty.yaml'));
  await expect(one).rejects.toThrow('empty.yaml is malformed: it has no clusters and contexts');
});

/** As Kubernetes makes one of its own accord: no CA, and a token that is no longer than a path may be. */
const SHORT = {
  clusters: [{ name: 'c', cluster: { server: 'https://short.example:6443' } }],
  users: [{ name: 'u', user: { token: 'verysecret' } }],
  contexts: [{ name: 'only', context: { cluster: 'c', user: 'u' } }],
};

const SHORT_YAML = `clusters:
- name: c
  cluster:
    server: https://short.example:6443
users:
- name: u
  user:
    token: verysecret
contexts:
- name: only
  context:
    cluster: c
    user: u
`;

test.each([
  ['YAML', SHORT_YAML],
  ['JSON', JSON.stringify(SHORT)],
  ['JSON of several lines', JSON.stringify(SHORT, null, 2)],
  ['base64', Buffer.from(SHORT_YAML).toString('base64')],
  ['wrapped base64', wrapped(76)],
])('KUBECONFIG may hold the content: %s', async (_, KUBECONFIG) => {
  const { user } = await loadKubeconfig(undefined, undefined, { KUBECONFIG });
  expect(user).toMatchObject({ token: 'verysecret' });
  expect(absoluteFiles({ KUBECONFIG })).toBeUndefined();
});

test('paths of KUBECONFIG are kept as absolute ones', () => {
  expect(absoluteFiles({ KUBECONFIG: '/a:b::' })).toBe(`/a:${path.resolve('b')}::`);
  expect(absoluteFiles({})).toBe('');
});

test('paths that are not there stand as they were given, as masks have them', async () => {
  const loaded = loadKubeconfig(undefined, undefined, { KUBECONFIG: '/none/a:/none/b' });
  await expect(loaded).rejects.toThrow('The kubeconfig /none/a:/none/b does not exist');
});

test.each([
  ['YAML that ends too soon', `${SHORT_YAML}- name: [`, 'is malformed: it is not YAML'],
  ['JSON that ends too soon', JSON.stringify(SHORT).slice(0, -1), 'is malformed: it is not YAML'],
  ['YAML of something else', 'user:\n  token: verysecret', 'it has no clusters and contexts'],
  ['YAML without its lines', SHORT_YAML.replaceAll(/\s+/g, ' '), 'neither a path nor a kubeconfig'],
  ['a list without names', 'token:verysecret\n', 'neither a path nor'],
])('KUBECONFIG with %s is not shown', async (_, KUBECONFIG, words) => {
  const loaded = loadKubeconfig(undefined, undefined, { KUBECONFIG });
  await expect(loaded).rejects.toThrow(words);
  await loaded.catch((error: Error) => {
    expect([error.message, ...causesOf(error)].join()).not.toContain('verysecret');
  });
});

test.each([
  ['/no/such/file', undefined, 'The kubeconfig /no/such/file does not exist'],
  [CONFIG, 'four', 'has no context "four" (it has one, two, lost, nobody)'],
  [CONFIG.replace('current-context: one', ''), undefined, 'no current context'],
  [CONFIG, 'lost', 'its context "lost" names no cluster with a usable server address'],
  [CONFIG, 'nobody', 'names the user "gone", who is missing'],
  [`${CONFIG}\n  token: [verysecret`, undefined, 'is malformed: it is not YAML'],
  ['verysecret:\n  - 1', undefined, 'is malformed: it has no clusters and contexts'],
  ['- verysecret\n- 1', undefined, 'is malformed: it has no clusters and contexts'],
  ['clusters: verysecret\ncontexts:\n', undefined, 'its `clusters` is not a list'],
  ['clusters:\n- verysecret\n', undefined, 'clusters[0] has no name'],
  ['clusters: - user: token: verysecret', undefined, 'neither a path nor a kubeconfig'],
  ['verysecret'.repeat(10), undefined, 'neither a path nor a kubeconfig'],
  ['verysecret'.repeat(40), undefined, 'neither a path nor a kubeconfig'],
])('bad input %#', async (given, context, words) => {
  const loaded = loadKubeconfig(given, context, {});
  await expect(loaded).rejects.toThrow(words);
  await expect(loaded).rejects.toMatchObject({ name: 'ActionError' });
  await loaded.catch((error: Error) => {
    expect([error.message, ...causesOf(error)].join()).not.toContain('verysecret');
  });
});

test.each([
  ['certificate-authority-data', { 'certificate-authority-data': 'DATA+OMITTED' }, {}],
  ['client-certificate-data', {}, { 'client-certificate-data': 'DATA+OMITTED' }],
  ['client-key-data', {}, { 'client-key-data': 'DATA+OMITTED' }],
  ['token', {}, { token: 'REDACTED' }],
  ['password', {}, { username: 'jane', password: 'REDACTED' }],
])('what `kubectl config view` prints without --raw is no kubeconfig: %s', async (field, c, u) => {
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'https://c.example', ...c } }],
    users: [
      { name: 'u', user: u },
      { name: 'other', user: { token: 'REDACTED' } },
      { name: 'whole', user: { token: 'verysecret' } },
    ],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u' } },
      { name: 'whole', context: { cluster: 'c', user: 'whole' } },
    ],
  };
  const given = JSON.stringify(kubeconfig);
  await expect(loadKubeconfig(given, 'x', {})).rejects.toThrow(
    `is malformed: its ${field} is left out, as \`kubectl config view\` does without --raw; give`,
  );
  // What nobody uses may be left out.
  const whole = given.replace('DATA+OMITTED', 'QQ==');
  expect((await loadKubeconfig(whole, 'whole', {})).user.token).toBe('verysecret');
});

test.each([
  ['JSON of several lines', JSON.stringify({ clusters: [] }, null, 2), true],
  ['JSON with carriage returns', '{\r\n"clusters": []\r\n}\r\n', true],
  ['JSON of one line', JSON.stringify({ clusters: [] }), false],
  ['YAML', CONFIG, false],
  ['base64 of JSON of several lines', Buffer.from('{\n}').toString('base64'), false],
  ['a path', '/home/me/.kube/config', false],
])('whether a runner would mask braces: %s', (_, given, has) => {
  expect(hasLinesOfBraces(given)).toBe(has);
});

test('no kubeconfig anywhere', async () => {
  const nowhere = { HOME: path.join(home, 'nowhere') };
  await expect(loadKubeconfig(undefined, undefined, nowhere)).rejects.toThrow(
    'There is no kubeconfig;',
  );
});

/** A Pod's environment, with its service account's files in a directory of their own and nothing at home. */
async function inPod() {
  const home = await mkdtemp(path.join(tmpdir(), 'jackal-pod-'));
  const account = path.join(home, 'serviceaccount');
  await mkdir(account);
  await writeFile(path.join(account, 'token'), 'verysecret');
  const env = { HOME: home, KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const load = (context?: string) => loadKubeconfig(undefined, context, env, account);
  const atHome = async (text: string) => {
    await mkdir(path.join(home, '.kube'));
    await writeFile(path.join(home, '.kube', 'config'), text);
  };
  return { load, atHome, remove: () => rm(home, { recursive: true }) };
}

test("a context is never that of a Pod's own service account", async () => {
  const { load, remove } = await inPod();
  try {
    expect((await load()).cluster.server).toBe('https://10.0.0.1:443');
    await expect(load('staging')).rejects.toThrow(
      'There is no kubeconfig that could have the context "staging"; give its path or content',
    );
  } finally {
    await remove();
  }
});

test('what began by the service account ends by it, though a kubeconfig was written since', async () => {
  const { load, atHome, remove } = await inPod();
  try {
    const { context } = await load();
    await atHome(CONFIG);
    expect((await load(context)).cluster.server).toBe('https://10.0.0.1:443');
    expect((await load()).context).toBe('one');
    expect((await load('two')).context).toBe('two');
  } finally {
    await remove();
  }
});
