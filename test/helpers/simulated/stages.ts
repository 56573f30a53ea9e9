/*
 * What kwok plays on simulated nodes, in place of a kubelet: stages through which a Pod goes. kwok reads them as YAML
 * documents (https://kwok.sigs.k8s.io/docs/user/stages-configuration), and JSON is YAML.
 */

/** What a node's kubelet says of each image that it is to pull, in place of running it. */
export interface Refusal {
  readonly node: string;
  readonly words: string;
}

/** The label of Pods that are refused where there is a refusal; on all other nodes they run, too. */
export const REFUSED = 'jackal-test/refused';

type Expression = readonly [key: string, operator: string, ...values: string[]];

/** The configuration of kwok. */
export function stagesOf(refusal?: Refusal): string {
  const label = `.metadata.labels["${REFUSED}"]`;
  const stages = [
    NODE_READY,
    stage('ended', [['.metadata.deletionTimestamp', 'Exists']], { delete: true }),
    running('runs', [[label, 'DoesNotExist']]),
  ];
  if (refusal !== undefined) {
    const { node, words } = refusal;
    const isRefused: Expression = [label, 'Exists'];
    const waiting = { reason: 'ErrImagePull', message: words };
    stages.push(
      running('runs-elsewhere', [isRefused, ['.spec.nodeName', 'NotIn', node]]),
      stage('refused', [...ALIVE, isRefused, ['.spec.nodeName', 'In', node]], {
        statusTemplate: statusTemplate('Pending', { waiting }),
      }),
    );
  }
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
