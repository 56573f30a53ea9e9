import { rewriteTests } from '../e2e/rewrite/ways.js';
import { onVariant } from './on-variant.js';

// No admission policy rewrites names before Kubernetes 1.36.
await onVariant('kubernetes-1-35', (on) => rewriteTests(() => on().jobs.here));
