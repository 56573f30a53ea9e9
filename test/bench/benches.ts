import { nodes } from './clusters/nodes.js';
import { routes } from './clusters/routes.js';
import type { Bench } from './figure.js';
import { images } from './images.js';
import { inject } from './inject.js';
import { injector } from './injector.js';
import { links } from './load/links.js';
import { load } from './load/load.js';
import { mounting } from './mounting.js';
import { rewrite } from './rewrite.js';
import { startup } from './startup.js';
import { stream } from './transport/stream.js';
import { transport } from './transport/transport.js';
import { way } from './transport/way.js';
import { weak } from './weak.js';

/** Every bench there is; each brings up what it needs. */
export const BENCHES: readonly Bench[] = [
  startup,
  images,
  injector,
  inject,
  transport,
  way,
  weak,
  stream,
  mounting,
  rewrite,
  routes,
  nodes,
  load,
  links,
];
