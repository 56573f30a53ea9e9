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
const HELM_PLUGIN_NAME = 'jackal-inject';
const ACTION_VERSION = '0.1.0';
const EXECUTABLE = 'post-renderer';
function postRendererScript({ node, entry, names }) {
    const command = [node, entry, names].map(shellQuoted).join(' ');
    return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${command}\n`;
}
const shellQuoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
function namesFile(names) {
    return JSON.stringify(Object.fromEntries(names));
}
function helmPlugin(script) {
    return { 'plugin.yaml': PLUGIN_YAML, [EXECUTABLE]: script };
}
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
