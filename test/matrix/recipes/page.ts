import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { REPOSITORY } from '../../helpers/runner.js';

/** Directory of the pages. */
export const RECIPES = join(REPOSITORY, 'docs/recipes');

/** A workflow of a page, with the files that the page shows. */
export interface Recipe {
  /** File of the page and the heading above the workflow, with a number where there are several below it. */
  readonly name: string;
  readonly page: string;
  /** The workflow as it stands on the page. */
  readonly workflow: string;
  /** `uses:` of all steps of all jobs. */
  readonly uses: readonly string[];
  /** Paths and contents of the blocks of the page that have a path behind their language. */
  readonly files: Readonly<Record<string, string>>;
}

/** The recipes of all pages, in the order of the pages' names. */
export async function readRecipes(): Promise<Recipe[]> {
  const pages = (await readdir(RECIPES)).filter((name) => name.endsWith('.md')).sort();
  const recipes = await Promise.all(
    pages.map(async (page) => recipesOf(page, await readFile(join(RECIPES, page), 'utf8'))),
  );
  return recipes.flat();
}

/** The recipes of a page: a block of YAML with jobs is one. */
export function recipesOf(page: string, markdown: string): Recipe[] {
  const files: Record<string, string> = {};
  const recipes: Recipe[] = [];
  let heading = '';
  const parts = /^#+ (?<title>[^\n]*)$|^```(?<language>\w+) ?(?<path>\S*)\n(?<text>.*?)^```$/gms;
  for (const { groups = {} } of markdown.matchAll(parts)) {
    const { title, language, path, text = '' } = groups;
    if (title !== undefined) heading = title;
    else if (path !== '') files[path as string] = text;
    else if (language === 'yaml' && /^jobs:/m.test(text)) {
      const number = recipes.filter(({ name }) => name.startsWith(`${page}: ${heading}`)).length;
      const name = `${page}: ${heading}${number === 0 ? '' : `, ${number + 1}`}`;
      recipes.push({ name, page, workflow: text, uses: usesOf(text), files });
    }
  }
  return recipes;
}

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string }[] }>
  >;
}

function usesOf(workflow: string): string[] {
  const { jobs } = load(workflow) as Workflow;
  return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
}
