import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';

/** The name of the registry's container in its Pod; admission may have put others beside it. */
export const REGISTRY_CONTAINER = 'registry';

/** What the kubelet says of the registry's container: by name, since kubelets sort them by name. */
export function registryStatusOf(pod: V1Pod | undefined): V1ContainerStatus | undefined {
  return statusOf(pod, REGISTRY_CONTAINER);
}

/** What the kubelet says of a Pod's container of this name. */
export function statusOf(pod: V1Pod | undefined, container: string): V1ContainerStatus | undefined {
  return pod?.status?.containerStatuses?.find(({ name }) => name === container);
}

/**
 * Whether the registry says that it has verified all content. It is the container that says so: readiness
 * gates and other containers may keep the Pod from being Ready for ever. Its startup probe waits for just
 * that, and kubelets tell of it about a second before they call the container ready; one whose startup
 * probe somebody has taken away counts as started at once, so there it is the latter.
 */
export function hasVerifiedAll(pod: V1Pod | undefined): boolean {
  const probed = pod?.spec?.containers?.some(
    ({ name, startupProbe }) => name === REGISTRY_CONTAINER && startupProbe !== undefined,
  );
  const { ready, started } = registryStatusOf(pod) ?? {};
  return ready === true || (probed === true && started === true);
}

/** Whether a kubelet has taken the Pod: it says when it began before all else. */
export function isTaken(pod: V1Pod | undefined): boolean {
  return pod?.status?.startTime !== undefined || registryStatusOf(pod) !== undefined;
}

/** Why the scheduler has found no node for a Pod, in its own words; undefined while it has said nothing of the kind. */
export function unscheduledWords(pod: V1Pod | undefined): string | undefined {
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False'
    ? `the scheduler says: ${(scheduled.message ?? scheduled.reason ?? 'no node takes it').replace(/\.$/, '')}`
    : undefined;
}
