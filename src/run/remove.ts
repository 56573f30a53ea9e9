import type { ApiClient, ApiObject } from '../kube/client.js';
import { ApiError } from '../kube/error.js';
import { collection } from '../kube/pods.js';
import { ActionError, sentenceOf } from '../lib/errors.js';
import { REMOVE_PHASE_SECONDS, REMOVE_PROBE_SECONDS } from '../lib/limits/run.js';
import { deleteLease, leasedRun } from './lease.js';
import { removeNamespace } from './namespace.js';
import {
  deleteAll,
  ifAllowed,
  namesBut,
  type Part,
  removeClaims,
  removeConfigMaps,
  removeOwn,
  removePods,
} from './removal/collections.js';
import { removePolicy } from './removal/policy.js';
import { SharedRemains } from './removal/shared-remains.js';
import {
  firstOfStep,
  knownDeliveries,
  nameOf,
  type OpenRun,
  type Role,
  RUN_LABEL,
  type RunPlace,
  selectorOf,
} from './run.js';
import { tokenPath } from './token.js';

/**
 * Takes everything of a run out of the cluster and returns when the API server no longer knows any of
 * its objects and its own namespace is going. The policy goes first, so that no new Pod is led to a registry
 * that is going. Each phase has its bound, in seconds, and comes also after another has failed: whatever is
 * left then is owned by the Lease, which goes behind all others, but for a policy; also behind the namespace, so that
 * nobody who comes for a release puts a Lease into one that is about to go. Returns what somebody has
 * put into the run's own namespace meanwhile, which then stays. Throws the first failure, when all phases are
 * over; as SharedRemains where the namespace stays.
 */
export async function removeRun(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
  phaseSeconds = REMOVE_PHASE_SECONDS,
): Promise<readonly string[]> {
  const failures: unknown[] = [];
  const phase = async <Result>(what: string, work: Phase<Result>) => {
    try {
      return await bounded(what, work, signal, phaseSeconds);
    } catch (error) {
      const isFirst = failures.length === 0;
      failures.push(error);
      if (isFirst && error instanceof StillThere && (await isSilent(client, signal))) {
        failures[0] = new ActionError(
          `The API server at ${client.server} has not answered for ${phaseSeconds} s.`,
          { cause: error },
        );
      }
      return undefined;
    }
  };
  await phase('Its policy is', (until) => removePolicy(client, run, until));
  await Promise.all([
    phase('Its Pods are', (until) => removePods(client, run, until)),
    phase('Its Service is', (until) => removeNamed(client, run, servicePath(run), until)),
    phase('Its NetworkPolicy is', (until) =>
      removeNamed(client, run, networkPolicyPath(run), until),
    ),
    phase('Its Secret is', (until) => removeTokens(client, run, until)),
    phase('Its ConfigMaps are', (until) => removeConfigMaps(client, run, until)),
    phase('Its PersistentVolumeClaims are', (until) => removeClaims(client, run, until)),
  ]);
  const others = await phase('Its namespace is', (until) => removeNamespace(client, run, until));
  await phase('Its Lease is', (until) => deleteLease(client, run, until));
  if (failures.length > 0) {
    const [cause] = failures;
    throw others?.length === 0 ? cause : new SharedRemains(sentenceOf(cause), { cause });
  }
  return others ?? [];
}

/** A phase that did not come to its end in its time. */
class StillThere extends ActionError {}

/** Whether an API server says nothing any more, so that nobody knows what is still there. */
async function isSilent(client: ApiClient, signal: AbortSignal): Promise<boolean> {
  const inTime = AbortSignal.timeout(REMOVE_PROBE_SECONDS * 1000);
  const asked = client.get('/version', { signal: AbortSignal.any([signal, inTime]) });
  return await asked.then(
    () => false,
    (error) => !(error instanceof ApiError) || error.status === 0,
  );
}

type Phase<Result> = (until: AbortSignal) => Promise<Result>;

async function bounded<Result>(
  what: string,
  work: Phase<Result>,
  signal: AbortSignal,
  seconds: number,
): Promise<Result> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted && !signal.aborted) {
      throw new StillThere(`${what} still there after ${seconds} s.`, { cause: error });
    }
    throw error;
  }
}

/**
 * Takes away the Pods and ConfigMaps of a run, and a release's volumes, whichever delivery they are of; Lease, Service and
 * token stay, the Pods of these names, and of a release that is in use all but what this step has delivered. Throws ApiError.
 */
export async function clearRun(
  client: ApiClient,
  run: RunPlace & Pick<OpenRun, 'firstDelivery' | 'kept' | 'release'>,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const kept = run.kept?.delivery;
  const selector = kept === undefined ? selectorOf(run.id) : knownDeliveries(run, kept);
  const place = { ...run, selector };
  await removePods(client, place, signal, staying);
  await removeConfigMaps(client, place, signal);
  if (run.release !== undefined) await removeClaims(client, place, signal);
}

/** Takes away all that some deliveries of a release have, picked by a selector. Throws ApiError. */
export async function clearDeliveries(
  client: ApiClient,
  part: Part,
  signal: AbortSignal,
): Promise<void> {
  await removePods(client, part, signal);
  await removeConfigMaps(client, part, signal);
  await removeClaims(client, part, signal);
}

/** Takes away the run's proofs, and what would put others in their place. Throws ApiError. */
export async function removeProofs(
  client: ApiClient,
  run: RunPlace,
  signal: AbortSignal,
): Promise<void> {
  await removePods(client, { ...run, selector: selectorOf(run.id, 'proof') }, signal);
}

/** Takes away the token of a run; of a release those of the steps that its Lease tells of. */
async function removeTokens(client: ApiClient, run: RunPlace, signal: AbortSignal): Promise<void> {
  const { kept = 0, lastDelivery = 0 } = (await leasedRun(client, run, signal)) ?? {};
  const deliveries = new Set([0, kept, lastDelivery].map(firstOfStep));
  await Promise.all([...deliveries].map((one) => removeTokenOf(client, run, one, signal)));
}

/** Takes away the token of a step of a release, by the number of a delivery of it. Throws ApiError. */
export async function removeTokenOf(
  client: ApiClient,
  run: RunPlace,
  delivery: number,
  signal: AbortSignal,
): Promise<void> {
  // By its name, which holds the run's id: users are given no right to read Secrets.
  const path = tokenPath(run, firstOfStep(delivery));
  await ifAllowed(() => client.delete(path, { signal }));
}

/** Takes away the run's Pods of one role, but for those of these names. Throws ApiError. */
export async function removeRole(
  client: ApiClient,
  run: RunPlace,
  role: Role,
  staying: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const path = collection.pods(run.namespace);
  const going = await namesBut(client, path, selectorOf(run.id, role), staying, signal);
  await deleteAll(client, path, going, { gracePeriodSeconds: 0, signal });
}

const servicePath = ({ id, namespace }: RunPlace) =>
  `${collection.services(namespace)}/${nameOf.service(id)}`;

const networkPolicyPath = ({ id, namespace }: RunPlace) =>
  `${collection.networkPolicies(namespace)}/${nameOf.networkPolicy(id)}`;

/** Takes away one object of a run, where it is the run's. */
function removeNamed(client: ApiClient, { id }: RunPlace, path: string, signal: AbortSignal) {
  const isOwn = ({ metadata }: ApiObject) => metadata?.labels?.[RUN_LABEL] === id;
  return removeOwn(client, path, isOwn, signal);
}
