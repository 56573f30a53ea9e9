export const id = 236;
export const ids = [236];
export const modules = {

/***/ 2236:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   NK: () => (/* binding */ HELM_PLUGIN_NAME),
/* harmony export */   Tg: () => (/* binding */ postRendererScript),
/* harmony export */   X7: () => (/* binding */ namesFile),
/* harmony export */   Yt: () => (/* binding */ ACTION_VERSION),
/* harmony export */   sS: () => (/* binding */ helmPlugin)
/* harmony export */ });
/** The name under which Helm 4 knows the plugin: letters, digits, `_` and `-` (helm, internal/plugin/plugin.go). */
const HELM_PLUGIN_NAME = 'jackal-inject';
/** The version of package.json: Helm takes none but semantic versions. */
const ACTION_VERSION = '0.1.0';
/** The file of the plugin's directory that is run. */
const EXECUTABLE = 'post-renderer';
/**
 * The executable that Helm 3 and pipes run, as a shell script: standard input to standard output. It has absolute paths
 * alone, so that a copy of it, such as in Helm's plugins, does the same. Options for Node.js are those of the job's own
 * programs, which this one may not know.
 */
function postRendererScript({ node, entry, names }) {
    const command = [node, entry, names].map(shellQuoted).join(' ');
    return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${command}\n`;
}
const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
/** The injected names, as the renderer's entry reads them. */
function namesFile(names) {
    return JSON.stringify(Object.fromEntries(names));
}
/** The files of a directory that is a plugin of Helm 4, by their names. The script has to be executable. */
function helmPlugin(script) {
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
//# sourceMappingURL=post-renderer.js.map

/***/ })

};
