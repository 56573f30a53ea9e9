import { ActionError } from '../../lib/errors.js';

/** Why couriers did not bring all that was waited for; callers branch on this. */
export type CourierTrouble =
  /** They cannot start anywhere, or do not reach the registry. */
  | 'failing'
  /** What they brought is not what it should be. */
  | 'content';

/** The end of the couriers' work before all was brought, as one sentence for the user. */
export class CourierError extends ActionError {
  override readonly name = 'CourierError';

  constructor(
    readonly trouble: CourierTrouble,
    sentence: string,
  ) {
    super(sentence);
  }
}
