import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { REPOSITORY } from '../../helpers/runner.js';
import { OWN } from './stand-ins.js';

/** Directory of the pages. */
export const RECIPES = join(REPOSITORY, 'docs/recipes');

/** A step that uses an action. */
export interface Use {
  /** Such as `actions/checkout@v6`. */
  readonly uses: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** A workflow of a page, with the files that the page shows. */
export interface Recipe {
  /** File of the page and the heading above the workflow, with a number where there are several below it. */
  readonly name: string;
  readonly page: string;
  /** The workflow as it stands on the page. */
  readonly workflow: string;
  /** The steps of all jobs that use an action. */
  readonly uses: readonly Use[];
  /** How often this action is used in all jobs, those of a matrix counted each. */
  readonly injections: number;
  /** Paths and contents of the blocks of the page that have a path behind their language. */
  readonly files: Readonly<Record<string, string>>;
}

/** A job of GitLab CI. */
export interface GitLabJob {
  readonly image: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
  readonly after_script: readonly string[];
}

/** That of the page on the command line. */
export async function readGitLabJob(): Promise<GitLabJob> {
  const page = await readFile(join(RECIPES, '../command-line.md'), 'utf8');
  const [, yaml = ''] = /<!-- gitlab -->\n```yaml\n(.*?)```/s.exec(page) ?? [];
  return (load(yaml) as { 'try-it': GitLabJob })['try-it'];
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
      recipes.push({ name, page, workflow: text, ...usesOf(text), files });
    }
  }
  return recipes;
}

interface Job {
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly Partial<Use>[];
}

function usesOf(workflow: string): Pick<Recipe, 'uses' | 'injections'> {
  const jobs = Object.values((load(workflow) as { jobs: Readonly<Record<string, Job>> }).jobs);
  const of = ({ steps }: Job) => steps.filter((step): step is Use => step.uses !== undefined);
  const times = ({ strategy }: Job) =>
    Object.values(strategy?.matrix ?? {}).reduce((product, values) => product * values.length, 1);
  const own = (job: Job) => of(job).filter(({ uses }) => uses.startsWith(`${OWN}@`)).length;
  return {
    uses: jobs.flatMap(of),
    injections: jobs.reduce((sum, job) => sum + own(job) * times(job), 0),
  };
}
