import { describe, expect, test } from '@jest/globals';
import { injectedNames } from '../../../src/rewrite/names.js';
import { renderManifests } from '../../../src/rewrite/render.js';
import { image } from './images.js';
import { WORKLOADS } from './manifests.js';

const NGINX = image('nginx:1.29').pullable;
const NAMES = injectedNames([image('nginx:1.29')]);

const render = (source: string) => renderManifests(source, NAMES, 'The file web.yaml');

/** A Pod with these lines as its only container. */
const pod = (...lines: string[]) =>
  [
    'apiVersion: v1',
    'kind: Pod',
    'spec:',
    '  containers:',
    '  -',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');

test('images are rewritten where a kind has them, and nothing else changes', () => {
  const rendered = render(WORKLOADS);
  expect(rendered).toBe(WORKLOADS.replaceAll(/nginx:1\.29(?=.* # in$)/gm, NGINX));
  expect(rendered.split(NGINX).length - 1).toBe(19);
});

test.each([
  ['nothing', ''],
  ['comments', '# nothing\n---\n# here\n...\n'],
  ['a text', 'nginx:1.29\n'],
  ['no object', '- image: nginx:1.29\n--- 1\n--- null\n'],
  ['empty fields', 'apiVersion: v1\nkind: Pod\nspec:\n'],
  ['other shapes', 'apiVersion: v1\nkind: Pod\nspec: { containers: { image: nginx:1.29 } }\n'],
  ['no text', pod('image: 1.29')],
  ['lists that are none', 'apiVersion: v1\nkind: List\nitems: 1\n'],
  ['images of other names', pod('image: nginx', 'name: nginx:1.29')],
  ['an alias to nothing', pod('image: *none')],
  ['two values for a key', `${pod('image: nginx')}kind: Pod\n`],
])('%s stays as it is', (_, source) => {
  expect(render(source)).toBe(source);
});

describe('a text is written as it was', () => {
  test.each([
    ['image: nginx:1.29  # comment', `image: ${NGINX}  # comment`],
    ["image: 'nginx:1.29'", `image: '${NGINX}'`],
    ['image: "nginx:1.2\\x39"', `image: "${NGINX}"`],
    ['"image": !!str nginx:1.29', `"image": !!str ${NGINX}`],
    ['image: >-\n      nginx:1.29\n    name: a', `image: ${NGINX}\n    name: a`],
    ['image: docker.io/library/nginx:1.29', `image: ${NGINX}`],
    ['image: &it nginx:1.29', `image: &it ${NGINX}`],
  ])('%s', (source, result) => {
    expect(render(pod(source))).toBe(pod(result));
  });

  test('with the line ends of Windows', () => {
    const source = pod('image: >-', '  nginx:1.29', 'name: a').replaceAll('\n', '\r\n');
    expect(render(source)).toBe(pod(`image: ${NGINX}`, 'name: a').replaceAll('\n', '\r\n'));
  });

  test('in JSON', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [{ image: 'nginx:1.29' }] },
    };
    const source = JSON.stringify(object, null, 4);
    expect(render(source)).toBe(source.replace('nginx:1.29', NGINX));
  });

  test('in quotes where the new one would be a list', () => {
    const names = new Map([['docker.io/library/nginx:1.29', '[::1]:30399/x/nginx']]);
    expect(renderManifests(pod('image: nginx:1.29'), names, 'It')).toBe(
      pod("image: '[::1]:30399/x/nginx'"),
    );
  });
});

describe('a list of one kind', () => {
  const list = (kind: string, ...items: string[]) =>
    `apiVersion: apps/v1\nkind: ${kind}\nitems:\n${items.map((item) => `  - ${item}\n`).join('')}`;
  const spec = (name: string) =>
    `spec: { template: { spec: { containers: [{ image: ${name} }] } } }`;

  test('gives its type to items that have none', () => {
    const items = (name: string) => [
      `{ ${spec(name)} }`,
      `{ metadata: { name: a }, ${spec(name)} }`,
      `{ apiVersion: apps/v1, kind: StatefulSet, ${spec(name)} }`,
    ];
    expect(render(list('DeploymentList', ...items('nginx:1.29')))).toBe(
      list('DeploymentList', ...items(NGINX)),
    );
  });

  test.each([
    ['that have a kind', 'DeploymentList', `{ kind: Deployment, ${spec('nginx:1.29')} }`],
    ['that have a version', 'DeploymentList', `{ apiVersion: apps/v1, ${spec('nginx:1.29')} }`],
    ['where it has none itself', 'List', `{ ${spec('nginx:1.29')} }`],
    ['of a kind that has no images', 'ControllerRevisionList', `{ ${spec('nginx:1.29')} }`],
  ])('gives none to items %s', (_, kind, item) => {
    expect(render(list(kind, item))).toBe(list(kind, item));
  });
});

describe('objects of JSON in a row', () => {
  const object = (name: string, about = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    ...{ metadata: { annotations: { text: `}"\\{ ${name}` } }, ...about },
    spec: { containers: [{ image: name }] },
  });
  const indented = (name: string) => JSON.stringify(object(name), null, '\t');

  test.each([
    ['a line each', '\n'],
    ['nothing between', ''],
    ['much between', ' \r\n\t\n\n'],
  ])('%s', (_, between) => {
    const stream = (name: string) =>
      `\n${[JSON.stringify(object(name)), '{}', indented(name)].join(between)}${between}`;
    const meant = stream('nginx:1.29').replaceAll(
      /("image":\s?)"nginx:1\.29"/g,
      (_all, key) => `${key}"${NGINX}"`,
    );
    expect(meant.split(NGINX).length - 1).toBe(2);
    expect(render(stream('nginx:1.29'))).toBe(meant);
  });

  test.each([
    ['with a comma between', '{"a":1},{"b":2}'],
    ['with text behind', '{"a":1}{"b":2}\na: 1\n'],
    ['of which one does not end', '{"a":1}{"b":2'],
    ['of which one ends twice', '{"a":1}}{"b":2}'],
    ['that are YAML', '{a: 1}\n{b: 2}\n'],
  ])('are none %s', (_, source) => {
    expect(() => render(source)).toThrow(/^The file web\.yaml is not YAML: .* at line \d/);
  });

  test('are none where documents of YAML begin with one', () => {
    const documents = (name: string) =>
      `${JSON.stringify(object('nginx'))}\n---\n{ kind: Pod, apiVersion: v1, # {\n spec: { containers: [{ image: ${name} }] } }\n`;
    expect(render(documents('nginx:1.29'))).toBe(documents(NGINX));
  });
});

describe('what kubectl takes, though YAML 1.2 forbids it:', () => {
  const inside = (...lines: string[]) => pod(...lines, 'image: nginx:1.29', 'name: a # last');

  test.each([
    ['a quoted text in a list', ['args: ["-c", "', 'echo', '', '  echo nginx:1.29', '"]']],
    ['one that ends left of its key', ["args: ['-c', '", "  it''s", '  ', "---a'", ']']],
    ['one that is an item', ['args:', '- "echo', 'image: nginx:1.29', '"', '- b']],
    ['one that is the value', ['workingDir: "a', '  b', '"']],
    ['items below their key', ['command: [', '"a", # ]', 'b', ']']],
    ['lists in lists', ['command: [ a, [', '{', 'b: c }', '] ]']],
    ['a map with a plain text of two lines', ['resources: { a: b', 'c,', 'd: e }']],
    ['comments without a space', ['command: ["a",#b]', '  "c"#d', '  ]#e', 'workingDir: "f"#g']],
  ])('%s', (_, lines) => {
    const source = inside(...lines);
    const meant = source.replace(/(?<=^ {4}image: )nginx:1\.29(?=\n {4}name: a # last)/m, NGINX);
    expect(meant).not.toBe(source);
    expect(render(source)).toBe(meant);
  });

  test('brackets and quotes in the first column', () => {
    const source = (name: string) =>
      `a: b\n---\n${pod('args: [', `image: ${name}`).replace('[\n', '["-c", "\nkind: Job\n",\nb\n]\n')}`;
    expect(render(source('nginx:1.29'))).toBe(source(NGINX));
  });

  test.each([
    ['a quote without end', 'a:\n  b: "c\nd: e\n---\nf: "g"\n'],
    ['a list without end', 'a:\n  b: [c\n---\nd: e]\n'],
    ['a text behind a quote', 'a:\n  b: "c\nd: "e"\n'],
  ])('and nothing else, such as %s', (_, source) => {
    expect(() => render(source)).toThrow(/^The file web\.yaml is not YAML: .* at line \d/);
  });
});

describe('anchors', () => {
  /** Two containers behind some lines at the top. */
  const two = (top: string, one: string, other: string) =>
    `${top}\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - ${one}\n    - ${other}\n`;

  test('that are images take their aliases along', () => {
    expect(render(two('', 'image: &it nginx:1.29', 'image: *it'))).toBe(
      two('', `image: &it ${NGINX}`, 'image: *it'),
    );
  });

  test('that are images leave behind what is no image', () => {
    const variables = (image: string, value: string) =>
      `image: ${image}\n      env: [{ name: A, value: ${value} }, { name: B, value: ${value} }]`;
    expect(render(two('', variables('&it "nginx:1.29"', '*it'), variables('*it', '*it')))).toBe(
      two('', variables(`&it "${NGINX}"`, 'nginx:1.29'), variables('*it', 'nginx:1.29')),
    );
  });

  test('that are something else stay, and the image is written in place of the alias', () => {
    expect(render(two('version: &it nginx:1.29', 'image: *it', 'image: *it # too'))).toBe(
      two('version: &it nginx:1.29', `image: ${NGINX}`, `image: ${NGINX} # too`),
    );
  });

  test('of containers, and of what is merged in, are rewritten once', () => {
    expect(render(two('base: &it { image: nginx:1.29 }', '*it', '<<: *it'))).toBe(
      two(`base: &it { image: ${NGINX} }`, '*it', '<<: *it'),
    );
    const merged = ['<<: [{ name: a }, *it]', '<<: *it\n      image: nginx:1.28'] as const;
    expect(render(two('base: &it { image: nginx:1.29 }', ...merged))).toBe(
      two(`base: &it { image: ${NGINX} }`, ...merged),
    );
  });

  const MERGED = 'x: [&it { image: nginx:1.29 }, &other { image: other }, &b { name: b }]';

  /* By `kubectl label --local -o json` 1.37.2, whose go-yaml puts one after the other into the map. */
  test.each([
    ['all of several, first', '<<: *it\n      <<: *b'],
    ['all of several, last', '<<: *b\n      <<: *it'],
    ['the last of several', '<<: *other\n      <<: *it'],
    ['the first of a list', '<<: [*it, *other]'],
    ['what comes behind an own one', 'image: other\n      <<: *it'],
    ['what comes behind another one', '<<: *other\n      image: other\n      <<: [*b, *it]'],
    ['what is merged into it', '<<: { image: other, <<: *it }'],
  ])('that are merged in give %s', (_, merged) => {
    const source = two(MERGED, merged, 'image: other');
    expect(render(source)).toBe(source.replace('nginx:1.29', NGINX));
  });

  test.each([
    ['an own one behind', '<<: *it\n      image: other'],
    ['the last of several', '<<: *it\n      <<: *other'],
    ['the first of a list', '<<: [*other, *it]'],
  ])('that are merged in stay where another one counts: %s', (_, merged) => {
    const source = two(MERGED, merged, 'image: other');
    expect(render(source)).toBe(source);
  });

  test('keep the pull policy of what they are merged into beside another image', () => {
    const source = two('', '&it\n      image: nginx:1.29\n      imagePullPolicy: Always', 'PLACE');
    const merged = (image: string) => source.replace('PLACE', `<<: *it\n      image: ${image}`);
    expect(render(merged('other'))).toBe(merged('other').replace('nginx:1.29', NGINX));
    const alike = merged('nginx:1.29').replaceAll('nginx:1.29', NGINX);
    expect(render(merged('nginx:1.29'))).toBe(alike.replace('Always', 'IfNotPresent'));
  });

  test('that are merged in are found in YAML 1.1, which a directive tells', () => {
    // kubectl 1.37.2 takes one behind the end of a document.
    const source = `a: b\n...\n%YAML 1.1\n---\n${two(MERGED, '<<: *it', 'image: other')}`;
    expect(render(source)).toBe(source.replace('nginx:1.29', NGINX));
  });

  test('of a kind that is merged in, or given twice, are found by what counts', () => {
    const source = `x: &it { kind: Pod }\nkind: Service\n<<: *it\n${pod('image: nginx:1.29').replace('kind: Pod\n', '')}`;
    expect(render(source)).toBe(source.replace('nginx:1.29', NGINX));
  });

  test('of all members of a map are followed', () => {
    const worker = (name: string) => `{ template: { spec: { containers: [{ image: ${name} }] } } }`;
    const job = (name: string) =>
      `apiVersion: kubeflow.org/v1
kind: TFJob
base: &it { Worker: ${worker(name)} }
spec: { tfReplicaSpecs: { <<: *it, PS: ${worker(name)} } }
`;
    expect(render(job('nginx:1.29'))).toBe(job(NGINX));
  });
});

describe('a pull policy', () => {
  test('that always asks the registry gives way, in containers that are rewritten alone', () => {
    expect(render(pod('imagePullPolicy: Always', 'image: nginx:1.29'))).toBe(
      pod('imagePullPolicy: IfNotPresent', `image: ${NGINX}`),
    );
    const other = pod('imagePullPolicy: Always', 'image: nginx:1.28');
    expect(render(other)).toBe(other);
  });

  const containers = (...list: (readonly [string, string])[]) =>
    `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n${list
      .map(([image, policy]) => `    - { image: ${image}, imagePullPolicy: ${policy} }\n`)
      .join('')}`;

  test('that an alias has gives way there alone', () => {
    expect(render(containers(['other', '&p Always'], ['nginx:1.29', '*p'], ['other', '*p']))).toBe(
      containers(['other', '&p Always'], [NGINX, 'IfNotPresent'], ['other', '*p']),
    );
  });

  test('that has aliases gives way and stays in the containers of other images', () => {
    expect(
      render(containers(['nginx:1.29', '&p Always'], ['other', '*p'], ['nginx:1.29', '*p'])),
    ).toBe(containers([NGINX, '&p IfNotPresent'], ['other', 'Always'], [NGINX, '*p']));
  });

  test('that does not stays', () => {
    expect(render(pod('image: nginx:1.29', 'imagePullPolicy: Never'))).toBe(
      pod(`image: ${NGINX}`, 'imagePullPolicy: Never'),
    );
  });
});

test.each([
  ['a: b: c\n', 'Nested mappings are not allowed in compact mappings at line 1, column 4'],
  [`${WORKLOADS}---\na: "b\n`, 'Missing closing "quote at line \\d+, column 1'],
  ['\ta: 1\n', 'Tabs are not allowed as indentation at line 1, column 1'],
])('a fault is a sentence with its place', (source, words) => {
  const sentence = new RegExp(`^The file web\\.yaml is not YAML: ${words}; correct it there\\.$`);
  expect(() => render(source)).toThrow(sentence);
});

test('an anchor that has itself inside is a sentence', () => {
  const source = 'apiVersion: v1\nkind: List\nitems: &it [{ kind: List, items: *it }]\n';
  expect(() => render(source)).toThrow(
    'The file web.yaml is nested without end; look for an anchor that has its own alias inside.',
  );
});

test.each([
  [
    'argoproj.io/v1alpha1',
    'Workflow',
    '{ templates: [{ dag: { tasks: [{ inline: { container: HERE } }] } }] }',
  ],
  [
    'argoproj.io/v1alpha1',
    'Workflow',
    '{ templates: [{ steps: [[{ name: a }, { inline: { script: HERE } }]] }] }',
  ],
  [
    'argoproj.io/v1alpha1',
    'Workflow',
    '{ templates: [{ volumes: [{ image: { reference: nginx:1.29 } }] }] }',
  ],
  ['ray.io/v1', 'RayCluster', '{ autoscalerOptions: HERE }'],
  ['ray.io/v1', 'RayService', '{ rayClusterConfig: { autoscalerOptions: HERE } }'],
  ['monitoring.coreos.com/v1', 'Prometheus', '{ thanos: HERE }'],
])('images are found where %s has them in a %s: %s', (apiVersion, kind, spec) => {
  const source = `apiVersion: ${apiVersion}\nkind: ${kind}\nspec: ${spec.replace('HERE', '{ image: nginx:1.29 }')}\n`;
  expect(render(source)).toBe(source.replace('nginx:1.29', NGINX));
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
spec: { template: { spec: { containers: [{ image: nginx:1.29 }] } } }
`;

/* As `kubectl label --local -o name` 1.37.2 reads them. */
test.each(['', '# a comment\n'])('a byte order mark begins documents: %j', (comment) => {
  const source = `\ufeff${comment}${DEPLOYMENT}---\n\ufeff${comment}${DEPLOYMENT}`;
  expect(render(source)).toBe(source.replaceAll('nginx:1.29', NGINX));
});
