import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readManifests, rendered } from '../../../src/rewrite/manifests.js';
import { injectedNames } from '../../../src/rewrite/names.js';
import { image } from './images.js';

const NGINX = image('nginx:1.29').pullable;
const NAMES = injectedNames([image('nginx:1.29')]);

const POD = `apiVersion: v1
kind: Pod
spec: { containers: [{ image: nginx:1.29 }] } # here
`;
const RENDERED = POD.replace('nginx:1.29', NGINX);

let place: string;
/** The working directory. */
let here: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'jackal-manifests-test-'));
  here = join(place, 'work');
  await mkdir(here);
});

afterEach(() => rm(place, { recursive: true }));

async function write(path: string, text: string | Buffer = POD): Promise<void> {
  await mkdir(dirname(join(here, path)), { recursive: true });
  await writeFile(join(here, path), text);
}

const read = (...items: string[]) => readManifests(items, here);
const copies = async (...items: string[]) => (await read(...items)).map(({ copy }) => copy);

/** The one manifest that an item brings, rendered. */
async function renderedOne(item: string): Promise<string | undefined> {
  const [one, ...more] = rendered(await read(item), NAMES);
  expect(more).toEqual([]);
  return one?.text;
}

describe('the manifests', () => {
  beforeEach(async () => {
    await Promise.all(
      ['web.yaml', 'k/a.yml', 'k/b/c.json', 'k/b/notes.md', 'k/b/d.tpl', 'l/a.yml'].map((path) =>
        write(path),
      ),
    );
  });

  test.each([
    ['of a path', ['web.yaml'], ['web.yaml']],
    ['of a path of any name', ['k/b/d.tpl'], ['k/b/d.tpl.yaml']],
    ['of a directory', ['k'], ['k/a.yml', 'k/b/c.json']],
    ['of a directory by another way', ['./l/../k/'], ['k/a.yml', 'k/b/c.json']],
    ['of all', ['.'], ['k/a.yml', 'k/b/c.json', 'l/a.yml', 'web.yaml']],
    ['of a pattern', ['k/**'], ['k/a.yml', 'k/b/c.json']],
    ['of a pattern with choices', ['{k,l}/*.yml'], ['k/a.yml', 'l/a.yml']],
    ['of several, each once', ['k/a.yml', 'k/*', 'web.yaml', '.'], undefined],
  ])('%s', async (_, items, found) => {
    expect(await copies(...items)).toEqual(
      found ?? ['k/a.yml', 'k/b/c.json', 'web.yaml', 'l/a.yml'],
    );
  });

  test('of another place keep their whole path', async () => {
    await writeFile(join(place, 'other.yaml'), POD);
    const whole = join(place, 'other.yaml').slice(1);
    expect(await copies('../other.yaml')).toEqual([whole]);
    expect(await copies(join(place, '*.yaml'))).toEqual([whole]);
    expect(await copies(join(here, 'web.yaml'))).toEqual(['web.yaml']);
  });

  test('of another place and of here do not become one copy', async () => {
    await writeFile(join(place, 'other.yaml'), POD);
    await write(join(place, 'other.yaml').slice(1));
    await expect(read('../other.yaml', place.slice(1))).rejects.toThrow(
      /^The input `manifests` names \.\.\/other\.yaml and .*\/other\.yaml, whose copies would both be .*; bring them/,
    );
  });

  test('have names that `kubectl apply -R` takes', async () => {
    const json = '{ "kind": "Pod" }';
    await write('one.out', json);
    await write('row.out', `${json}\n${json}`);
    await write('flow.out', '{ kind: Pod }');
    await write('web.YAML');
    expect(await copies('one.out', 'row.out', 'flow.out', 'web.YAML', 'k/b/c.json')).toEqual([
      ...['one.out.json', 'row.out.json', 'flow.out.yaml', 'web.YAML.yaml', 'k/b/c.json'],
    ]);
    await write('web.YAML.yaml');
    await expect(read('web.YAML', '.')).rejects.toThrow(
      /names web\.YAML and web\.YAML\.yaml, whose copies would both be web\.YAML\.yaml; bring/,
    );
  });

  test('of links are those that they lead to, also of a directory that an item names', async () => {
    await symlink('../web.yaml', join(here, 'l/link.yaml'));
    await symlink('k', join(here, 'linked'));
    await symlink('../k', join(here, 'l/linked'));
    expect(await copies('l')).toEqual(['l/a.yml', 'l/link.yaml']);
    expect(await copies('linked')).toEqual(['linked/a.yml', 'linked/b/c.json']);
    expect(await renderedOne('l/link.yaml')).toBe(RENDERED);
  });
});

describe('an item is refused', () => {
  test.each([
    [
      'gone.yaml',
      /^The input `manifests` names gone\.yaml, which is not there; check the path and/,
    ],
    ['*.yaml', /^"\*\.yaml" of the input `manifests` matches no file that ends with .*; check/],
    ['no*', /^"no\*" of the input `manifests` matches no file that ends with /],
    [
      'none',
      /^The input `manifests` names the directory none, in which is no file that ends with /,
    ],
  ])('that brings no file: %s', async (item, sentence) => {
    await write('none/notes.md');
    await expect(read(item)).rejects.toThrow(sentence);
  });

  test('that names a pipe, for nobody may ever write to it', async () => {
    await mkdir(join(here, 'k'));
    execFileSync('mkfifo', [join(here, 'k/pipe.yaml')]);
    await expect(read('k')).rejects.toThrow(
      /names k\/pipe\.yaml, which cannot be read \(.* no regular file\);/,
    );
  });

  test('whose file is no YAML, with the place', async () => {
    await write('k/web.yaml', `${POD}---\na: b: c\n`);
    await expect(read('k')).rejects.toThrow(
      /^The file k\/web\.yaml is not YAML: Nested mappings .* at line 5, column 4; correct it there\.$/,
    );
  });

  test('whose file is a template', async () => {
    await write('web.yaml', 'spec:\n  {{- if .Values.a }}\n  a: 1\n  {{- end }}\n');
    await expect(read('web.yaml')).rejects.toThrow(
      /^The file web\.yaml is a template and no manifest \(.*\); render it before this step, or /,
    );
  });

  test.each([
    ['as a value', 'spec:\n  containers:\n    - image: {{ .Values.image }}\n'],
    ['as an item', 'spec:\n  containers:\n    - {{ .Values.container }}\n'],
    ['in another document', `${POD}---\nkind: {{ .Values.kind }}\n`],
  ])('whose file is a template that YAML takes for a mapping: %s', async (_, text) => {
    await write('web.yaml', text);
    await expect(read('web.yaml')).rejects.toThrow(
      /^The file web\.yaml is a template and no manifest \(a mapping stands as a key in it\); render/,
    );
  });

  test.each([
    ['Latin-1', Buffer.from('# caf\xe9\n', 'latin1')],
    ['UTF-16', Buffer.from(`\ufeff${POD}`, 'utf16le')],
    ['an archive', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
  ])('whose file is no UTF-8: %s', async (_, bytes) => {
    await write('web.yaml', bytes);
    await expect(read('web.yaml')).rejects.toThrow(
      'The file web.yaml is not text in UTF-8; save it as that.',
    );
  });
});

describe('a copy is the same but for injected images', () => {
  test.each([
    ['with line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['with a mark of byte order', (text: string) => `\ufeff${text}`],
    ['with both', (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`],
    ['without a line end', (text: string) => text.trimEnd()],
    ['with a name in Greek', (text: string) => text.replace('here', 'εδώ')],
  ])('%s', async (_, turned) => {
    await write('web.yaml', turned(POD));
    expect(await renderedOne('web.yaml')).toBe(turned(RENDERED));
  });

  test.each([' ', '    ', '\t'])('in JSON with %j in front of its lines', async (indent) => {
    const json = (name: string) =>
      JSON.stringify(
        { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: name }] } },
        null,
        indent,
      );
    await write('web.json', json('nginx:1.29'));
    expect(await renderedOne('web.json')).toBe(json(NGINX));
  });

  test('and says whether there were any', async () => {
    await write('web.yaml');
    await write('other.yaml', POD.replace('1.29', '1.28'));
    const all = rendered(await read('.'), NAMES);
    expect(all.map(({ copy, changed }) => [copy, changed])).toEqual([
      ['other.yaml', false],
      ['web.yaml', true],
    ]);
  });
});
