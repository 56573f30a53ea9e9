import { join } from 'node:path';
import { sha256Of } from '../../../src/lib/sha256.js';
import { cacheRoot } from '../../cluster/paths.js';
import { REPOSITORY } from '../runner.js';

/**
 * Where cargo builds for this checkout alone. Cargo tells by times what has changed, so of two checkouts that share a
 * directory the older one is given what the other has compiled, with the paths of that in it.
 */
export function cargoTarget(purpose: string, checkout: string = REPOSITORY): string {
  return join(cacheRoot(), `cargo-${purpose}-${sha256Of(checkout).slice(0, 8)}`);
}
