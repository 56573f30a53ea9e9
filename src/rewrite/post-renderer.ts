import type { InjectedNames } from './names.js';

/** The name under which Helm 4 knows the plugin: letters, digits, `_` and `-` (helm, internal/plugin/plugin.go). */
export const HELM_PLUGIN_NAME = 'jackal-inject';

/** The version of package.json: Helm takes none but semantic versions. */
export const ACTION_VERSION = '0.1.0';

/** The file of the plugin's directory that is run. */
const EXECUTABLE = 'post-renderer';

/** Where the parts of the post-renderer lie; absolute paths. */
export interface PostRendererPaths {
  /** The Node.js that runs the action: later steps may have none on their PATH. */
  readonly node: string;
  /** The renderer's entry of the bundle. */
  readonly entry: string;
  /** The file that `namesFile` gives the text for. */
  readonly names: string;
}

/**
 * The executable that Helm 3 and pipes run, as a shell script: standard input to standard output. It has absolute paths
 * alone, so that a copy of it, such as in Helm's plugins, does the same. Options for Node.js are those of the job's own
 * programs, which this one may not know.
 */
export function postRendererScript({ node, entry, names }: PostRendererPaths): string {
  const command = [node, entry, names].map(shellQuoted).join(' ');
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${command}\n`;
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The injected names, as the renderer's entry reads them. */
export function namesFile(names: InjectedNames): string {
  return JSON.stringify(Object.fromEntries(names));
}

/** The files of a directory that is a plugin of Helm 4, by their names. The script has to be executable. */
export function helmPlugin(script: string): Readonly<Record<string, string>> {
  return { 'plugin.yaml': PLUGIN_YAML, [EXECUTABLE]: script };
}

/**
 * Helm's own description of a plugin (helm 4, internal/plugin/metadata_v1.go). Helm splits the command at spaces before
 * it puts the directory in, so that the directory may have some.
 */
const PLUGIN_YAML = [
  'apiVersion: v1',
  'type: postrenderer/v1',
  `name: ${HELM_PLUGIN_NAME}`,
  `version: ${ACTION_VERSION}`,
  'runtime: subprocess',
  'runtimeConfig:',
  '  platformCommand:',
  `    - command: \${HELM_PLUGIN_DIR}/${EXECUTABLE}`,
  '',
].join('\n');
