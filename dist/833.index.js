export const id = 833;
export const ids = [833];
export const modules = {

/***/ 3406:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   IX: () => (/* binding */ CANCELS),
/* harmony export */   ai: () => (/* binding */ EXIT_CODES),
/* harmony export */   db: () => (/* binding */ startDeadline)
/* harmony export */ });
/* harmony import */ var _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9850);
/* harmony import */ var _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1102);


const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const CANCELS = Object.keys(EXIT_CODES);
function startDeadline(seconds, underWay) {
    const controller = new AbortController();
    let isCancelled = false;
    const cancel = (signal) => {
        isCancelled = true;
        controller.abort(new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`The step was cancelled (${signal}) while ${underWay()}.`));
    };
    const expire = () => controller.abort(new _lib_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ(`The step did not end within its timeout of ${seconds} s; it was ${underWay()}. If that only needs longer, raise the input \`timeout\`.`));
    const stopTimer = startTimer(seconds * 1000, expire);
    for (const signal of CANCELS) {
        process.on(signal, cancel);
    }
    return {
        signal: controller.signal,
        throwIfCancelled: () => {
            if (isCancelled)
                controller.signal.throwIfAborted();
        },
        end: () => {
            stopTimer();
            for (const signal of CANCELS) {
                process.off(signal, cancel);
            }
        },
    };
}
function startTimer(milliseconds, callback) {
    const rest = milliseconds - _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__/* .TIMER_MAX_MILLISECONDS */ .EM;
    let stop = () => clearTimeout(timer);
    const timer = setTimeout(() => {
        if (rest <= 0)
            callback();
        else
            stop = startTimer(rest, callback);
    }, Math.min(milliseconds, _lib_limits_runner_js__WEBPACK_IMPORTED_MODULE_0__/* .TIMER_MAX_MILLISECONDS */ .EM));
    return () => stop();
}
//# sourceMappingURL=deadline.js.map

/***/ }),

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
