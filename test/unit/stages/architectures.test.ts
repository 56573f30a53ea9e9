import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Inputs } from '../../../src/host/inputs.js';
import type { Architecture } from '../../../src/injector/elf.js';
import { hashSources, injectorDirectory } from '../../../src/injector/source.js';
import { Stages } from '../../../src/report/stages.js';
import { architecturesFor } from '../../../src/stages/prepare/cluster.js';
import { getInjectors } from '../../../src/stages/prepare/prepare.js';
import { staticExecutable } from '../../helpers/injector/static-executable.js';

let injector: string;
let said: jest.Spied<typeof process.stdout.write>;

beforeEach(async () => {
  injector = await mkdtemp(join(tmpdir(), 'jackal-given-'));
  said = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(injector, { recursive: true });
});

const node = { name: 'n1', uid: 'n1', architecture: 'arm64', images: [], addresses: [] };
const listed = { nodes: [{ ...node, podRanges: [] }], nodesUnlisted: false };
const unlisted = { nodes: [], nodesUnlisted: true };
const platforms = ['linux/amd64', 'linux/arm64/v8', 'linux/s390x'];

test.each([
  ['of a run: those of the nodes', listed, undefined, platforms, ['arm64']],
  ['of a release: those for nodes that join, too', listed, 'web', platforms, ['arm64', 'amd64']],
  ['of a release that names none', listed, 'web', undefined, ['arm64']],
  ['without a list of the nodes: all', unlisted, undefined, undefined, ['amd64', 'arm64']],
  ['or those that are named', unlisted, 'web', ['linux/amd64'], ['amd64']],
])('injectors %s', (_, cluster, release, named, expected) => {
  expect(
    architecturesFor(cluster, { ...(release && { release }), ...(named && { platforms: named }) }),
  ).toEqual(expected);
});

/** The architectures for which there are injectors when just this one's is given. */
async function givenFor(
  architecture: Architecture,
  cluster: typeof listed | typeof unlisted,
  signal: AbortSignal = new AbortController().signal,
): Promise<string[]> {
  const told = `injector 0.0.0 ${await hashSources(injectorDirectory())}\n`;
  const file = join(injector, `injector-${architecture}`);
  await writeFile(file, staticExecutable(architecture, told));
  const inputs = { injector, platforms, release: 'web' } as unknown as Inputs;
  const job = { inputs, log: new Stages(), signal };
  return (await getInjectors(job, Promise.resolve(cluster))).map((one) => one.architecture);
}

test('an injector for nodes that only may join is no condition, and a warning tells of it', async () => {
  expect(await givenFor('arm64', listed)).toEqual(['arm64']);
  expect(String(said.mock.calls)).toMatch(
    /::warning title=[^:]*Injector not to be had::Nodes of amd64 that join get no images, for there is no injector for them \(The input `injector` gives no binary for nodes of amd64: .*\); give injector-amd64, too, by/,
  );
});

test('one that nodes need, or may need where nobody lists them, is', async () => {
  await expect(givenFor('amd64', listed)).rejects.toThrow(/ no binary for nodes of arm64: /);
  await expect(givenFor('amd64', unlisted)).rejects.toThrow(/ no binary for nodes of arm64: /);
});

test('a job that ends is not told of one that was not to be had', async () => {
  const ended = AbortSignal.abort(new Error('over'));
  await expect(givenFor('arm64', listed, ended)).rejects.toThrow('over');
  expect(String(said.mock.calls)).not.toContain('::warning');
});
