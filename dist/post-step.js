import './index.js';
//# sourceMappingURL=post-step.js.map