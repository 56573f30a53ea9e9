import { join } from 'node:path';
import { kustomizationFor } from './kustomization.js';
import type { RenderedManifest } from './manifests.js';
import type { InjectedNames } from './names.js';
import { HELM_PLUGIN_NAME, helmPlugin, namesFile, postRendererScript } from './post-renderer.js';

/** What the files are made of. */
export interface OutputFileParts {
  readonly names: InjectedNames;
  /** The copies of the input `manifests`. */
  readonly manifests: readonly RenderedManifest[];
  /** The Node.js that runs the action, and the renderer's entry of the bundle; absolute paths. */
  readonly node: string;
  readonly renderer: string;
}

/** A file that outputs name. */
export interface OutputFile {
  /** An absolute path. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** Outputs that are paths, or what Helm 4 finds at one, by their names in action.yml. */
export type FileOutputs = Readonly<Record<string, string>>;

/** The outputs that name the files in a directory; `manifests` only where there are any. */
export function fileOutputs(
  directory: string,
  { manifests }: Pick<OutputFileParts, 'manifests'>,
): FileOutputs {
  const at = (name: string) => join(directory, name);
  return {
    kustomization: at('kustomization'),
    'post-renderer': at('post-renderer'),
    'helm-plugin': HELM_PLUGIN_NAME,
    'helm-plugins': at('helm-plugins'),
    ...(manifests.length > 0 && { manifests: at('manifests') }),
  };
}

/** The files in a directory that the outputs name, and what these need. */
export function outputFiles(directory: string, parts: OutputFileParts): OutputFile[] {
  const outputs = fileOutputs(directory, parts);
  const names = join(directory, 'names.json');
  const script = postRendererScript({ node: parts.node, entry: parts.renderer, names });
  const file = (path: string, text: string, executable = false) => ({ path, text, executable });
  const below = (output: string, ...rest: string[]) => join(outputs[output] as string, ...rest);
  return [
    file(names, namesFile(parts.names)),
    file(below('post-renderer'), script, true),
    ...Object.entries(helmPlugin(script)).map(([name, text]) =>
      file(below('helm-plugins', HELM_PLUGIN_NAME, name), text, text === script),
    ),
    file(below('kustomization', 'kustomization.yaml'), kustomizationFor(parts.names)),
    ...parts.manifests.map(({ copy, text }) => file(below('manifests', copy), text)),
  ];
}
