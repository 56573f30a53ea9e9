/** What goes wrong with a recipe by its page, done to it. */
export interface Mistake {
  /** Name of the recipe. */
  readonly of: string;
  readonly title: string;
  /** Texts of its workflow and what stands in their place. */
  readonly changes: readonly (readonly [right: string, wrong: string])[];
  /** What the log says. */
  readonly says: RegExp;
}

/** Does not wait for a Pod that never starts. */
const NO_ROLLOUT = [' && kubectl rollout status deployment/web', ' && exit 1'] as const;

/** The mistakes of which the pages say what comes of them. */
export const MISTAKES: readonly Mistake[] = [
  {
    of: 'buildx.md: build-push-action with load',
    title: 'without load the daemon has no such image',
    changes: [[', load: true', '']],
    says: /::error title=[^:]+::The daemon at \S+ has no image acme\/web:ci/,
  },
  {
    of: 'deploy.md: Helm 4',
    title: 'a path is no post-renderer',
    changes: [['outputs.helm-plugin }}', 'outputs.post-renderer }}']],
    says: /plugin: \{Name:\S+ Type:postrenderer\/v1\} not found/,
  },
  {
    of: 'deploy.md: Kustomize',
    title: 'a component has no absolute path',
    changes: [['$(realpath --relative-to=with-images "$KUSTOMIZATION")', '"$KUSTOMIZATION"']],
    says: /new root '\S+' cannot be absolute/,
  },
  ...[
    ['podman.md: podman and buildah', 'localhost/acme/web:ci'],
    ['ko.md: ko', 'image'],
    ['bazel.md: Bazel: rules_oci and rules_img', 'image'],
    ['apko.md: apko', 'image'],
    ['nix.md: Nix: dockerTools', 'acme/web:0k5rz2qz8rbvyd'],
  ].map(([of = '', name = '']) => ({
    ...{ of, title: 'without a name in the line manifests do not mean it' },
    changes: [[' as acme/web:ci', ''] as const, NO_ROLLOUT],
    says: new RegExp(`Images: ${name} `),
  })),
];
