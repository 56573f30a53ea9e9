import { expect, test } from '@jest/globals';
import {
  parseBoolean,
  parseImages,
  parseInjectorImage,
  parseManifests,
  parseNamespace,
  parseOnUnavailableNode,
  parsePlatforms,
  parseRewrite,
  parseRewriteNamespaces,
  parseTimeout,
} from '../../../src/host/input-values.js';
import { workflowOf } from '../../../src/host/inputs.js';
import { parseLabels } from '../../../src/host/labels.js';

test('images are the lines that name something', () => {
  expect(parseImages('  nginx:1\n\n# a comment\n ./web.tar \n')).toEqual(['nginx:1', './web.tar']);
});

test.each(['', '\n \n', '# only a comment'])('no image at all is refused: %j', (value) => {
  expect(() => parseImages(value)).toThrow(/`images` is empty/);
});

test('manifests are one a line or between commas, and comments are none', () => {
  const value = ' deploy/ # all\n\n# none\nweb.yaml, k/{a,b}.yml\n';
  expect(parseManifests(value)).toEqual(['deploy/', 'web.yaml', 'k/{a,b}.yml']);
});

test.each([
  ['90', 90],
  ['90s', 90],
  ['10m', 600],
  ['1h', 3600],
  ['', 600],
])('the timeout %j is %d seconds', (value, seconds) => {
  expect(parseTimeout(value)).toBe(seconds);
});

test.each(['0', '-1', '10 minutes', 'm', '1d', '1e3'])('the timeout %j is refused', (value) => {
  expect(() => parseTimeout(value)).toThrow(`The input \`timeout\` is "${value}"`);
});

test.each([
  ['', 'warn'],
  ['fail', 'fail'],
  ['warn', 'warn'],
  ['ignore', 'ignore'],
])('on an unavailable node %j is %j', (value, meaning) => {
  expect(parseOnUnavailableNode(value)).toBe(meaning);
});

test('on an unavailable node nothing else can be done', () => {
  expect(() => parseOnUnavailableNode('Fail')).toThrow(
    'The input `on-unavailable-node` is "Fail"; give fail, warn or ignore.',
  );
});

test('names are rewritten where that can be, by a policy, or not at all', () => {
  expect(['', 'auto', 'policy', 'none'].map(parseRewrite)).toEqual([
    ...['auto', 'auto', 'policy', 'none'],
  ]);
  expect(() => parseRewrite('true')).toThrow(
    'The input `rewrite` is "true"; give auto, policy or none.',
  );
});

test.each(['Jackal', 'a_b', '-a', 'a-', 'a'.repeat(64), 'a/b', '../a'])(
  'the namespace %j is refused',
  (value) => {
    expect(() => parseNamespace(value)).toThrow(/no namespace name/);
  },
);

const ENVIRONMENT = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/web',
  GITHUB_RUN_ID: '12',
  GITHUB_RUN_ATTEMPT: '3',
};

test("the workflow run's attempt has a URL", () => {
  const url = 'https://github.com/acme/web/actions/runs/12/attempts/3';
  expect(workflowOf(ENVIRONMENT)).toBe(url);
});

test.each(Object.keys(ENVIRONMENT))("without %s the workflow run's attempt has none", (name) => {
  expect(workflowOf({ ...ENVIRONMENT, [name]: undefined })).toBeUndefined();
  expect(workflowOf({ ...ENVIRONMENT, [name]: '' })).toBeUndefined();
});

test.each(['GITEA_ACTIONS', 'FORGEJO_ACTIONS'])('with %s attempts are of jobs', (name) => {
  expect(workflowOf({ ...ENVIRONMENT, [name]: 'true' })).toBeUndefined();
});

test('a namespace is a DNS label', () => {
  expect(() => parseNamespace('')).toThrow('is no namespace name');
  expect(parseNamespace('team-a')).toBe('team-a');
});

test.each(['pause', 'registry.k8s.io/pause:3.10', `10.0.0.1:5000/a/b@sha256:${'a'.repeat(64)}`])(
  'the injector may start from %s',
  (reference) => {
    expect(parseInjectorImage(reference)).toBe(reference);
  },
);

test.each(['http://r.test/a', 'Pause', 'a b', 'oci:./dir', 'a@sha256:1', '<none>'])(
  'the injector image %j is refused',
  (reference) => {
    expect(() => parseInjectorImage(reference)).toThrow(
      /^The input `injector-image` cannot be pulled: ".*" is not an image reference: .*; write it as /,
    );
  },
);

test.each([
  ['linux/amd64,linux/arm64', ['linux/amd64', 'linux/arm64']],
  ['linux/amd64\r\n"linux/arm64", # both\r\n', ['linux/amd64', 'linux/arm64']],
  ['linux/amd64 linux/arm64', ['linux/amd64', 'linux/arm64']],
])('the platforms %j are %j', (value, platforms) => {
  expect(parsePlatforms(value)).toEqual(platforms);
});

test.each([
  ['a\r\nb,\r\n', 'a,b'],
  ['"a", b # those', 'a,b'],
  ['team in (a, b)', 'team in (a,b)'],
  ['"team in (a,b)"', 'team in (a,b)'],
  ['*', '*'],
  ['# none\n', ''],
])('the namespaces %j are %j', (value, namespaces) => {
  expect(parseRewriteNamespaces(value)).toEqual(namespaces);
});

test('labels are one a line or between commas, quoted or not', () => {
  expect(parseLabels('team=web,\r\n# mine\r\n"tier=a", x/y=\r\n')).toEqual({
    team: 'web',
    tier: 'a',
    'x/y': '',
  });
});

test.each([
  ['true', true],
  ['True', true],
  ['FALSE', false],
  ['', false],
])('%j is %j', (value, meaning) => {
  expect(parseBoolean('allow-missing-platforms', value)).toBe(meaning);
});

test.each(['yes', 'on', '1', 'tRUE'])('%j is neither true nor false', (value) => {
  expect(() => parseBoolean('allow-missing-platforms', value)).toThrow('give true or false');
});
