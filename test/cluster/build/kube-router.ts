import { type BuildOptions, built, go, goEnvironment } from './built.js';

/** Version of kube-router, of which nodes run the part alone that brings NetworkPolicies about. */
const KUBE_ROUTER = 'v2.1.0';

/** The directory with `kube-router`. */
export async function kubeRouterBinary(options: BuildOptions = {}): Promise<string> {
  const program = `github.com/cloudnativelabs/kube-router/v2/cmd/kube-router@${KUBE_ROUTER}`;
  const make = async (directory: string) => {
    await go(['install', program], directory, options, goEnvironment({ GOBIN: directory }));
  };
  return await built(`kube-router-${KUBE_ROUTER}-${process.arch}`, make, options);
}
