import { setFlagsFromString } from 'node:v8';
import { ActionError } from '../lib/errors.js';
import { NODE_LEAST_MAJOR } from '../lib/limits/runner.js';

/**
 * Throws an ActionError when the step is run by a Node that is too old: runners of GitHub bring the one that the
 * action asks for, those built on act (Gitea, Forgejo) take the first `node` of the job's PATH. Asked before the rest
 * of the action is loaded, which an old Node cannot.
 *
 * @param inShell whether a person's shell runs it, by the first `node` of its own PATH
 */
export function requireNode(inShell = false): void {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) >= NODE_LEAST_MAJOR) return;
  throw new ActionError(
    inShell
      ? `jackal-inject is run with Node ${node}, and it needs ${NODE_LEAST_MAJOR} or later; put that first on the PATH.`
      : `This runner runs the action with Node ${node}, and it needs ${NODE_LEAST_MAJOR} or later; put that first on the PATH of the runner, or of the container in which it runs the job.`,
  );
}

/**
 * Throws an ActionError on Windows: paths, Docker's named pipe and the programs that outputs name are other ones there.
 *
 * @param inShell whether a person's shell runs the action
 */
export function requireSystem(system: NodeJS.Platform, inShell = false): void {
  if (system !== 'win32') return;
  throw new ActionError(
    inShell
      ? 'jackal-inject does not work on Windows; run it in WSL or on another machine with Linux, wherever the cluster is.'
      : 'This runner runs Windows, on which the action does not work; run the step on a Linux runner (`runs-on: ubuntu-latest`), wherever the cluster is.',
  );
}

/**
 * Has V8 leave the space of young objects at the size it begins with. It would let that grow to 48 MB, of which the step's
 * few objects need none, and would collect the less often: large buffers lie about until then (measured with 500 MB in
 * ConfigMaps: 30 MB more). A runner starts the step's process, so no option on its command line can say it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
