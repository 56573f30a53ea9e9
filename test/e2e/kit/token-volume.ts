import type { Cluster } from '../../cluster/cluster.js';
import { run } from '../../cluster/command.js';
import { until } from '../../cluster/until.js';
import { apply, kubectl } from '../../helpers/site.js';

const PLACE = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The Secret that the Pod mounts, and those to which tokens are bound: a token ends with its own. */
const MOUNTED = 'changing-token';
const HOLDERS = ['first-holder', 'second-holder'] as const;

/**
 * A service account's files in a Pod, of which the token can be replaced at once: a kubelet does so by itself, with the
 * same swap of links, but not before the token has lived for eight minutes.
 */
export class TokenVolume {
  private constructor(
    private readonly cluster: Cluster,
    private readonly namespace: string,
    private readonly tokens: readonly [first: string, second: string],
  ) {}

  static async create(cluster: Cluster, namespace: string, account: string): Promise<TokenVolume> {
    const inNamespace = ['--namespace', namespace];
    const tokenBy = async (holder: string) => {
      await kubectl(cluster, 'create', ...inNamespace, 'secret', 'generic', holder);
      const bound = ['--bound-object-kind=Secret', `--bound-object-name=${holder}`];
      return (await kubectl(cluster, 'create', ...inNamespace, 'token', account, ...bound)).trim();
    };
    const tokens = [await tokenBy(HOLDERS[0]), await tokenBy(HOLDERS[1])] as const;
    const roots = ['get', ...inNamespace, 'configmap', 'kube-root-ca.crt'];
    const query = ['--output', 'jsonpath={.data.ca\\.crt}'];
    const ask = () => kubectl(cluster, ...roots, ...query);
    const authority = await until('the namespace to have the authority', ask);
    await apply(cluster, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: MOUNTED, namespace },
      stringData: { token: tokens[0], namespace, 'ca.crt': authority },
    });
    return new TokenVolume(cluster, namespace, tokens);
  }

  /** What the Pod is to have. */
  get podParts() {
    return {
      volumes: [{ name: MOUNTED, secret: { secretName: MOUNTED } }],
      volumeMounts: [{ name: MOUNTED, mountPath: PLACE, readOnly: true }],
    };
  }

  /** Puts the second token in the place of the first one, which is refused from then on. */
  async rotate(pod: string): Promise<void> {
    const [first, second] = this.tokens;
    const patch = `--patch=${JSON.stringify({ stringData: { token: second } })}`;
    await this.kubectl('patch', 'secret', MOUNTED, patch);
    // Another Secret of the same name is not what the token is bound to.
    await this.kubectl('delete', 'secret', HOLDERS[0]);
    await this.kubectl('create', 'secret', 'generic', HOLDERS[0]);
    // The kubelet looks after the volumes of a Pod that changes at once, and else once a minute.
    await this.kubectl('annotate', 'pod', pod, 'rotated=true');
    const print = `require("fs").readFileSync("${PLACE}/token", "utf8")`;
    const read = [pod, '--container=runner', '--', process.execPath, '--print', print];
    const isThere = async () => (await this.kubectl('exec', ...read)).trim() === second;
    await until('the Pod to have the second token', isThere);
    // The API server remembers for ten seconds that it knew a token.
    const isRefused = async () => !(await this.isKnown(first));
    await until('the first token to be refused', isRefused);
  }

  private async isKnown(token: string): Promise<boolean> {
    const to = [`--server=${this.cluster.server}`, '--insecure-skip-tls-verify'];
    const command = ['--kubeconfig=/dev/null', ...to, `--token=${token}`, 'auth', 'whoami'];
    return (await run(this.cluster.kubectl, command, { anyStatus: true })).status === 0;
  }

  private async kubectl(verb: string, ...args: string[]): Promise<string> {
    return await kubectl(this.cluster, verb, '--namespace', this.namespace, ...args);
  }
}
