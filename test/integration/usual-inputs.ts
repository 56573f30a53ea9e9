/** What a step is given besides its images, their compression and the cluster. */
export const USUAL_INPUTS = {
  namespace: 'jackal-inject',
  timeout: 600,
  configMapBudget: 1e9,
  route: 'auto' as const,
  allowMissingPlatforms: false,
  onUnavailableNode: 'warn' as const,
  keep: 'job' as const,
  command: 'inject' as const,
  rewrite: 'none' as const,
  rewriteNamespaces: '' as const,
  carrier: { carrier: 'auto' as const },
};
