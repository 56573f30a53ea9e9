import type { ToolName } from '../../helpers/tools.js';

/** This action, which is executed as it is. */
export const OWN = 'jackal-inject/jackal-inject';

/** What `uses:` is executed by act itself: it copies the workspace into each job. */
export const CHECKOUT = 'actions/checkout';

/** What stands for the `uses:` of others, none of which can be fetched: a directory below `actions`. */
export const ACTIONS: Readonly<Record<string, string>> = {
  'AbsaOSS/k3d-action': 'k3d',
  'actions/download-artifact': 'download-artifact',
  'actions/setup-go': 'there-already',
  'actions/setup-java': 'there-already',
  'actions/upload-artifact': 'upload-artifact',
  'azure/setup-helm': 'setup-helm',
  'cachix/install-nix-action': 'there-already',
  'docker/bake-action': 'bake',
  'docker/build-push-action': 'build-push',
  'docker/setup-buildx-action': 'setup-buildx',
  'helm/kind-action': 'kind',
  'ko-build/setup-ko': 'there-already',
};

/** Programs that runners have, or that a `uses:` above installs: the real ones. */
export const TOOLS = {
  buildah: 'buildah',
  'helm-v3.22.0': 'helm3',
  'helm-v4.3.2': 'helm4',
  jq: 'jq',
  ko: 'ko',
  mvn: 'mvn',
  podman: 'podman',
  skopeo: 'skopeo',
} as const satisfies Readonly<Record<string, ToolName>>;

/** Programs that cannot be had: scripts below `programs` do what they leave behind. Their pages say so. */
export const PROGRAMS = ['apko', 'bazel', 'minikube', 'nix'] as const;
