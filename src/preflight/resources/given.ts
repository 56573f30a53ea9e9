import type { V1Pod } from '@kubernetes/client-node';
import { type Ranges, rangesWith } from './limit-ranges.js';
import { thousandthsOf } from './quantity.js';
import { DISK } from './resources.js';

/** What admission made of the limit of one container, in thousandths. */
export interface GivenLimit {
  readonly given: number;
  /** What it asked for; undefined where it stated nothing. */
  readonly limit: number | undefined;
  readonly request: number | undefined;
}

/** What admission made of the limits of a Pod's containers, of those that have one now. */
export function givenLimits(asked: V1Pod, answer: V1Pod | undefined, resource: string) {
  return (asked.spec?.containers ?? []).flatMap(({ name, resources }): GivenLimit[] => {
    const container = answer?.spec?.containers.find((one) => one.name === name);
    const given = thousandthsOf(container?.resources?.limits?.[resource]);
    const [limit, request] = [resources?.limits, resources?.requests].map((all) =>
      thousandthsOf(all?.[resource]),
    );
    return given === undefined ? [] : [{ given, limit, request }];
  });
}

/**
 * The ranges with what admission shows in what it made of a Pod: a limit that nobody asked for is to be stated, and one that
 * was lowered follows the request, as GKE Autopilot has it. Of CPU it may do what it likes: with less a container is just
 * slow, not killed. The same ranges when it shows nothing new.
 */
export function rangesGiven(ranges: Ranges, asked: V1Pod, answer: V1Pod | undefined): Ranges {
  let all = ranges;
  for (const resource of ['memory', DISK]) {
    for (const { given, limit, request } of givenLimits(asked, answer, resource)) {
      if (limit === undefined) {
        all = rangesWith(all, resource);
      } else if (given < limit && request !== limit) {
        all = rangesWith(all, resource, 1000);
      }
    }
  }
  return all;
}
