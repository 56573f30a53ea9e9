import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { tool } from '../../helpers/tools.js';
import { HOOK, MANIFESTS, SHOP } from './shop.js';

/** A place of files and the cluster that commands are for, as in a step after the action's. */
export class Commands {
  constructor(
    readonly cluster: Cluster,
    readonly place: string,
    readonly outputs: Readonly<Record<string, string>>,
  ) {}

  /** What an output says; throws where the step has set none. */
  output(name: string): string {
    const value = this.outputs[name];
    if (value === undefined) throw new Error(`There is no output ${name}.`);
    return value;
  }

  /**
   * Runs lines of a shell as a step of a workflow does, with kubectl, Kustomize, both Helms and no Node.js on the PATH.
   * Returns what they print.
   */
  async shell(lines: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { stdout } = await run('/bin/bash', ['-e', '-o', 'pipefail', '-c', lines], {
      cwd: this.place,
      env: {
        ...{ HOME: this.place, PATH: await this.path(), KUBECONFIG: this.cluster.kubeconfig },
        ...env,
      },
    });
    return stdout;
  }

  private async path(): Promise<string> {
    const programs = join(this.place, 'bin');
    await mkdir(programs, { recursive: true });
    const { kubectl } = this.cluster;
    const tools = { kubectl, kustomize: await tool('kustomize') };
    const all = { ...tools, helm3: await tool('helm3'), helm4: await tool('helm4') };
    for (const [name, path] of Object.entries(all)) {
      await run('ln', ['-sfn', path, join(programs, name)]);
    }
    for (const name of ['realpath', 'mkdir', 'cat', 'env', 'sh']) {
      const { stdout } = await run('sh', ['-c', `command -v ${name}`]);
      await run('ln', ['-sfn', stdout.trim(), join(programs, name)]);
    }
    return programs;
  }
}

/** Writes the shop as a chart, as an overlay of Kustomize that sets a tag, and as plain manifests. */
export async function writeShop(directory: string): Promise<void> {
  const [name, tag] = SHOP.split(':') as [string, string];
  const files = {
    'deploy/shop.yaml': MANIFESTS,
    'base/shop.yaml': MANIFESTS.replaceAll(SHOP, name),
    'base/kustomization.yaml': 'resources: [shop.yaml]\n',
    'overlays/ci/kustomization.yaml': `resources: [../../base]\nimages: [{ name: ${name}, newTag: '${tag}' }]\n`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/templates/shop.yaml': MANIFESTS,
    'chart/templates/hook.yaml': HOOK,
    'nothing/Chart.yaml': 'apiVersion: v2\nname: nothing\nversion: 1.0.0\n',
    'nothing/templates/nothing.yaml': '{{ if .Values.on }}\nkind: Pod\n{{ end }}\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}
