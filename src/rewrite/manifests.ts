import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { atHome, isPattern, matchesOf } from '../lib/files/paths.js';
import { readRegularFile } from '../lib/files/regular-file.js';
import { isJson, jsonStream } from './json-stream.js';
import type { InjectedNames } from './names.js';
import { manifestText, renderManifests } from './render.js';
import { documentsIn, hasMappingAsKey } from './yaml-documents.js';

/** A file of the input `manifests`, of which there will be a copy. */
export interface Manifest {
  /** As the user wrote it, or the pattern and directory brought it. */
  readonly path: string;
  /** Where its copy lies below the directory of all copies. */
  readonly copy: string;
  readonly text: string;
}

/** A copy with injected images. */
export interface RenderedManifest {
  readonly copy: string;
  readonly text: string;
  /** Whether anything in it was injected. */
  readonly changed: boolean;
}

/** What is taken of directories and of what patterns match, as kubectl does. */
const EXTENSION = /\.(?:ya?ml|json)$/;

/**
 * Reads the input `manifests`, and sees that each file is YAML or JSON: paths, patterns and directories with what is
 * below them. Links to files are followed; those to directories are where an item names them, and not below, as with
 * kubectl. Throws an ActionError for an item that brings no file, and for a file that is none, or cannot be copied.
 *
 * @param directory the one that paths start from, and within which copies keep their place
 */
export async function readManifests(
  items: readonly string[],
  directory: string,
): Promise<Manifest[]> {
  const paths = new Map<string, string>();
  for (const item of items) {
    for (const path of await filesOf(item, directory)) {
      const place = resolve(directory, path);
      if (!paths.has(place)) paths.set(place, path);
    }
  }
  const manifests = await Promise.all(
    [...paths].map(async ([place, path]) => {
      const text = await readManifest(place, path);
      return { path, copy: `${copyOf(place, directory)}${missingExtension(path, text)}`, text };
    }),
  );
  expectNoneTwice(manifests);
  return manifests;
}

function expectNoneTwice(manifests: readonly Manifest[]): void {
  const copies = new Map<string, string>();
  for (const { path, copy } of manifests) {
    const other = copies.get(copy);
    if (other !== undefined) {
      throw new ActionError(
        `The input \`manifests\` names ${other} and ${path}, whose copies would both be ${copy}; bring them into the working directory under different names.`,
      );
    }
    copies.set(copy, path);
  }
}

/** The manifests with what nodes pull in place of the names of injected images. */
export function rendered(manifests: readonly Manifest[], names: InjectedNames): RenderedManifest[] {
  return manifests.map(({ path, copy, text: source }) => {
    const text = renderManifests(source, names, labelOf(path));
    return { copy, text, changed: text !== source };
  });
}

async function filesOf(item: string, directory: string): Promise<string[]> {
  const path = atHome(item);
  if ((await kindOf(resolve(directory, path))) !== undefined || !isPattern(path)) {
    const files = await filesAt(path, directory);
    if (files.length > 0) return files;
    throw new ActionError(
      `The input \`manifests\` names the directory ${item}, in which is no file that ends with .yaml, .yml or .json; check the path and the step that writes them.`,
    );
  }
  const matches = await matchesOf(path, directory);
  const taken: string[] = [];
  for (const match of matches) {
    const isDirectory = (await kindOf(resolve(directory, match))) === 'directory';
    if (isDirectory) taken.push(...(await filesAt(match, directory)));
    else if (EXTENSION.test(match)) taken.push(match);
  }
  if (taken.length > 0) return taken;
  throw new ActionError(
    `"${item}" of the input \`manifests\` matches no file that ends with .yaml, .yml or .json; check the pattern and the step that writes them.`,
  );
}

/** The file that a path names, or the manifests below the directory that it names. */
async function filesAt(path: string, directory: string): Promise<string[]> {
  const place = resolve(directory, path);
  if ((await kindOf(place)) !== 'directory') return [path];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && EXTENSION.test(entry.name))
    .map((entry) => join(path, relative(place, join(entry.parentPath, entry.name))))
    .sort();
}

async function kindOf(place: string): Promise<'directory' | 'file' | undefined> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'directory' : 'file';
}

/** What lies elsewhere keeps its whole path. */
function copyOf(place: string, directory: string): string {
  const path = relative(directory, place);
  const isBelow = !isAbsolute(path) && path.split('/')[0] !== '..';
  return isBelow ? path : place.slice(1);
}

/** What a copy is to end with beside its file's name, since kubectl passes over all else when it is given a directory. */
function missingExtension(path: string, text: string): string {
  if (EXTENSION.test(path)) return '';
  return isJson(text) || jsonStream(text) !== undefined ? '.json' : '.yaml';
}

async function readManifest(place: string, path: string): Promise<string> {
  const bytes = await readRegularFile(place).catch((cause) => {
    const why = cause?.code === 'ENOENT' ? 'is not there' : `cannot be read (${sentenceOf(cause)})`;
    throw new ActionError(
      `The input \`manifests\` names ${path}, which ${why}; check the path and the step that writes it.`,
      { cause },
    );
  });
  const text = manifestText(bytes, labelOf(path));
  try {
    renderManifests(text, new Map(), labelOf(path));
    // What is in two pairs of braces is a mapping to YAML, as a key of another one, which no object of Kubernetes has.
    if (text.includes('{{') && documentsIn(text).some(hasMappingAsKey)) {
      throw new Error('a mapping stands as a key in it');
    }
  } catch (cause) {
    if (!text.includes('{{')) throw cause;
    throw new ActionError(
      `${labelOf(path)} is a template and no manifest (${sentenceOf(cause)}); render it before this step, or render it after it through the output \`post-renderer\`.`,
      { cause },
    );
  }
  return text;
}

const labelOf = (path: string) => `The file ${path}`;
