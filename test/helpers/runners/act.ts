import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../runner.js';
import { tool } from '../tools.js';

/** What a workflow is run with. */
export interface WorkflowOptions {
  /** The one job to run, where the file has several. */
  readonly job?: string;
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a workflow ended. */
export interface WorkflowResult {
  readonly exitCode: number | null;
  /** What act printed: its own lines and, after a `|`, those of the steps. */
  readonly log: string;
}

/** A workflow under way. */
export interface Workflow {
  readonly process: ChildProcess;
  readonly ended: Promise<WorkflowResult>;
}

/**
 * nektos/act, which runs workflows of this repository: with `uses: ./` they have the action as it is
 * in the work tree. Its cache service and its copies of the work tree lie in a directory of its own.
 */
export class Act {
  private readonly unended = new Set<Workflow>();

  private constructor(
    private readonly program: string,
    readonly directory: string,
  ) {}

  static async create(): Promise<Act> {
    const directory = await mkdtemp(join(tmpdir(), 'jackal-act-'));
    await mkdir(join(directory, 'jobs'));
    return new Act(await tool('act'), directory);
  }

  /** Directories of jobs that act has not taken away: it leaves none of a job that came to its end. */
  async jobsLeft(): Promise<string[]> {
    return await readdir(join(this.directory, 'jobs'));
  }

  /** Starts the jobs of a workflow, given by its path in the repository. */
  start(path: string, options: WorkflowOptions = {}): Workflow {
    const { job, vars = {}, secrets = {}, env = {} } = options;
    const at = (name: string) => join(this.directory, name);
    const args = [
      ...['push', '--directory', REPOSITORY, '--workflows', join(REPOSITORY, path)],
      ...[
        '--platform',
        'ubuntu-24.04=-self-hosted',
        '--pull=false',
        '--rm',
        '--concurrent-jobs',
        '2',
      ],
      ...['--action-cache-path', at('jobs'), '--cache-server-path', at('cache')],
      // Else it takes the address of the way out, of which a machine may have none.
      ...['--cache-server-addr', '127.0.0.1'],
      // Jobs in a container have no way to Docker.
      ...['--container-daemon-socket', '-'],
      ...(job === undefined ? [] : ['--job', job]),
      ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
      // Without a value it is read from the environment, where no list of processes shows it.
      ...Object.keys(secrets).flatMap((name) => ['--secret', name]),
    ];
    // In host mode it runs the first `node` of PATH, whatever the action asks for.
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
    const child = spawn(this.program, args, {
      env: { ...process.env, PATH, ...env, ...secrets },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const workflow = { process: child, ended: resultOf(child) };
    this.unended.add(workflow);
    const forget = () => this.unended.delete(workflow);
    workflow.ended.then(forget, forget);
    return workflow;
  }

  /** Runs the jobs of a workflow to their end. */
  async run(path: string, options: WorkflowOptions = {}): Promise<WorkflowResult> {
    return await this.start(path, options).ended;
  }

  /** Ends what a failed test has left as a cancel does, so that its post steps run, and removes the directory. */
  async close(): Promise<void> {
    for (const { process: left, ended } of [...this.unended]) {
      left.kill('SIGINT');
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

function resultOf(child: ChildProcess): Promise<WorkflowResult> {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      log += data;
    });
  }
  return new Promise((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => fulfil({ exitCode, log }));
  });
}
