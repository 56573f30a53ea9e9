import { ActionError } from '../../lib/errors.js';

/** Of a run something is left, in a namespace that is not to be deleted, since it holds what is not the run's, or may. */
export class SharedRemains extends ActionError {}
