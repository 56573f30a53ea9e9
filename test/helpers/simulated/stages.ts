/*
 * What kwok plays on simulated nodes, in place of a kubelet: stages through which a Pod goes. kwok reads them as YAML
 * documents (https://kwok.sigs.k8s.io/docs/user/stages-configuration), and JSON is YAML.
 */

/** What becomes of Pods on some of the simulated nodes; on all others they run at once. */
export interface Played {
  /** Names of nodes whose Pods wait until they have the label `RELEASED`. */
  readonly held?: readonly string[];
  /** What the kubelets of some nodes say of each image that they are to pull, by the nodes' names. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** The label by which a Pod on a held node is let go on. */
export const RELEASED = 'jackal-test/released';

type Expression = readonly [key: string, operator: string, ...values: string[]];

/** The configuration of kwok for nodes that play so. */
export function stagesOf({ held = [], refused = {} }: Played): string {
  const special = [...held, ...Object.keys(refused)];
  const stages = [
    NODE_READY,
    stage('ended', [['.metadata.deletionTimestamp', 'Exists']], { delete: true }),
    running('runs', special.length > 0 ? [['.spec.nodeName', 'NotIn', ...special]] : []),
    ...(held.length > 0
      ? [
          running('released', [
            ['.spec.nodeName', 'In', ...held],
            [`.metadata.labels["${RELEASED}"]`, 'Exists'],
          ]),
        ]
      : []),
    ...Object.entries(refused).map(([node, words], index) =>
      stage(`refused-${index}`, [...ALIVE, ['.spec.nodeName', 'In', node]], {
        statusTemplate: statusTemplate('Pending', {
          waiting: { reason: 'ErrImagePull', message: words },
        }),
      }),
    ),
  ];
  return stages.map((one) => JSON.stringify(one)).join('\n---\n');
}

/** Without a stage for nodes kwok renews no Leases of theirs. */
const NODE_READY = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'node-ready' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Node' },
    selector: {
      matchExpressions: [
        {
          key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
          operator: 'NotIn',
          values: ['True'],
        },
      ],
    },
    next: {
      statusTemplate:
        'conditions:\n- {type: Ready, status: "True", reason: KubeletReady, message: simulated, lastHeartbeatTime: {{ Quote Now }}, lastTransitionTime: {{ Quote Now }}}\n',
    },
  },
};

const ALIVE: readonly Expression[] = [['.metadata.deletionTimestamp', 'DoesNotExist']];

function running(name: string, more: readonly Expression[]): object {
  const once: Expression = ['.status.podIP', 'DoesNotExist'];
  return stage(name, [...ALIVE, once, ...more], {
    statusTemplate: statusTemplate('Running', {
      running: { startedAt: '{{ Now }}' },
    }),
  });
}

function stage(name: string, expressions: readonly Expression[], next: object): object {
  const matchExpressions = expressions.map(([key, operator, ...values]) => ({
    ...{ key, operator },
    ...(values.length > 0 && { values }),
  }));
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name: `pod-${name}` },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: { matchExpressions },
      next,
    },
  };
}

/** A Pod's status with all its containers in one state, as a template of Go's that gives YAML. */
function statusTemplate(phase: 'Running' | 'Pending', state: object): string {
  const runs = phase === 'Running';
  return [
    `phase: ${phase}`,
    ...(runs
      ? [
          'startTime: {{ Quote Now }}',
          'hostIP: {{ NodeIPWith .spec.nodeName | Quote }}',
          'podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}',
          'conditions:',
          ...['Initialized', 'ContainersReady', 'Ready'].map(
            (type) => `- {type: ${type}, status: "True", lastTransitionTime: {{ Quote Now }}}`,
          ),
        ]
      : []),
    'containerStatuses:',
    '{{ range .spec.containers }}',
    '- name: {{ .name | Quote }}',
    '  image: {{ .image | Quote }}',
    '  imageID: ""',
    `  ready: ${runs}`,
    '  restartCount: 0',
    `  state: ${JSON.stringify(state)}`,
    '{{ end }}',
    '',
  ].join('\n');
}
